// What became of a text, line by line. Pure: texts in, runs out.

const DENSE = 20000; // A line that would make more pairs than this anchors nothing.
const KEPT = "kept", DROPPED = "dropped", OURS = "ours";

const linesOf = (text) => {
  const lines = text.split("\n");
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines;
};

/** The lines as they stood before: a compressor may put a line's number before it ("12: …"). */
function ungutted(b, a) {
  return b.map((line) => {
    const found = /^\s*(\d+): ?(.*)$/su.exec(line);
    return found && a[found[1] - 1] === found[2] ? found[2] : line;
  });
}

/** Runs {kind, before, after, count} that lead from the lines `a` to those shown; `before` and
    `after` are where a run begins in either. */
function runsBetween(a, shown) {
  const b = ungutted(shown, a);
  const pairs = extended(a, b, anchors(a, b));
  const runs = [];
  const add = (kind, before, after, count) => {
    const last = runs.at(-1);
    if (count < 1) return;
    if (last?.kind === kind) last.count += count;
    else runs.push({ kind, before, after, count });
  };
  let i = 0, j = 0;
  for (const [x, y] of [...pairs, [a.length, b.length]]) {
    add(DROPPED, i, j, x - i);
    add(OURS, x, j, y - j);
    if (x < a.length) add(KEPT, x, y, 1);
    i = x + 1;
    j = y + 1;
  }
  return runs;
}

/** The longest list of lines common to both, as pairs of places (Hunt and Szymanski). Lines that
    stand in both too often are left out: they say nothing about what belongs together. */
function anchors(a, b) {
  const places = new Map();
  b.forEach((line, j) => { const list = places.get(line); if (list) list.push(j); else places.set(line, [j]); });
  const counts = new Map();
  for (const line of a) if (places.has(line)) counts.set(line, (counts.get(line) ?? 0) + 1);
  const ends = [], links = [];
  a.forEach((line, i) => {
    const list = places.get(line);
    if (!list || list.length * counts.get(line) > DENSE) return;
    for (let n = list.length - 1; n >= 0; n--) {
      const j = list[n];
      let low = 0, high = ends.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ends[middle] < j) low = middle + 1; else high = middle;
      }
      if (ends[low] === j) continue;
      ends[low] = j;
      links[low] = { i, j, last: low ? links[low - 1] : null };
    }
  });
  const pairs = [];
  for (let link = links.at(-1); link; link = link.last) pairs.push([link.i, link.j]);
  return pairs.reverse();
}

/** The pairs with all equal lines beside them: what was too frequent to be an anchor. */
function extended(a, b, pairs) {
  const all = [];
  let i = 0, j = 0;
  for (const [x, y] of [...pairs, [a.length, b.length]]) {
    while (i < x && j < y && a[i] === b[j]) all.push([i++, j++]);
    const back = [];
    let p = x - 1, q = y - 1;
    while (p >= i && q >= j && a[p] === b[q]) back.push([p--, q--]);
    all.push(...back.reverse());
    if (x < a.length) all.push([x, y]);
    i = x + 1;
    j = y + 1;
  }
  return all;
}
