// One look after the other while the page is visible; everything else answers to the user.

const EVERY = 3000; // Milliseconds between two looks, as long as a look is quick.
const AT_MOST = 15000;
const ANYWAY = 30000; // So long the sums stay as they are while no request has come.
const SHARE = 20; // A look takes at most this part of the time, however much was counted.
const RANGES = ["1", "24", "168", "720", ""];
const THEMES = ["auto", "light", "dark"];

const state = { hours: "24", timer: 0, failures: 0, looking: null, newest: null, whole: 0 };
const chart = new Chart($("plot"), $("readout"));
const requests = new Requests($("request-table"), $("older"));

function live(name, said) {
  mark($("live"), "data-state", name);
  say($("live"), said);
}

function drawStats(stats) {
  const nothing = !stats.requests;
  problems(stats);
  show($("empty"), nothing);
  show($("figures"), !nothing);
  show($("requests"), !nothing);
  show($("empty-range"), state.hours !== "");
  say($("empty-title"), state.hours === "" ? "Nothing has come through yet" : "Nothing has come through in this time");
  prices(stats);
  if (nothing) return;
  headline(stats);
  tiers(stats);
  keys(stats);
  kinds(stats);
  groups($("models"), stats.groups, "No model has been called yet.");
  cacheEvents(stats);
  trial(stats);
}

function drawSeries(series) {
  chart.update(series);
  pointsTable(series);
}

/** Ask for everything, and draw each answer as it comes. */
async function lookAt(hours, signal) {
  const question = questions(hours, signal);
  const ifWanted = (draw) => (found) => { signal.throwIfAborted(); draw(found); };
  const list = question.requests();
  if (state.newest === hours + (await only(list, state.newest)) && Date.now() - state.whole < ANYWAY) return;
  await Promise.all([
    question.models().then(ifWanted(drawStats)),
    question.agents().then(ifWanted(({ groups: found }) => groups($("agents"), found, "No agent has come through yet."))),
    question.series().then(ifWanted(drawSeries)),
    list.then(ifWanted((found) => requests.update(found, hours))),
  ]);
  state.newest = hours + newestOf(await list);
  state.whole = Date.now();
}

const newestOf = (found) => ` ${found.requests[0]?.id}`;

/** What the list begins with, where there was a look before; the first look waits for nothing. */
const only = async (list, before) => (before === null ? "" : newestOf(await list));

/** Look once, and again later. A look that is overtaken by another range is dropped. */
async function update() {
  clearTimeout(state.timer);
  state.looking?.abort();
  const looking = state.looking = new AbortController();
  const { hours } = state, begun = Date.now();
  try {
    await lookAt(hours, AbortSignal.any([looking.signal, AbortSignal.timeout(AT_MOST)]));
    if (looking.signal.aborted) return;
    state.failures = 0;
    mark($("main"), "aria-busy", "false");
    document.body.classList.remove("stale");
    mark(document.body, "data-shows", hours || "all");
    live("live", "live");
  } catch (error) {
    if (looking.signal.aborted) return;
    if (error instanceof Refused) return knock(error.message);
    state.failures += 1;
    document.body.classList.add("stale");
    live("gone", error.status ? `the proxy says: ${error.message}` : "the proxy is gone; trying again");
  }
  const wait = Math.max(EVERY, SHARE * (state.failures ? 0 : Date.now() - begun));
  if (!document.hidden) state.timer = setTimeout(update, Math.min(AT_MOST, wait * 2 ** Math.min(3, state.failures)));
}

/** Ask the user for the token. */
function knock(why) {
  live("waiting", "waiting for the token");
  show($("door-wrong"), why === "wrong");
  token.drop();
  if (!$("door").open) $("door").showModal();
  $("token").focus();
}

$("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set($("token").value.trim());
  $("token").value = "";
  $("door").close();
  show($("leave"), true);
  update();
});
$("door").addEventListener("cancel", (event) => event.preventDefault());
$("leave").addEventListener("click", () => { token.drop(); location.reload(); });

function choose(hours) {
  state.hours = hours;
  state.newest = null;
  memory.set("range", hours);
  $("range").querySelector(`input[value="${hours}"]`).checked = true;
  update();
}

function theme(name) {
  mark(document.documentElement, "data-theme", name === "auto" ? null : name);
  say($("theme"), name);
  mark($("theme"), "aria-label", `Colours: ${name === "auto" ? "as the system" : name}`);
  memory.set("theme", name);
}

$("range").addEventListener("change", (event) => choose(event.target.value));
$("layers").addEventListener("change", (event) => chart.show(event.target.value));
$("theme").addEventListener("click", () => theme(THEMES[(THEMES.indexOf($("theme").textContent) + 1) % THEMES.length]));
$("empty-all").addEventListener("click", () => choose(""));
document.addEventListener("visibilitychange", () => { if (!document.hidden) update(); });
window.addEventListener("online", update);

say($("empty-anthropic"), `ANTHROPIC_BASE_URL=${location.origin}`);
say($("empty-openai"), `OPENAI_BASE_URL=${location.origin}/v1`);
show($("leave"), Boolean(token.get()));
theme(THEMES.includes(memory.get("theme")) ? memory.get("theme") : "auto");
choose(RANGES.includes(memory.get("range")) ? memory.get("range") : "24");
