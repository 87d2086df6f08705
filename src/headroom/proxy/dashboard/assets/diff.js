// One edit to be looked at: which lines stayed, which were dropped, which are Headroom's own.
// However long a text is, only so many lines of it are in the page; the others come when asked for.

const SHOWN = { kept: [3, 3], dropped: [4, 2], ours: [80, 0] };
const PART = 400;
const LONG_LINE = 600;
const SIGNS = { kept: ["", ""], dropped: ["−", "dropped: "], ours: ["+", "Headroom's line: "] };

/** The view of one edit's texts, with a switch between what changed and either text whole. */
function editView(edit) {
  const before = linesOf(edit.before), after = linesOf(edit.after);
  const runs = runsBetween(before, after);
  const views = {
    changes: () => runs,
    before: () => [{ kind: KEPT, before: 0, after: 0, count: before.length, whole: true }],
    after: () => [{ kind: KEPT, before: 0, after: 0, count: after.length, whole: true, of: after }],
  };
  const body = h("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Lines of the edit" });
  const choose = (name) => {
    body.replaceChildren(linesTable(views[name](), before, after));
    body.scrollTop = 0;
  };
  choose("changes");
  return h("div", { class: "view" },
    h("div", { class: "head" }, legend(runs), switchOf(Object.keys(views), choose)),
    cutNote(edit), body);
}

function legend(runs) {
  const count = (kind) => runs.reduce((sum, run) => sum + (run.kind === kind ? run.count : 0), 0);
  return h("p", { class: "legend" },
    h("span", { class: "key kept" }, `${format.of(count(KEPT), "line")} kept`),
    h("span", { class: "key dropped" }, `${format.of(count(DROPPED), "line")} dropped`),
    h("span", { class: "key synthetic" }, `${format.of(count(OURS), "line")} of Headroom's`));
}

function switchOf(names, choose) {
  const group = `view${Math.random().toString(36).slice(2)}`;
  return h("fieldset", { class: "segments small" }, h("legend", { class: "unseen" }, "View"), names.map((name, n) =>
    h("label", {}, h("input", { type: "radio", name: group, checked: n === 0, onchange: () => choose(name) }), h("span", {}, name))));
}

function cutNote(edit) {
  const cut = [["before", edit.before_size], ["after", edit.after_size]]
    .filter(([name, size]) => [...edit[name]].length < size)
    .map(([name, size]) => `of the text ${name} (${format.count(size)} characters) only the first ${format.count([...edit[name]].length)} are kept`);
  return cut.length ? h("p", { class: "note" }, `For this view ${cut.join("; ")}: what follows them is not compared. The original itself is whole in the store.`) : null;
}

function linesTable(runs, before, after) {
  const body = h("tbody");
  for (const run of runs) body.append(...rowsOf(run, before, after));
  return h("table", { class: "diff" }, h("caption", { class: "unseen" }, "Line before, line after, and the text"), body);
}

/** The rows of a run; of a long one its beginning and its end, and a row between that opens it. */
function rowsOf(run, before, after) {
  const [head, tail] = run.whole ? [PART, 0] : SHOWN[run.kind];
  const row = (n) => lineRow(run, n, before, after);
  const range = (from, to) => Array.from({ length: to - from }, (_, n) => row(from + n));
  if (run.count <= head + tail + 2) return range(0, run.count);
  return [...range(0, head), fold(run, head, run.count - tail, range), ...range(run.count - tail, run.count)];
}

function fold(run, from, to, range) {
  const words = { kept: run.whole ? "more" : "unchanged", dropped: "dropped", ours: "of Headroom's" };
  const many = format.of(to - from, "line");
  const button = h("button", { type: "button", class: "unfold" }, to - from > PART
    ? `Show ${format.count(PART)} of ${many} ${words[run.kind]}` : `Show ${many} ${words[run.kind]}`);
  const node = h("tr", { class: `fold ${run.kind}` }, h("td", { colspan: "4" }, button));
  button.addEventListener("click", () => {
    const end = Math.min(to, from + PART);
    const rows = range(from, end);
    const rest = end < to ? fold(run, end, to, range) : null;
    node.replaceWith(...rows, ...(rest ? [rest] : []));
    (rest?.querySelector("button") ?? rows[0].closest(".lines")).focus({ preventScroll: true });
  });
  return node;
}

function lineRow(run, n, before, after) {
  const { kind } = run;
  const [sign, word] = SIGNS[kind];
  const text = run.of ? run.of[n] : kind === OURS ? after[run.after + n] : before[run.before + n];
  const old = kind === OURS || run.of ? "" : String(run.before + n + 1);
  const now = kind === DROPPED || (run.whole && !run.of) ? "" : String(run.after + n + 1);
  return h("tr", { class: kind }, h("td", { class: "line" }, old), h("td", { class: "line" }, now),
    h("td", { class: "sign", "aria-hidden": "true" }, sign), h("td", { class: "text" }, word ? h("span", { class: "unseen" }, word) : null, ...lineText(text)));
}

function lineText(text) {
  if (text.length <= LONG_LINE) return [text];
  const button = h("button", { type: "button", class: "unfold", onclick: () => button.replaceWith(text.slice(LONG_LINE)) },
    `… ${format.count(text.length - LONG_LINE)} more characters`);
  return [text.slice(0, LONG_LINE), button];
}
