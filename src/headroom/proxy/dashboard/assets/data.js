// Asking the proxy. The token, where it wants one, is kept for this tab and goes nowhere else.

class Refused extends Error {}

const token = {
  get() { try { return sessionStorage.getItem("headroom.token") || ""; } catch { return this.held || ""; } },
  set(value) { this.held = value; try { sessionStorage.setItem("headroom.token", value); } catch { /* held */ } },
  drop() { this.held = ""; try { sessionStorage.removeItem("headroom.token"); } catch { /* held */ } },
};

/** The answer to a question as JSON. Throws `Refused` where the token is missing or wrong. */
async function ask(path, query = {}, signal = undefined) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) if (value !== "" && value !== null) url.searchParams.set(name, value);
  const held = token.get();
  const headers = held ? { "x-headroom-token": held } : {};
  const answer = await fetch(url, { headers, signal, cache: "no-store", credentials: "omit" });
  if (answer.status === 401) throw new Refused(held ? "wrong" : "missing");
  const said = await answer.json().catch(() => null);
  if (!answer.ok) {
    const failure = new Error(said?.error?.message ?? said?.error ?? `the proxy answered ${answer.status}`);
    failure.status = answer.status;
    throw failure;
  }
  return said;
}

/** The questions of one look at a range; each is asked when it is called. */
const questions = (hours, signal) => ({
  requests: () => ask("/stats/requests", { hours, limit: innerWidth < 820 ? 20 : 50 }, signal),
  models: () => ask("/stats", { hours, by: "model" }, signal),
  agents: () => ask("/stats", { hours, by: "agent" }, signal),
  series: () => ask("/stats/series", { hours, east: -new Date().getTimezoneOffset() * 60 }, signal),
});
