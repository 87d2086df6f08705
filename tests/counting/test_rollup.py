"""Sums of requests, and what their buckets tell of times."""

import pytest
from exchanges import NOON, exchange
from hypothesis import given
from hypothesis import strategies as st

from headroom.counting.rollup import COLUMNS, OUR_BOUNDS, Rollup, merged, quantile
from headroom.wire._api import Usage


def figures(rollup):
    (numbers,) = merged({(): n} for n in rollup.spans.values()).values()
    return dict(zip(COLUMNS, numbers, strict=True))


def test_requests_of_one_session_in_a_quarter_of_an_hour_are_one_row():
    sums = Rollup()
    sums.add(exchange())
    sums.add(exchange(time=NOON + 899))
    assert len(sums.spans) == 1
    assert figures(sums)["requests"] == 2
    assert figures(sums)["tokens_before"] == 2_000
    assert figures(sums)["cache_read"] == 600
    sums.add(exchange(time=NOON + 900))
    sums.add(exchange(session="s2"))
    assert len(sums.spans) == 3


def test_above_the_limit_sessions_are_no_longer_told_apart_and_nothing_is_lost():
    sums = Rollup(limit=10)
    for number in range(1_000):
        sums.add(exchange(session=f"s{number}"))
    assert len(sums.spans) <= 11
    assert figures(sums)["requests"] == 1_000
    assert sum(n[0] for key, n in sums.details.items() if "log" in key) == 1_000


def test_above_the_limit_arms_and_sizes_are_told_apart_still():
    sums = Rollup(limit=1)
    sums.add(exchange())
    sums.add(exchange(session="s2", arm="held out", usage=Usage(fresh=500_000), rounds=0))
    assert list(sums.spans)[1][1:] == (
        "",
        "",
        "",
        "anthropic",
        "claude-sonnet-4-5",
        200,
        "held out",
        272_000,
        272_000,
    )


def test_models_without_which_there_is_no_price_are_told_apart_for_longer():
    sums = Rollup(limit=10)
    for number in range(1_000):
        sums.add(exchange(session=f"s{number}", model=f"m{number}"))
    models = {key[5] for key in sums.spans}
    assert (len(models), len(sums.spans)) == (21, 21)
    assert "" in models
    assert figures(sums)["requests"] == 1_000


def test_requests_of_which_nothing_is_known_are_counted_apart():
    sums = Rollup()
    sums.add_uncounted(NOON, 7)
    assert (figures(sums)["requests"], figures(sums)["uncounted"]) == (0, 7)


@given(st.lists(st.floats(0, 1.0), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_is_right_to_within_its_bucket(times, share):
    sums = Rollup()
    for seconds in times:
        sums.add(exchange(our_seconds=seconds))
    buckets = [figures(sums)[f"our_{step}"] for step in range(len(OUR_BOUNDS) + 1)]
    told = quantile(share, buckets, OUR_BOUNDS)
    ordered = sorted(times)
    true = ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
    assert true / 2 - OUR_BOUNDS[0] <= told <= max(true * 2, OUR_BOUNDS[0])


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_of_nothing_there_is_no_quantile(share):
    assert quantile(share, [0] * 14, OUR_BOUNDS) is None


def test_what_lies_above_all_buckets_is_told_as_their_end():
    assert quantile(0.5, [*[0] * len(OUR_BOUNDS), 3], OUR_BOUNDS) == OUR_BOUNDS[-1]
