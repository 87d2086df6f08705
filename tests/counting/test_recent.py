"""What was counted in the order of time: points of a series, and the latest requests."""

import sqlite3

import pytest
from exchanges import NOON, exchange

from headroom.counting import Event, Tally, recent, totals
from headroom.counting.rollup import SPAN_SECONDS
from headroom.counting.sqlite import FILE_NAME
from headroom.errors import StoreError
from headroom.wire._api import Usage

DAY = 86_400


@pytest.fixture
def counts(tmp_path):
    """`counts(*requests)` counts these, and gives the folder."""

    def count(*requests, now=NOON, days=30.0):
        tally = Tally(tmp_path, now=lambda: now, days=days)
        for one in requests:
            tally.add(one)
        assert tally.flush()
        tally.close()
        return tmp_path

    return count


def test_a_point_has_the_sums_of_its_span(counts):
    folder = counts(exchange(), exchange(time=NOON + 899), exchange(time=NOON + 900))
    (first, second), earlier = recent.series(folder, None, SPAN_SECONDS)
    assert (first["start"], second["start"]) == (NOON, NOON + 900)
    assert (first["requests"], second["requests"]) == (2, 1)
    assert (first["tokens_before"], first["tokens_after"], first["saved_tokens"]) == (
        2_000,
        800,
        1_200,
    )
    assert first["usage"]["cache_read"] == 600
    assert earlier is None


@pytest.mark.parametrize("step", [SPAN_SECONDS, 3_600, DAY])
def test_points_of_any_width_add_up_to_the_stats(counts, step):
    folder = counts(*(exchange(time=NOON + n * 1_117) for n in range(200)))
    points, _ = recent.series(folder, None, step)
    total = totals.read(folder).total
    for name in ("requests", "tokens_before", "tokens_after", "retrievals", "saved_tokens"):
        assert sum(point[name] for point in points) == getattr(total, name)
    assert sum(point["usage"]["cache_write"] for point in points) == total.usage.cache_write
    assert all(point["start"] % step == 0 for point in points)


def test_a_series_begins_where_the_stats_do(counts):
    folder = counts(*(exchange(time=NOON + n * 300) for n in range(24)))
    for since in (NOON, NOON + 1_000, NOON + 1_800):
        points, _ = recent.series(folder, since, SPAN_SECONDS)
        rows = recent.requests(folder, since, limit=100)
        requests = totals.read(folder, since).total.requests
        assert sum(point["requests"] for point in points) == requests == len(rows)


def test_days_are_those_of_who_looks(counts):
    midnight = int(NOON) // DAY * DAY
    folder = counts(exchange(time=midnight + 1_800), exchange(time=midnight - 1_800))
    assert len(recent.series(folder, None, DAY)[0]) == 2
    (point,), _ = recent.series(folder, None, DAY, east=3_600)
    assert (point["start"], point["requests"]) == (midnight - 3_600, 2)


def test_what_is_too_old_to_be_told_apart_is_one_sum_beside_the_points(counts):
    folder = counts(exchange(time=NOON - 9 * DAY), exchange(), now=NOON, days=5.0)
    points, earlier = recent.series(folder, None, DAY)
    assert [point["requests"] for point in points] == [1]
    assert (earlier["requests"], earlier["tokens_before"]) == (1, 1_000)
    assert recent.series(folder, NOON - DAY, DAY)[1] is None


@pytest.mark.parametrize(
    ("hours", "step"),
    [(1, 900), (24, 900), (24.5, 3_600), (168, 3_600), (720, DAY), (None, DAY)],
)
def test_the_longer_a_series_the_wider_its_points(hours, step):
    assert recent.step_of(hours) == step


def test_the_latest_requests_come_first_and_page_by_page(counts):
    folder = counts(*(exchange(time=NOON + n, name=f"{n:012x}") for n in range(25)))
    names, before = [], None
    for size in (10, 10, 5, 0):
        page = recent.requests(folder, None, before=before, limit=10)
        assert len(page) == size
        names += [row["name"] for row in page]
        before = page[-1]["id"] if page else None
    assert names == [f"{n:012x}" for n in reversed(range(25))]


def test_of_equal_times_none_is_lost_between_two_pages(counts):
    folder = counts(*(exchange() for _ in range(9)))
    first = recent.requests(folder, None, limit=4)
    rest = recent.requests(folder, None, before=first[-1]["id"], limit=9)
    assert len({row["id"] for row in (*first, *rest)}) == 9


def test_a_request_is_told_with_all_that_was_counted_of_it(counts):
    folder = counts(
        exchange(
            name="00000000beef",
            arm="held out",
            before=Usage(10, 900, 90, 25),
            events=(Event("bust", "tools in another order", 1, 300),),
        )
    )
    (row,) = recent.requests(folder, None)
    assert (row["tokens_before"], row["saved_tokens"], row["savings_percent"]) == (1_000, 600, 60.0)
    assert row["usage"] == {
        "fresh": 10,
        "cache_read": 300,
        "cache_write": 90,
        "cache_write_long": 0,
        "output": 25,
    }
    assert row["before"]["cache_read"] == 900
    assert row["edited"] == 1
    assert row["edits"] == [
        {
            "compressor": "log",
            "fidelity": "recoverable",
            "tokens_before": 900,
            "tokens_after": 300,
            "count": 1,
        }
    ]
    assert row["events"] == [
        {"kind": "bust", "label": "tools in another order", "count": 1, "tokens": 300}
    ]
    assert (row["arm"], row["skips"], row["our_seconds"]) == ("held out", {"too_small": 2}, 0.004)
    assert recent.request(folder, "00000000beef") == row


def test_a_request_without_usage_or_savings_is_told_as_such(counts):
    folder = counts(exchange(usage=None, first_byte_seconds=None))
    (row,) = recent.requests(folder, None)
    assert row["usage"] is row["before"] is row["first_byte_seconds"] is None


def test_a_name_that_nothing_has_is_none(counts, tmp_path):
    assert recent.request(tmp_path, "00000000beef") is None
    assert recent.request(counts(exchange(name="a")), "00000000beef") is None


def test_nothing_was_counted_yet(tmp_path):
    assert recent.series(tmp_path, None, DAY) == ([], None)
    assert recent.requests(tmp_path, None) == []


def test_a_damaged_file_is_said_in_words(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 99)
    for look in (
        lambda: recent.requests(tmp_path, None),
        lambda: recent.series(tmp_path, 0.0, DAY),
    ):
        with pytest.raises(StoreError, match="damaged"):
            look()


def test_columns_that_an_older_file_lacks_are_left_out(counts):
    folder = counts(exchange(name="a"))
    with sqlite3.connect(folder / FILE_NAME) as connection:
        for table, column in (
            *(("exchanges", name) for name in ("name", "arm", "events", "cache_write_long")),
            *(("exchanges", f"before_{name}") for name in ("fresh", "cache_read", "output")),
            *(("spans", name) for name in ("cache_write_long", "before_fresh")),
        ):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.close()
    (row,) = recent.requests(folder, None)
    assert (row["name"], row["arm"], row["before"], row["events"]) == ("", "", None, [])
    assert row["usage"]["cache_write_long"] == 0
    (point,), _ = recent.series(folder, None, DAY)
    assert "cache_write_long" not in point["usage"]
    assert recent.request(folder, "a") is None
