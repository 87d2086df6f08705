// The headline and the key figures: each of them a figure of `/stats`, none worked out here.

const TIERS = [
  ["fresh", "fresh input"],
  ["cache_read", "read from cache"],
  ["cache_write", "written to cache"],
  ["cache_write_long", "of it for the longer time"],
  ["output", "output"],
];

function headline(stats) {
  const { bill } = stats;
  const money = (value) => format.money(value, bill?.currency);
  const priced = isKnown(bill?.net_saved);
  const [net, shown] = priced ? ["bill.net_saved", money] : bill ? ["bill.net_units", format.short] : ["net_saved_tokens", format.short];
  figure($("bill-net"), stats, net, shown);
  const part = priced ? "bill.net_saved_percent" : bill ? "bill.net_percent" : "savings_percent";
  figure($("bill-percent"), stats, part, (value) => (isKnown(value) ? `${format.percent(value)} of ${bill ? "the bill" : "the tokens"}` : ""));
  const loses = (under(stats, net) ?? 0) < 0;
  mark($("bill-net"), "data-loses", loses || null);
  say($("bill-title"), loses ? "Net lost" : "Net saved");
  say($("bill-said"), sentence(bill, priced, money, stats));
  bars(stats, bill ? (priced ? ["bill.cost_before", "bill.cost_after", money] : ["bill.units_before", "bill.units_after", format.short]) : ["tokens_before", "tokens_after", format.short]);
  note(bill);
}

function sentence(bill, priced, money, stats) {
  if (!bill) return `${format.short(stats.tokens_before)} tokens came in, ${format.short(stats.tokens_after)} went to the provider.`;
  if (priced) return `The bill came to ${money(bill.cost_after)}. Without Headroom it would have been ${money(bill.cost_before)}.`;
  return `Counted in units of one fresh input token, at the provider's own steps, because no price is known: ${format.short(bill.units_after)} instead of ${format.short(bill.units_before)}.`;
}

function bars(stats, [before, after, shown]) {
  const most = Math.max(under(stats, before) ?? 0, under(stats, after) ?? 0);
  const rows = [["without", before, "plain"], ["billed", after, "ours"]];
  reconcile($("bill-bars"), rows, ([name]) => name,
    ([name, , tone]) => h("div", { class: "bar" }, h("span", {}, name), h("i", { class: tone }), h("b")),
    (row, [, path]) => {
      stretch(row.children[1], most ? (under(stats, path) ?? 0) / most : 0);
      figure(row.children[2], stats, path, shown);
    });
}

function note(bill) {
  const unpriced = Object.entries(bill?.unpriced ?? {});
  show($("bill-note"), unpriced.length > 0);
  const named = unpriced.map(([model, count]) => `${model || "unnamed"} (${format.count(count)})`).join(", ");
  say($("bill-note"), unpriced.length ? `Of ${format.of(bill.requests, "request")}, those of these models have no known price and are not in the money: ${named}.` : "");
}

function tiers(stats) {
  const { bill } = stats;
  const after = bill ? "bill.after" : "usage";
  const rows = TIERS.filter(([name]) => name !== "cache_write_long" || under(stats, `${after}.${name}`));
  reconcile($("tiers"), rows, ([name]) => name,
    ([name, said]) => h("tr", {}, h("th", { scope: "row" }, h("span", { class: `key ${name}` }, said)), h("td"), h("td")),
    (row, [name]) => {
      figure(row.children[1], stats, `bill.before.${name}`, format.short);
      figure(row.children[2], stats, `${after}.${name}`, format.short);
    });
  say($("tiers-note"), isKnown(stats.reported) && stats.reported < stats.requests
    ? `As reported with ${format.count(stats.reported)} of ${format.of(stats.requests, "answer")}; the others told no figures.` : "");
}

const KEYS = [
  ["requests", "Requests", ["requests", format.count], ["errors", (value) => (value ? format.of(value, "ended early", "ended early") : "none ended early")]],
  ["saved", "Tokens saved", ["savings_percent", format.percent], ["net_saved_tokens", (value) => `${format.short(value)} net`]],
  ["cache", "Cache hit rate", ["bill.cache_hit_percent", format.percent], ["usage.cache_read", (value) => `${format.short(value)} read`]],
  ["ours", "Added by Headroom", ["ours.median", format.seconds], ["ours.p95", (value) => `${format.seconds(value)} p95`]],
  ["first", "Provider's first byte", ["first_byte.median", format.seconds], ["first_byte.p95", (value) => `${format.seconds(value)} p95`]],
  ["retrievals", "Retrievals", ["retrievals", format.short], ["retrieved_tokens", (value) => `${format.short(value)} tokens`]],
];

function keys(stats) {
  reconcile($("keys"), KEYS, ([name]) => name,
    ([, title]) => h("div", {}, h("dt", {}, title), h("dd", {}, h("strong"), h("span"))),
    (cell, [, , ...figures]) => figures.forEach(([path, shown], n) => figure(cell.lastChild.children[n], stats, path, shown)));
}
