"""What the counts add up to."""

import orjson
import pytest
from exchanges import NOON, exchange

from headroom.billing import Prices
from headroom.counting import Compression, EditCount, Event, Tally, sessions, totals
from headroom.counting.record import ALIGN, BUST, EPOCH, GUARD
from headroom.wire._api import Usage

WITHOUT = Usage(fresh=10, cache_read=300, cache_write=690, output=25)
BILLED = Usage(fresh=10, cache_read=300, cache_write=90, output=25)


@pytest.fixture
def counted(tmp_path):
    """Counts requests and returns the folder."""

    def written(*requests):
        made = Tally(tmp_path, now=lambda: NOON)
        for one in requests:
            made.add(one)
        made.close()
        return tmp_path

    return written


def test_savings_are_before_less_after_and_net_is_less_what_retrieval_cost(counted):
    total = totals.read(counted(exchange(), exchange())).total
    assert (total.requests, total.tokens_before, total.tokens_after) == (2, 2_000, 800)
    assert (total.saved_tokens, total.savings_percent) == (1_200, 60.0)
    assert total.net_saved_tokens == 1_200 - 100 - 200
    assert total.usage == Usage(20, 600, 180, 50)
    assert total.edits == (EditCount("log", "recoverable", 1_800, 600, 2),)
    assert total.skips == {"too_small": 4}
    assert total.exact


def test_one_estimate_makes_the_sum_an_estimate(counted):
    estimated = exchange(compression=Compression(10, 10, exact=False))
    assert not totals.read(counted(exchange(), estimated)).total.exact


@pytest.mark.parametrize("by", ["model", "agent", "session", "project"])
def test_groups_add_up_to_the_total_and_stand_by_size(counted, by):
    small = exchange(**{by: "small"}, compression=Compression(5, 5))
    found = totals.read(counted(small, exchange(), exchange()), by=by)
    assert list(found.groups)[1] == "small"
    assert sum(group.requests for group in found.groups.values()) == found.total.requests == 3
    assert found.groups["small"].edits == ()


def test_by_compressor_the_edits_are_the_groups(counted):
    found = totals.read(counted(exchange()), by="compressor")
    assert (found.groups, found.total.edits[0].compressor) == ({}, "log")


def test_since_a_time_counts_the_quarter_of_an_hour_it_lies_in(counted):
    folder = counted(*(exchange(time=NOON + minutes * 60) for minutes in (0, 10, 16, 40)))
    assert totals.read(folder, since=NOON + 300).total.requests == 4
    assert totals.read(folder, since=NOON + 900).total.requests == 2
    assert totals.read(folder, since=NOON + 7_200).total.requests == 0


def test_the_last_failure_is_told_by_type_and_place(counted):
    failed = Compression(10, 10, failures=1, failure="KeyError at a.py:1", skips={"failed": 1})
    later = Compression(10, 10, failures=2, failure="ValueError at b.py:2", skips={"failed": 2})
    found = totals.read(
        counted(
            exchange(compression=failed),
            exchange(compression=later, time=NOON + 1),
            exchange(time=NOON + 2),
        )
    )
    assert (found.total.failures, found.last_failure) == (3, "ValueError at b.py:2")


def test_nothing_counted_is_a_summary_of_zeros_and_makes_no_file(tmp_path):
    found = totals.read(tmp_path / "nowhere")
    assert (found.total.requests, found.total.savings_percent) == (0, 0.0)
    assert found.total.ours.median is None
    assert not (tmp_path / "nowhere").exists()


def test_as_json_says_all_of_it_in_plain_values(counted):
    said = totals.as_json(totals.read(counted(exchange()), by="model"))
    again = orjson.loads(orjson.dumps(said))
    assert again["saved_tokens"] == 600
    assert again["savings_percent"] == 60.0
    assert again["usage"] == {
        "fresh": 10,
        "cache_read": 300,
        "cache_write": 90,
        "cache_write_long": 0,
        "output": 25,
    }
    assert again["groups"]["claude-sonnet-4-5"]["net_saved_tokens"] == 450
    assert 0.002 <= again["ours"]["median"] <= 0.008
    assert not [name for name in again if "ratio" in name]


def bill_in(folder, **said):
    return totals.as_json(totals.read(folder, **said))["bill"]


def test_the_bill_is_before_less_after_at_the_price_of_each_tier(counted):
    said = bill_in(counted(*[exchange(before=WITHOUT)] * 1_000))
    assert said["requests"] == 1_000
    assert said["before"] == {
        "fresh": 10_000,
        "cache_read": 300_000,
        "cache_write": 690_000,
        "cache_write_long": 0,
        "output": 25_000,
    }
    # Sonnet 4.5: input 3, read 0.30, written 3.75, output 15 dollars a million tokens.
    assert said["cost_before"] == pytest.approx(0.03 + 0.09 + 2.5875 + 0.375, abs=1e-9)
    assert said["net_saved"] == pytest.approx(0.6 * 3.75, abs=1e-9)
    assert said["units_before"] == 10_000 + 30_000 + 862_500 + 125_000
    assert said["net_units"] == 600_000 * 1.25
    assert said["net_percent"] == said["net_saved_percent"] == 72.99
    assert said["cache_hit_percent"] == 75.0
    assert said["unpriced"] == {}


def test_writes_that_are_kept_for_long_cost_twice_the_input(counted):
    kept = Usage(cache_write=100_000, cache_write_long=40_000)
    said = bill_in(counted(exchange(usage=kept)))
    assert said["cost_after"] == pytest.approx(0.06 * 3.75 + 0.04 * 6.0)
    assert said["units_after"] == 60_000 * 1.25 + 40_000 * 2
    assert said["net_units"] == 0


def test_a_bill_that_rose_is_a_saving_below_zero(counted):
    said = bill_in(counted(exchange(usage=WITHOUT, before=BILLED)))
    assert said["net_units"] == -750
    assert said["net_saved"] < 0
    assert said["net_percent"] < 0


def test_of_a_model_without_a_price_the_money_is_unknown_and_never_zero(counted):
    folder = counted(exchange(model="own-model-7b", before=WITHOUT))
    said = bill_in(folder)
    assert (said["cost_before"], said["cost_after"], said["net_saved"]) == (None, None, None)
    assert said["net_saved_percent"] is None
    assert said["unpriced"] == {"own-model-7b": 1}
    assert said["net_units"] == 750


def test_money_is_summed_over_the_known_models_and_the_others_are_named(counted):
    requests = [exchange(model="own-model-7b"), exchange(model="own-model-7b"), exchange()]
    folder = counted(*requests)
    alone = totals.as_json(totals.read(folder, by="model"))["groups"]["claude-sonnet-4-5"]["bill"]
    said = bill_in(folder)
    assert said["unpriced"] == {"own-model-7b": 2}
    assert (said["requests"], said["after"]["output"]) == (3, 75)
    assert said["cost_after"] == alone["cost_after"] > 0


def test_a_price_of_ones_own_goes_before_the_table(counted):
    own = Prices.load(
        {"own-*": {"input": 1.0, "output": 2.0}, "claude-sonnet-4-5": {"input": 0, "output": 0}}
    )
    folder = counted(exchange(model="own-model-7b", provider="openai"), exchange())
    said = totals.as_json(totals.read(folder, prices=own))
    assert said["bill"]["unpriced"] == {}
    assert said["bill"]["cost_after"] == pytest.approx((10 + 0.1 * 300 + 90 + 2 * 25) / 1e6)
    assert said["prices"]["overridden"] == ["claude-sonnet-4-5", "own-*"]
    assert said["prices"]["source"].startswith("genai-prices ")
    assert said["prices"]["date"] >= "2026-11-10"


def test_a_prompt_above_the_size_at_which_a_price_changes_costs_that_price(counted):
    short, long = Usage(fresh=199_000), Usage(fresh=201_000)
    model = {"provider": "gemini", "model": "gemini-2.5-pro"}
    said = bill_in(counted(exchange(**model, usage=short, before=long, rounds=0)))
    assert said["cost_before"] == pytest.approx(0.201 * 2.5)
    assert said["cost_after"] == pytest.approx(0.199 * 1.25)
    assert said["units_before"] == 402_000


def test_each_leg_of_a_request_is_billed_by_the_size_of_its_own_prompt(counted):
    legs = Usage(fresh=300_000)
    model = {"provider": "gemini", "model": "gemini-2.5-pro"}
    said = bill_in(counted(exchange(**model, usage=legs, before=Usage(fresh=150_000), rounds=1)))
    assert said["cost_after"] == pytest.approx(0.3 * 1.25)


def test_a_request_without_a_usage_is_on_no_bill(counted):
    said = bill_in(counted(exchange(usage=None, before=WITHOUT, status=529)))
    assert (said["requests"], said["units_before"], said["cost_before"]) == (0, 0, None)
    assert said["unpriced"] == {}


@pytest.mark.parametrize("by", ["model", "agent", "session", "project", "arm"])
def test_the_bills_of_the_groups_add_up_to_the_whole(counted, by):
    requests = [
        exchange(**{by: name}, usage=Usage(fresh=fresh), before=Usage(fresh=fresh + 7))
        for name, fresh in (("claude-opus-4-5", 100), ("gpt-5", 30_000), ("claude-opus-4-5", 5))
    ]
    found = totals.read(counted(*requests), by=by)
    parts = [group.bill for group in found.groups.values()]
    assert len(parts) == 2
    assert sum(part.requests for part in parts) == found.total.bill.requests == 3
    assert sum(part.net_units for part in parts) == found.total.bill.net_units == 21
    assert sum(part.cost_before for part in parts) == found.total.bill.cost_before
    assert found.total.bill.net_saved > 0


def test_what_busts_caches_and_what_the_guard_did_is_told_by_its_words(counted):
    events = (
        Event(BUST, "the system prompt holds a time", 1, 9_000),
        Event(BUST, "tools were reordered", 1, 20_000),
        Event(GUARD, "a marker was put back", 2),
        Event(EPOCH, "idle for an hour", 1, 30_000),
        Event(ALIGN, "breakpoints were set", 1),
    )
    said = totals.as_json(
        totals.read(counted(exchange(events=events), exchange(events=events[:1])))
    )
    assert said["busts"] == [
        {"cause": "tools were reordered", "count": 1, "tokens": 20_000},
        {"cause": "the system prompt holds a time", "count": 2, "tokens": 18_000},
    ]
    assert said["guard"] == [{"what": "a marker was put back", "count": 2}]
    assert said["epochs"] == {"count": 1, "tokens": 30_000}
    assert said["aligned"] == [{"what": "breakpoints were set", "count": 1}]
    assert said["skips"] == {"too_small": 4}


def test_what_is_too_old_to_be_told_apart_keeps_its_arm_its_model_and_its_bill(tmp_path):
    for days in (60.0, 1.0):
        made = Tally(tmp_path, days=days, now=lambda: NOON)
        made.add(exchange(time=NOON - 2 * 86_400, arm="held out", before=WITHOUT))
        made.add(exchange(before=WITHOUT))
        made.close()
    found = totals.read(tmp_path, by="arm")
    assert {name: group.requests for name, group in found.groups.items()} == {"": 2, "held out": 2}
    assert totals.read(tmp_path, by="session").groups[""].requests == 2
    assert found.total.bill.net_units == 4 * 750
    assert found.total.bill.unpriced == {}


def test_sessions_are_told_with_their_models_arms_and_times(counted):
    folder = counted(
        exchange(session="s1", before=WITHOUT),
        exchange(session="s1", before=WITHOUT, time=NOON + 2_000),
        exchange(session="s1", model="claude-haiku-4-5"),
        exchange(session="s2", arm="held out", usage=None, status=500),
        exchange(session=""),
    )
    found = {(one.session, one.model): one for one in sessions.read(folder)}
    assert list(found) == [
        ("s1", "claude-haiku-4-5"),
        ("s2", "claude-sonnet-4-5"),
        ("s1", "claude-sonnet-4-5"),
    ]
    long = found["s1", "claude-sonnet-4-5"]
    assert (long.requests, long.reported, long.arm) == (2, 2, "")
    assert (long.project, long.agent, long.provider) == ("shop", "claude-code", "anthropic")
    assert (long.usage, long.before) == (BILLED + BILLED, WITHOUT + WITHOUT)
    assert (long.first, long.last) == (NOON, NOON + 2_700)
    assert long.bill.net_units == 1_500
    held = found["s2", "claude-sonnet-4-5"]
    assert (held.arm, held.requests, held.reported) == ("held out", 1, 0)
    assert held.bill.cost_after is None
    assert [one.session for one in sessions.read(folder, since=NOON + 1_900)] == ["s1"]


def test_without_counts_there_are_no_sessions(tmp_path):
    assert sessions.read(tmp_path / "nowhere") == []
