// What the requests were about: kinds, agents, models; what happened to the cache.

const MOST_ROWS = 8;

/** Rows of a name, a count, what was saved, and a bar. Figures are named by where they stand. */
function barRows(body, rows, stats, shownNothing) {
  const some = rows.slice(0, MOST_ROWS);
  const most = Math.max(1, ...some.map((row) => row.before));
  reconcile(body, some.length ? some : [null], (row) => row?.key ?? "", (row) => (row
    ? h("tr", {}, h("th", { scope: "row" }, h("span", { class: "name" }), h("i", { class: "share" }, h("i"))), h("td"), h("td"), h("td"))
    : h("tr", { class: "nothing" }, h("td", { colspan: "4" }, shownNothing))), (node, row) => {
    if (!row) return;
    say(node.querySelector(".name"), row.name);
    mark(node.querySelector(".name"), "title", row.title ?? row.name);
    stretch(node.querySelector(".share"), row.before / most);
    stretch(node.querySelector(".share i"), row.before ? row.after / row.before : 0);
    row.cells.forEach(([data, path, shown, label], n) => {
      const cell = figure(node.children[n + 1], data, path, shown);
      mark(cell, "data-of", label);
    });
  });
}

function kinds(stats) {
  const edits = stats.edits ?? [];
  const isTwice = ({ compressor }) => edits.filter((one) => one.compressor === compressor).length > 1;
  const rows = edits.map((edit, n) => ({
    key: `${edit.compressor} ${edit.fidelity}`,
    name: `${edit.compressor.replaceAll("_", " ").replaceAll("+", " + ")}${isTwice(edit) ? `, ${edit.fidelity}` : ""}`,
    title: `${edit.compressor}, ${edit.fidelity}: ${format.count(edit.tokens_before)} → ${format.count(edit.tokens_after)} tokens`,
    before: edit.tokens_before,
    after: edit.tokens_after,
    cells: [
      [stats, `edits.${n}.count`, format.short],
      [stats, `edits.${n}.tokens_before`, format.short],
      [stats, `edits.${n}.tokens_after`, (value) => less(edit.tokens_before, value)],
    ],
  }));
  barRows($("kinds"), rows, stats, "No text has been shortened yet.");
}

/** How much less the second is, in percent. */
const less = (before, after) => (before ? `−${oneDigit.format((100 * (before - after)) / before)} %` : UNKNOWN);

function groups(body, found, shownNothing) {
  const rows = Object.entries(found ?? {}).map(([name, group]) => {
    const net = isKnown(group.bill?.net_saved)
      ? ["bill.net_saved", (value) => format.money(value, group.bill.currency)]
      : ["net_saved_tokens", (value) => `${format.short(value)} tok`];
    return {
      key: name, name: name || "unnamed", before: group.tokens_before, after: group.tokens_after,
      title: `${name || "unnamed"}: ${format.count(group.tokens_before)} → ${format.count(group.tokens_after)} tokens`,
      cells: [[group, "requests", format.short, name], [group, ...net, name], [group, "savings_percent", format.percent, name]],
    };
  });
  barRows(body, rows, null, shownNothing);
}

/** A list of things that happened, with how often; or a sentence that none did. */
function happened(list, stats, path, { text, extra, nothing }) {
  const events = under(stats, path) ?? [];
  reconcile(list, events.length ? events : [null], (event) => (event ? event[text] : ""), (event) => (event
    ? h("li", {}, h("span"), h("small"), h("b")) : h("li", { class: "nothing" }, nothing)), (node, event) => {
    if (!event) return;
    say(node.children[0], event[text]);
    say(node.children[1], extra?.(event) ?? "");
    figure(node.children[2], stats, `${path}.${events.indexOf(event)}.count`, format.count);
  });
}

function cacheEvents(stats) {
  happened($("busts"), stats, "busts", {
    text: "cause",
    extra: (event) => (event.tokens ? `${format.short(event.tokens)} tokens written anew` : ""),
    nothing: "No cache was lost between two requests of a session.",
  });
  const { epochs } = stats;
  show($("epochs"), Boolean(epochs?.count));
  if (epochs?.count) say($("epochs"), `After an idle time older texts were compressed anew: ${format.of(epochs.count, "time")}, ${format.short(epochs.tokens)} tokens.`);
  happened($("guard"), stats, "guard", {
    text: "what", nothing: "No marker of ours has turned up in what an agent was about to write.",
  });
}

function problems(stats) {
  const found = [...new Set([...(stats.problems ?? []), stats.trouble, stats.last_failure && `a text passed unchanged because compression failed: ${stats.last_failure}`].filter(Boolean))];
  if (stats.unsaved) found.push(`${format.of(stats.unsaved, "request")} wait for the disk; they are in the sums and not in the list`);
  show($("problems"), found.length > 0);
  reconcile($("problems"), found, (problem) => problem, (problem) => h("p", {}, problem), () => {});
}

function prices(stats) {
  const { prices: table } = stats;
  const own = table?.overridden?.length ? `; set by you: ${table.overridden.join(", ")}` : "";
  say($("prices"), table ? `Prices: ${table.source}, of ${table.date}${own}.` : "");
}
