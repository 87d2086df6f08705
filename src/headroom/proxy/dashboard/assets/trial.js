// Sessions that were left alone against those that were compressed: what `/stats` says of both.

const TONES = { saves: "good", "costs more": "bad" };
const ARMS = [["compressed", "compressed"], ["held out", "held out"]];
const HEADS = {
  cost: "What a session cost on average",
  units: "Of one fresh input token each, a session on average: not all prices are known",
  turns: "Requests of a session on average",
  cached: "Input that the provider read from its cache",
};
const HINT = "With --holdout 0.1 one session in ten passes uncompressed, and the two are compared here.";

function trial(stats) {
  const found = stats.holdout;
  const said = JSON.stringify(found ?? null);
  if ($("trial").dataset.said === said) return;
  $("trial").dataset.said = said;
  const held = found?.arms?.["held out"]?.sessions;
  const nodes = held || found?.share ? comparison(stats, found) : [h("p", { class: "nothing" }, `No sessions are held out. ${HINT}`)];
  $("trial").replaceChildren(...nodes, ...switchedOff(found?.switched_off ?? []));
}

function comparison(stats, found) {
  const verdict = h("p", { class: "verdict", "data-tone": TONES[found.verdict] });
  figure(verdict, stats, "holdout.verdict", String);
  return [verdict, h("p", { class: "note" }, withoutVerdict(found)), armsTable(stats, found), ...differences(stats, found)];
}

/** The sentence under the verdict, which may begin with the same words. */
function withoutVerdict({ says = "", verdict }) {
  const start = `${verdict}: `;
  if (!says.toLowerCase().startsWith(start)) return says;
  return says.charAt(start.length).toUpperCase() + says.slice(start.length + 1);
}

function armsTable(stats, found) {
  const isMoney = /^[A-Z]{3}$/u.test(found.currency ?? "");
  const amount = (value) => (isMoney ? format.money(value, found.currency) : format.short(value));
  const cells = [["sessions", format.count], ["cost_per_session", amount], ["turns_per_session", (value) => (isKnown(value) ? oneDigit.format(value) : UNKNOWN)], ["cache_hit_percent", format.percent]];
  const row = ([arm, title]) => h("tr", {}, h("th", { scope: "row" }, title),
    cells.map(([name, shown]) => figure(h("td"), stats, `holdout.arms.${arm}.${name}`, shown)));
  return h("table", {}, h("caption", { class: "unseen" }, "Sessions of each arm"),
    h("thead", {}, h("tr", {}, ["", "sessions", isMoney ? "cost" : found.currency, "turns", "cached"].map((name) => h("th", { scope: "col", title: HEADS[name] }, name)))),
    h("tbody", {}, ARMS.map(row)));
}

/** How much a session differs, with its interval; nothing while it is too early. */
function differences(stats, found) {
  return ["cost", "turns"].filter((name) => found[name]).map((name) => {
    const { low_percent: low, high_percent: high } = found[name];
    const signed = (value) => (isKnown(value) ? `${value > 0 ? "+" : value < 0 ? "−" : ""}${oneDigit.format(Math.abs(value))} %` : "any amount");
    return h("p", { class: "difference" }, h("span", {}, `${name} / session`),
      figure(h("b"), stats, `holdout.${name}.percent`, signed), h("span", {}, `${signed(low)} to ${signed(high)}`));
  });
}

function switchedOff(trips) {
  return trips.map((trip) => h("p", { class: "tripped" }, h("b", {}, "Switched off for "), trip.says, ". ",
    h("code", {}, "headroom holdout resume"), " turns it on again."));
}
