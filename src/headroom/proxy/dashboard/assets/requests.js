// The latest requests. A row never changes once it is there: new ones come above it, and an opened
// one stays open, wherever it moves to.

class Requests {
  constructor(table, older) {
    Object.assign(this, { table, older, rows: [], more: false, hours: "", opened: new Map() });
    older.addEventListener("click", () => this.addOlder());
    table.addEventListener("keydown", (event) => this.key(event));
  }

  /** Take the newest; of what is known, that stays which joins them without a gap. */
  update({ requests, more, edits }, hours) {
    this.keepsEdits = edits;
    const known = hours === this.hours ? this.rows : [];
    const oldest = requests.at(-1);
    const joins = oldest && known.some((row) => row.id === oldest.id);
    const fresh = new Set(requests.map((row) => row.id));
    const rest = joins ? known.filter((row) => !fresh.has(row.id) && isOlder(row, oldest)) : [];
    this.hours = hours;
    this.more = rest.length ? this.more : more;
    this.rows = [...requests, ...rest];
    this.draw();
  }

  async addOlder() {
    const { hours } = this;
    this.older.disabled = true;
    try {
      const found = await ask("/stats/requests", { hours, limit: 100, before: this.rows.at(-1).id });
      if (hours !== this.hours) return;
      const first = found.requests[0];
      this.rows = [...this.rows, ...found.requests.filter((row) => !this.rows.some((one) => one.id === row.id))];
      this.more = found.more;
      this.draw();
      if (first) this.table.querySelector(`[data-key="${first.id}"] .open`)?.focus({ preventScroll: true });
    } catch (error) {
      say($("requests-note"), String(error.message));
    } finally {
      this.older.disabled = false;
    }
  }

  draw() {
    const head = this.table.tHead;
    const caption = this.table.caption;
    const items = [{ id: "caption", node: caption }, { id: "head", node: head }, ...this.rows];
    caption.dataset.key = "caption";
    head.dataset.key = "head";
    reconcile(this.table, items, (row) => row.id, (row) => requestRow(row, this), () => {});
    show(this.older, this.more);
    say($("requests-note"), this.keepsEdits === false ? "Texts of edits are not kept (keep_edits is off)." : "");
  }

  toggle(body, row, wanted = undefined) {
    const button = body.querySelector(".open");
    const open = wanted ?? button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    body.classList.toggle("opened", open);
    body.querySelector(".details")?.remove();
    if (!open) return;
    const cell = h("td", { role: "cell", colspan: "9" });
    const details = h("tr", { role: "row", class: "details", id: `details-${row.id}` }, cell);
    body.append(details);
    fillDetails(cell, row, this.keepsEdits);
  }

  key(event) {
    const body = event.target.closest("tbody");
    if (!body) return;
    const button = body.querySelector(".open");
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") {
      event.preventDefault();
      button.click();
      button.focus();
    }
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (next && event.target === button) {
      const other = body[next]?.querySelector?.(".open");
      if (other) {
        event.preventDefault();
        other.focus();
      }
    }
  }
}

const isOlder = (row, than) => row.time < than.time || (row.time === than.time && row.id < than.id);

function requestRow(row, list) {
  const number = (text, label, more = {}) => h("td", { role: "cell", class: "number", "data-label": label, ...more }, text);
  const open = h("button", { type: "button", class: "open", "aria-expanded": "false", "aria-controls": `details-${row.id}`, title: format.full(row.time) }, format.time(row.time));
  const failed = row.error || row.status >= 400;
  const line = h("tr", { role: "row", class: "line" },
    h("td", { role: "cell", class: "when" }, open, failed ? h("span", { class: "tag bad" }, row.error || String(row.status)) : null, row.arm && row.arm !== "compressed" ? h("span", { class: "tag" }, row.arm) : null),
    h("td", { role: "cell", class: "agent", "data-label": "agent" }, row.agent || "unnamed"),
    h("td", { role: "cell", class: "model", "data-label": "model", title: row.model }, row.model || "unnamed"),
    number([format.short(row.tokens_before), " → ", format.short(row.tokens_after)], "tokens", { title: `${format.count(row.tokens_before)} → ${format.count(row.tokens_after)}${row.exact ? "" : ", estimated"}` }),
    number(format.percent(row.savings_percent), "saved", { class: row.saved_tokens > 0 ? "number saved" : "number" }),
    number(row.usage ? [format.short(row.usage.cache_read), " · ", format.short(row.usage.cache_write), " · ", format.short(row.usage.fresh)] : UNKNOWN, "read · written · fresh", { class: "number cache" }),
    number(format.seconds(row.our_seconds), "ours"),
    number(format.seconds(row.first_byte_seconds), "first byte", { class: "number first" }),
    number(row.retrievals ? format.count(row.retrievals) : UNKNOWN, "retrieved", { class: row.retrievals ? "number" : "number none" }));
  const body = h("tbody", { role: "rowgroup", "data-name": row.name }, line);
  open.addEventListener("click", (event) => { event.stopPropagation(); list.toggle(body, row); });
  line.addEventListener("click", () => { if (!getSelection()?.toString()) list.toggle(body, row); });
  return body;
}

async function fillDetails(cell, row, keepsEdits) {
  const edits = h("div", { class: "edits", "aria-busy": "true" }, h("p", { class: "note" }, "Loading the edits …"));
  cell.append(facts(row), edits);
  const count = row.edited;
  try {
    const found = count && row.name ? await ask(`/stats/requests/${encodeURIComponent(row.name)}`) : { edits: [] };
    edits.replaceChildren(...editList(row, found.edits, count, keepsEdits));
  } catch (error) {
    edits.replaceChildren(h("p", { class: "wrong" }, `The edits cannot be shown: ${error.message}`));
  }
  edits.removeAttribute("aria-busy");
}

function facts(row) {
  const fact = (name, value) => (value ? [h("div", {}, h("dt", {}, name), h("dd", {}, value))] : []);
  const usage = (one) => one && `${format.count(one.cache_read)} read, ${format.count(one.cache_write)} written, ${format.count(one.fresh)} fresh, ${format.count(one.output)} output`;
  const skips = Object.entries(row.skips).map(([reason, count]) => `${format.count(count)} ${reason.replaceAll("_", " ")}`).join(", ");
  const events = row.events.map((event) => `${event.kind}: ${event.label}${event.count > 1 ? ` (${format.count(event.count)} times)` : ""}`).join("; ");
  return h("dl", { class: "facts" },
    fact("session", row.session), fact("project", row.project), fact("provider", [row.provider, row.format].filter(Boolean).join(", ")),
    fact("status", row.error ? `${row.status || "no answer"}, ${row.error}` : String(row.status)),
    fact("tokens", `${format.count(row.tokens_before)} → ${format.count(row.tokens_after)}${row.tool_tokens ? `, retrieve tool ${format.count(row.tool_tokens)}` : ""}${row.exact ? "" : " (estimated)"}`),
    fact("billed", usage(row.usage)), fact("without Headroom", row.before && usage(row.before)),
    fact("times", `${format.seconds(row.our_seconds)} ours, first byte ${format.seconds(row.first_byte_seconds)}, whole ${format.seconds(row.upstream_seconds)}`),
    fact("retrieved", row.retrievals && `${format.of(row.retrievals, "time")}, ${format.count(row.retrieved_tokens)} tokens`),
    fact("left as it was", skips), fact("failure", row.failure), fact("events", events));
}

function editList(row, edits, count, keepsEdits) {
  if (!count) return [h("p", { class: "note" }, "Nothing was shortened in this request.")];
  if (!edits.length) {
    return [h("p", { class: "note" }, keepsEdits === false
      ? `${format.of(count, "text")} shortened. Their texts are not kept: the setting keep_edits is off.`
      : `${format.of(count, "text")} shortened. Their texts are not kept for this view, which has those of the latest requests, and only of some where many come at once. The originals are in the store as long as its retention says.`)];
  }
  const fresh = edits.filter((edit) => edit.is_new), old = edits.filter((edit) => !edit.is_new);
  const list = (some, opened) => h("ul", { class: "edit-list" }, some.map((edit, n) => editItem(row, edit, opened && n === 0)));
  const nodes = [h("h3", {}, fresh.length ? `${format.of(fresh.length, "edit")} new in this request` : "No edit is new in this request")];
  if (fresh.length) nodes.push(list(fresh, true));
  if (old.length) {
    const folded = h("details", {}, h("summary", {}, `${format.of(old.length, "edit")} of earlier requests, sent again as they were`));
    folded.addEventListener("toggle", () => { if (folded.open && !folded.querySelector("ul")) folded.append(list(old, false)); });
    nodes.push(folded);
  }
  return nodes;
}

function editItem(row, edit, opened) {
  const name = edit.compressor.replaceAll("_", " ").replaceAll("+", " + ");
  const button = h("button", { type: "button", class: "edit", "aria-expanded": "false" },
    h("b", {}, name), h("span", { class: "tag" }, edit.fidelity), h("span", { class: "path" }, edit.path),
    h("span", { class: "number" }, `${format.count(edit.tokens_before)} → ${format.count(edit.tokens_after)} tokens`));
  const item = h("li", {}, button);
  const toggle = async () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    item.querySelector(".view, .wrong")?.remove();
    if (!open) return;
    try {
      const whole = edit.before === null ? await ask(`/stats/requests/${encodeURIComponent(row.name)}`, { edit: edit.place }) : edit;
      if (button.getAttribute("aria-expanded") === "true" && !item.querySelector(".view")) item.append(editView(whole));
    } catch (error) {
      item.append(h("p", { class: "wrong" }, `This edit cannot be shown: ${error.message}`));
    }
  };
  button.addEventListener("click", toggle);
  if (opened) toggle();
  return item;
}
