"""A request is a row that tells all that was counted of it."""

from exchanges import exchange

from headroom.counting import Event
from headroom.counting.record import BUST
from headroom.counting.rows import row
from headroom.counting.schema import ROW
from headroom.wire._api import Usage


def test_a_row_tells_its_name_its_arm_its_two_usages_and_its_events():
    without = Usage(fresh=10, cache_read=300, cache_write=690, output=25, cache_write_long=7)
    made = exchange(
        name="a1b2c3d4e5f6", arm="held out", before=without, events=(Event(BUST, "x", 1, 5),)
    )
    found = dict(zip(ROW, row(made), strict=True))
    assert (found["name"], found["arm"]) == ("a1b2c3d4e5f6", "held out")
    assert (found["cache_write"], found["cache_write_long"]) == (90, 0)
    assert (found["before_cache_write"], found["before_cache_write_long"]) == (690, 7)
    assert found["before_output"] == 25
    assert found["events"] == '[["bust","x",1,5]]'


def test_without_a_counterfactual_the_request_would_have_used_what_it_used():
    found = dict(zip(ROW, row(exchange()), strict=True))
    assert found["before_cache_read"] == found["cache_read"] == 300


def test_without_a_usage_neither_is_known():
    found = dict(zip(ROW, row(exchange(usage=None, before=Usage(fresh=9))), strict=True))
    assert found["fresh"] is None
    assert found["before_fresh"] is None


def test_hostile_values_fit_into_a_row():
    events = (Event("\ud800", "x" * 9_999, 10**40, -3),)
    found = dict(zip(ROW, row(exchange(events=events, name="n" * 999, arm="\ud800")), strict=True))
    assert (len(found["name"]), found["arm"]) == (200, "?")
    assert found["events"].endswith(",1000000000000,0]]")
