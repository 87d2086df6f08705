// Columns over time. What it draws are the points of `/stats/series`, as they come.

const SVG = "http://www.w3.org/2000/svg";
const LAYERS = {
  tokens: [
    { name: "sent", tone: "sent", of: (point) => point.tokens_after },
    { name: "saved", tone: "saved", of: (point) => point.saved_tokens },
  ],
  cache: [
    { name: "read from cache", tone: "read", of: (point) => point.usage.cache_read },
    { name: "written to cache", tone: "write", of: (point) => point.usage.cache_write },
    { name: "fresh", tone: "fresh", of: (point) => point.usage.fresh },
  ],
  requests: [{ name: "requests", tone: "sent", of: (point) => point.requests }],
};
const UNITS = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 30 * 24, 90 * 24].map((hours) => hours * 3600);
const EDGE = { top: 8, right: 4, bottom: 22, left: 46 };

function draw(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Round numbers from zero to at least `most`, few of them. */
function ticks(most) {
  if (most <= 0) return [0, 1];
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.5, 1, 2].map((part) => part * size).find((part) => most / part <= 5) ?? 2 * size;
  const whole = Math.max(step, 1);
  return Array.from({ length: Math.ceil(most / whole) + 1 }, (_, n) => n * whole);
}

class Chart {
  constructor(plot, readout) {
    Object.assign(this, { plot, readout, layers: "tokens", chosen: null, series: null });
    this.svg = draw("svg", { tabindex: "0", role: "img" });
    plot.replaceChildren(this.svg);
    new ResizeObserver(() => this.draw()).observe(plot);
    this.svg.addEventListener("keydown", (event) => this.step(event));
    this.svg.addEventListener("pointermove", (event) => this.choose(this.under(event)));
    this.svg.addEventListener("pointerleave", () => this.choose(null));
    this.svg.addEventListener("blur", () => this.choose(null));
  }

  update(series) {
    const said = JSON.stringify([series.points, series.step, this.layers, Math.floor(Date.now() / 1000 / series.step)]);
    this.series = series;
    if (said !== this.drawn) this.draw();
    this.drawn = said;
  }

  show(layers) {
    this.layers = layers;
    this.draw();
  }

  /** Columns from the range's start to now; a span without requests has a place and no column. */
  spans() {
    const { points, step, since } = this.series;
    const last = Math.max(points.at(-1)?.start ?? 0, Date.now() / 1000 - step);
    const first = points[0]?.start ?? last;
    let start = since === null ? first : first - Math.max(0, Math.floor((first - since) / step)) * step;
    const count = Math.min(2000, Math.max(1, Math.floor((last - start) / step + 1e-6) + 1));
    return { start, count };
  }

  draw() {
    const { width, height } = this.plot.getBoundingClientRect();
    if (!this.series || width < 40) return;
    const layers = LAYERS[this.layers];
    const { points, step } = this.series;
    const sums = points.map((point) => layers.reduce((sum, layer) => sum + Math.max(0, layer.of(point) || 0), 0));
    const scale = ticks(Math.max(0, ...sums));
    const { start, count } = this.spans();
    const room = { width: width - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
    const y = (value) => EDGE.top + room.height * (1 - value / scale.at(-1));
    const slot = room.width / count;
    const wide = Math.max(1, Math.min(slot - (slot > 4 ? 2 : 0.5), 44));
    const x = (point) => EDGE.left + ((point.start - start) / step) * slot + (slot - wide) / 2;
    this.place = { slot, start, step, x };
    const lines = scale.map((value) => draw("g", { class: "rule" },
      draw("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
      draw("text", { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, format.short(value))));
    this.columns = points.map((point) => this.column(point, layers, x(point), wide, y));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", `${this.layers} over time, ${format.of(points.length, "column")}; arrow keys read them out`);
    this.svg.replaceChildren(...lines, ...this.times(start, count, slot, height), ...this.columns);
    this.choose(this.chosen);
  }

  column(point, layers, left, wide, y) {
    let base = 0;
    const parts = layers.map((layer) => {
      const value = Math.max(0, layer.of(point) || 0);
      const top = y(base + value), height = Math.max(0, y(base) - top);
      base += value;
      return draw("rect", { class: layer.tone, x: left, y: top, width: wide, height, rx: Math.min(2, wide / 4) });
    });
    return draw("g", { class: "column" }, ...parts);
  }

  /** Labels at round times of the day, or at days, as many as there is room for. */
  times(start, count, slot, height) {
    const { step } = this.series;
    const every = UNITS.find((unit) => unit >= step && (unit / step) * slot >= 64) ?? UNITS.at(-1);
    const labels = [];
    for (let n = 0; n < count; n++) {
      const when = start + n * step;
      const local = when - new Date(when * 1000).getTimezoneOffset() * 60;
      const x = EDGE.left + n * slot;
      if (local % every || x > EDGE.left + count * slot - 24) continue;
      const said = local % 86400 ? minutes.format(when * 1000) : dayName.format(when * 1000);
      labels.push(draw("text", { class: "when", x: x + Math.min(slot / 2, 22), y: height - 6, "text-anchor": "middle" }, said));
    }
    return labels;
  }

  under(event) {
    const { start, step, slot } = this.place;
    const left = event.clientX - this.svg.getBoundingClientRect().left - EDGE.left;
    const when = start + Math.floor(left / slot) * step;
    return this.series.points.find((point) => Math.abs(point.start - when) < step / 2)?.start ?? null;
  }

  step(event) {
    const { points } = this.series ?? { points: [] };
    const here = points.findIndex((point) => point.start === this.chosen);
    const to = { ArrowLeft: here < 0 ? points.length - 1 : here - 1, ArrowRight: here + 1, Home: 0, End: points.length - 1 }[event.key];
    if (to === undefined || !points.length) return;
    event.preventDefault();
    this.choose(points[Math.max(0, Math.min(points.length - 1, to))].start);
  }

  choose(start) {
    this.chosen = start;
    const { points = [], step } = this.series ?? {};
    const chosen = points.find((point) => point.start === start);
    points.forEach((point, n) => this.columns?.[n]?.classList.toggle("chosen", point === chosen));
    this.svg.classList.toggle("choosing", Boolean(chosen));
    const parts = LAYERS[this.layers].map((layer) => h("span", { class: `key ${layer.tone}` },
      chosen ? `${layer.name} ${format.count(layer.of(chosen))}` : layer.name));
    const when = chosen ? h("b", {}, `${format.span(chosen.start, step)} · ${format.of(chosen.requests, "request")}`) : "";
    const said = [when?.textContent, ...parts.map((part) => part.textContent)].join("|");
    if (said === this.said) return;
    this.said = said;
    this.readout.replaceChildren(...parts, ...(when ? [when] : []));
  }
}

const COLUMNS = [
  ["requests", (point) => point.requests],
  ["tokens before", (point) => point.tokens_before],
  ["tokens sent", (point) => point.tokens_after],
  ["saved", (point) => point.saved_tokens],
  ["cache read", (point) => point.usage.cache_read],
  ["cache written", (point) => point.usage.cache_write],
  ["fresh", (point) => point.usage.fresh],
];

function pointsTable({ points, step, earlier }) {
  if (!$("points-head").firstChild) {
    $("points-head").append(h("tr", {}, ["from", ...COLUMNS.map(([name]) => name)].map((name) => h("th", { scope: "col" }, name))));
  }
  const rows = [...points].reverse();
  if (earlier) rows.push(earlier);
  reconcile($("points"), rows, (point) => point.start, () => h("tr", {}, h("th", { scope: "row" }), COLUMNS.map(() => h("td"))), (row, point) => {
    say(row.firstChild, point.start ? format.span(point.start, step) : "earlier");
    COLUMNS.forEach(([, of], n) => say(row.children[n + 1], format.count(of(point))));
  });
}
