"""What the counts add up to."""

import orjson
import pytest
from exchanges import NOON, exchange

from headroom.counting import Compression, EditCount, Tally, totals
from headroom.wire._api import Usage


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
    assert again["usage"] == {"fresh": 10, "cache_read": 300, "cache_write": 90, "output": 25}
    assert again["groups"]["claude-sonnet-4-5"]["net_saved_tokens"] == 450
    assert 0.002 <= again["ours"]["median"] <= 0.008
    assert not [name for name in again if "ratio" in name]
