// Figures as a person reads them, in the browser's language. Nothing here adds anything up.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumSignificantDigits: 3 });
const oneDigit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minutes = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayName = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const UNKNOWN = "–";

const isKnown = (value) => typeof value === "number" && Number.isFinite(value);

const format = {
  count: (value) => (isKnown(value) ? whole.format(value) : UNKNOWN),
  short: (value) => (!isKnown(value) ? UNKNOWN : Math.abs(value) < 10000 ? whole.format(value) : compact.format(value)),
  percent: (value) => (isKnown(value) ? `${oneDigit.format(value)} %` : UNKNOWN),

  money(value, currency = "USD") {
    if (!isKnown(value)) return UNKNOWN;
    const size = Math.abs(value);
    const digits = size >= 1000 ? 0 : size >= 0.1 || size === 0 ? 2 : 4;
    return new Intl.NumberFormat(undefined, {
      style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(value);
  },

  seconds(value) {
    if (!isKnown(value)) return UNKNOWN;
    if (value < 0.00095) return "< 1 ms";
    if (value < 0.01) return `${oneDigit.format(value * 1000)} ms`;
    if (value < 0.9995) return `${whole.format(value * 1000)} ms`;
    return value < 99.95 ? `${oneDigit.format(value)} s` : `${whole.format(value)} s`;
  },

  time(seconds) {
    const when = new Date(seconds * 1000);
    const today = new Date().toDateString() === when.toDateString();
    return today ? clock.format(when) : `${dayName.format(when)}, ${minutes.format(when)}`;
  },

  /** The start of a span of `step` seconds. */
  span(seconds, step) {
    const when = new Date(seconds * 1000);
    if (step >= 86400) return dayName.format(when);
    const today = new Date().toDateString() === when.toDateString();
    return today ? minutes.format(when) : `${dayName.format(when)}, ${minutes.format(when)}`;
  },

  /** A word for one or many. */
  of: (count, one, many = `${one}s`) => `${whole.format(count)} ${count === 1 ? one : many}`,
  full: (seconds) => new Date(seconds * 1000).toLocaleString(),
};
