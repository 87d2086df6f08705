"""The dashboard in a real browser, over ten thousand requests."""

import json
import random
import re
from pathlib import Path

import pytest
import traffic
from browsing import DESKTOP, PHONE, looking, stats, under

from headroom.counting import Compression, Exchange
from running import proxied

NOWHERE = "http://127.0.0.1:9"
HOSTILE = "<img src=x onerror=alert(1)>"
OPEN = "#request-table .open"
LINES = Path(__file__).parents[2] / "src/headroom/proxy/dashboard/assets/lines.js"
VARIANTS = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A proxy whose home holds a week of requests."""
    folder = tmp_path_factory.mktemp("browser")
    traffic.write(folder / "home", days=6.5)
    with proxied(NOWHERE, folder, holdout=0.1) as proxy:
        yield proxy


@pytest.fixture
def look(chromium, served):
    """The dashboard over all requests, on a desktop."""
    with looking(chromium, served.url) as one:
        one.range("all", "all")
        yield one
        assert one.said == []


@pytest.mark.parametrize(("size", "scheme"), VARIANTS)
def test_it_loads_in_one_round_trip_and_one_look_without_a_word_from_the_console(
    chromium, served, size, scheme
):
    with looking(chromium, served.url, size, scheme) as look:
        look.page.wait_for_selector("body[data-shows='24']")
        paths = [url.removeprefix(served.url).partition("?")[0] for url in look.asked]
        assert sorted(paths[:5]) == sorted(
            ["/dashboard", "/stats", "/stats", "/stats/series", "/stats/requests"]
        )
        look.range("7 d", "168")
        look.page.locator(OPEN).first.press("Enter")
        look.page.wait_for_selector(".view")
        assert all(url.startswith(f"{served.url}/") for url in look.asked)
        assert look.said == []


@pytest.mark.parametrize(("label", "shows", "hours"), [("all", "all", ""), ("7 d", "168", "168")])
def test_every_figure_is_one_of_stats(look, label, shows, hours):
    look.range(label, shows)
    by = {name: stats(look.url, f"?by={name}&hours={hours}") for name in ("model", "agent")}
    figures = look.figures()
    assert len(figures) > 60
    for one in figures:
        where = (
            by[one["table"].removesuffix("s")]["groups"][one["of"]] if one["of"] else by["model"]
        )
        assert json.loads(one["value"]) == pytest.approx(under(where, one["path"])), one
        assert one["text"] not in ("", "NaN", "undefined"), one
    assert {"requests", "bill.net_saved", "bill.after.cache_read", "ours.median"} <= {
        one["path"] for one in figures
    }


def test_figures_read_as_a_person_writes_them(look):
    total = stats(look.url)
    assert look.page.locator("#bill-net").inner_text() == f"${total['bill']['net_saved']:,.2f}"
    said = look.page.locator("#bill-said").inner_text()
    assert f"${total['bill']['cost_after']:,.2f}" in said
    assert f"${total['bill']['cost_before']:,.2f}" in said
    keys = look.page.locator("#keys").inner_text()
    assert "10,000" in keys
    assert f"{total['bill']['cache_hit_percent']:.1f} %" in keys
    assert "in-house-7b" in look.page.locator("#bill-note").inner_text()


def test_the_holdout_says_its_verdict_once_with_both_arms_and_the_interval(look):
    told = stats(look.url)["holdout"]
    card = look.page.locator("#trial")
    said = card.inner_text()
    assert said.lower().count(told["verdict"]) == 1
    rows = dict(row.split("\t", 1) for row in card.locator("tbody tr").all_inner_texts())
    assert rows["held out"].startswith(str(told["arms"]["held out"]["sessions"]))
    assert rows["compressed"].startswith(str(told["arms"]["compressed"]["sessions"]))
    cost = card.locator(".difference", has_text="cost").inner_text().replace("\u2212", "-")
    shown = [float(number) for number in re.findall(r"[-+]?[\d.]+(?= %)", cost)]
    bounds = [told["cost"][name] for name in ("percent", "low_percent", "high_percent")]
    assert shown == pytest.approx(bounds, abs=0.051)
    # Costs are in money only where every price is known.
    assert told["currency"] == "units"
    assert "units" in card.locator("thead").inner_text()


def test_what_has_no_price_is_told_in_tokens_and_never_as_no_money(look):
    row = look.page.locator("#models tr", has_text="in-house-7b").inner_text()
    assert " tok" in row
    assert "$" not in row


def test_edits_whose_texts_are_not_kept_say_so(look):
    bodies = look.page.locator("#request-table > tbody")
    # Of the latest forty there are texts.
    saved = [n for n in range(40, 50) if "0.0 %" not in bodies.nth(n).inner_text()]
    body = bodies.nth(saved[0])
    body.locator(".open").press("Enter")
    body.locator(".edits:not([aria-busy])").wait_for()
    assert "not kept for this view" in body.inner_text()


def test_the_chart_and_its_table_show_the_points_of_the_series(look):
    look.page.get_by_text("The same as a table").click()
    rows = look.page.locator("#points tr").all_inner_texts()
    columns = look.page.locator("#plot .column").count()
    assert columns == len(rows)
    requests = [int(row.split("\t")[1].replace(",", "")) for row in rows]
    assert sum(requests) == stats(look.url)["requests"] == traffic.REQUESTS
    look.page.locator("#plot svg").focus()
    look.page.keyboard.press("End")
    newest = rows[0].split("\t")
    readout = look.page.locator("#readout").inner_text()
    assert f"sent {newest[3]}" in readout
    assert f"saved {newest[4]}" in readout


def test_a_diff_is_opened_and_closed_by_keyboard_alone(look):
    look.page.keyboard.press("Tab")
    for _ in range(40):
        if look.focused(OPEN):
            break
        assert look.page.evaluate("() => document.activeElement !== document.body")
        look.page.keyboard.press("Tab")
    assert look.focused(OPEN)
    look.page.keyboard.press("Enter")
    look.page.wait_for_selector(".view .diff")
    assert look.page.locator(OPEN).first.get_attribute("aria-expanded") == "true"
    look.page.keyboard.press("Tab")
    assert look.focused(".edit")
    look.page.keyboard.press("Escape")
    assert look.page.locator(".details").count() == 0
    assert look.focused(OPEN)
    look.page.keyboard.press("ArrowDown")
    look.page.keyboard.press("Enter")
    assert look.page.locator(OPEN).nth(1).get_attribute("aria-expanded") == "true"


def test_a_diff_tells_kept_dropped_and_our_own_lines_apart(look):
    look.page.locator(OPEN).first.press("Enter")
    legend = look.page.locator(".legend").first
    legend.wait_for()
    log = traffic.edits()[0]
    before = log.before.split("\n")
    kept = [line for line in log.after.split("\n") if line.partition(": ")[2] in before]
    told = legend.inner_text().replace(",", "")
    assert f"{len(kept)} lines kept" in told
    assert f"{len(before) - len(kept)} lines dropped" in told
    assert f"{len(log.after.splitlines()) - len(kept)} lines of Headroom's" in told
    diff = look.page.locator(".diff").first
    assert "ledger timed out" in diff.locator("tr.kept").all_inner_texts()[2]
    assert "headroom_retrieve" in diff.locator("tr.ours").last.inner_text()


def test_a_long_text_comes_in_parts(look):
    look.page.locator(OPEN).first.press("Enter")
    look.page.locator(".view").wait_for()
    rows = look.page.locator(".diff").first.locator("tr")
    first = rows.count()
    assert first < 120
    look.page.locator(".unfold").first.press("Enter")
    assert rows.count() == first + 400
    assert look.focused(".unfold")
    look.page.get_by_label("after", exact=True).check()
    shown = "\n".join(look.page.locator(".diff .text").all_inner_texts())
    assert shown.split() == traffic.edits()[0].after.split()


def test_an_edit_of_an_earlier_request_is_told_as_such(look):
    look.page.locator(OPEN).first.press("Enter")
    look.page.get_by_text("2 edits of earlier requests").click()
    look.page.locator(".edits details .edit").first.press("Enter")
    look.page.locator(".edits details .view").wait_for()


def test_older_requests_join_below(look):
    look.page.locator("#older").click()
    look.page.locator(OPEN).nth(149).wait_for()
    names = look.page.eval_on_selector_all(
        "#request-table > tbody", "(nodes) => nodes.map((node) => node.dataset.name)"
    )
    assert names == [f"{traffic.REQUESTS - 1 - n:012x}" for n in range(150)]


@pytest.mark.parametrize(("size", "scheme"), VARIANTS)
def test_nothing_is_wider_than_the_window_and_all_text_can_be_read(chromium, served, size, scheme):
    with looking(chromium, served.url, size, scheme) as look:
        look.range("7 d", "168")
        look.page.locator(OPEN).first.press("Enter")
        look.page.wait_for_selector(".view")
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert look.page.evaluate(wide) == 0
        faint = [one for one in look.page.evaluate(CONTRAST) if one["ratio"] < 4.5]
        assert faint == []


def test_the_colours_can_be_chosen_and_stay(look):
    page = look.page
    back = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(back)
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert page.evaluate(back) != light
    page.reload()
    page.wait_for_selector("body[data-shows]")
    assert page.locator("#theme").inner_text() == "dark"
    assert page.evaluate(back) != light


def test_a_new_request_moves_nothing_that_is_open_or_has_the_focus(chromium, tmp_path):
    traffic.write(tmp_path / "home", 60, days=0.5)
    with proxied(NOWHERE, tmp_path) as proxy, looking(chromium, proxy.url) as look:
        first = look.page.locator(OPEN).first
        first.press("Enter")
        look.page.wait_for_selector(".view")
        view = look.page.locator(".view").element_handle()
        one = Exchange(
            proxy.app.services.now(),
            200,
            name="beef",
            model=HOSTILE,
            compression=Compression(10, 5),
        )
        proxy.app.services.tally.add(one)
        look.page.wait_for_selector("tbody[data-name='beef']")
        assert (
            look.page.locator("#request-table > tbody").first.get_attribute("data-name") == "beef"
        )
        assert view.evaluate("(node) => node.isConnected")
        assert look.focused(f"tbody[data-name='{59:012x}'] .open")
        look.page.wait_for_selector("[data-figure='requests'][data-value='61']")


def test_with_nothing_counted_it_says_what_to_do_and_that_the_proxy_is_gone(chromium, tmp_path):
    with proxied(NOWHERE, tmp_path) as proxy, looking(chromium, proxy.url) as look:
        look.range("all", "all")
        said = look.page.locator("#empty").inner_text()
        assert "headroom wrap claude" in said
        assert f"ANTHROPIC_BASE_URL={proxy.url}" in said
        assert not look.page.locator("#figures").is_visible()
        proxy.stop()
        look.page.wait_for_selector("#live[data-state='gone']")
        assert "gone" in look.page.locator("#live").inner_text()


def test_where_a_token_is_needed_it_asks_for_it_and_keeps_it_for_the_tab(chromium, tmp_path):
    traffic.write(tmp_path / "home", 20, days=0.5)
    with (
        proxied(NOWHERE, tmp_path, token="a-long-secret") as proxy,
        looking(chromium, proxy.url) as look,
    ):
        look.page.locator("#door").wait_for()
        look.page.keyboard.type("wrong")
        look.page.keyboard.press("Enter")
        look.page.locator("#door-wrong").wait_for()
        look.page.keyboard.type("a-long-secret")
        look.page.keyboard.press("Enter")
        look.page.wait_for_selector("body[data-shows]")
        assert look.page.locator(OPEN).count() == 20
        look.page.reload()
        look.page.wait_for_selector("body[data-shows]")
        assert not look.page.locator("#door").is_visible()
        assert all("a-long-secret" not in url for url in look.asked)


def test_a_diff_leads_from_the_one_text_to_the_other(chromium):
    chance = random.Random(3)
    pairs = []
    for _ in range(150):
        before = [chance.choice("abcdefg") for _ in range(chance.randrange(40))]
        after = [line for line in before if chance.random() < 0.6]
        for _ in range(chance.randrange(4)):
            after.insert(chance.randrange(len(after) + 1), chance.choice("abxyz"))
        pairs.append([before, after])
    page = chromium.new_page()
    code = f"(pairs) => {{ {LINES.read_text('utf-8')}; return pairs.map(([a, b]) => runsBetween(a, b)); }}"
    found = page.evaluate(code, pairs)
    page.close()
    for (before, after), runs in zip(pairs, found, strict=True):
        old = [
            before[run["before"] + n]
            for run in runs
            if run["kind"] != "ours"
            for n in range(run["count"])
        ]
        new = [
            after[run["after"] + n]
            for run in runs
            if run["kind"] != "dropped"
            for n in range(run["count"])
        ]
        assert (old, new) == (before, after)
        for run in runs:
            if run["kind"] == "kept":
                stop = run["before"] + run["count"]
                assert before[run["before"] : stop] == after[run["after"] :][: run["count"]]


CONTRAST = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const part = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r / 255) + 0.7152 * part(g / 255) + 0.0722 * part(b / 255);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      const found = numbers(colour);
      if (colour.startsWith("rgb") && (found[3] ?? 1) === 1) return found;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) &&
    node.checkVisibility({ checkOpacity: true }) && !node.matches("script, style"));
  return texts.map((node) => {
    const [a, b] = [light(numbers(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
    return { text: node.textContent.trim().slice(0, 40), class: String(node.className), ratio: (a + 0.05) / (b + 0.05) };
  });
}"""
