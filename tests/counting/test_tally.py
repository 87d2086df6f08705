"""Counting never waits and never fails; the disk gets what it can take."""

import gc
import sqlite3
import subprocess
import sys
import threading
import tracemalloc

import pytest
from exchanges import NOON, exchange

from headroom.counting import Books, Compression, EditCount, Tally, totals
from headroom.counting.shown import ShownEdits
from headroom.counting.sqlite import FILE_NAME, CountsFile
from headroom.edits import Edit, Fidelity
from headroom.errors import StoreError
from headroom.wire._api import Usage


@pytest.fixture
def tally(tmp_path):
    made = Tally(tmp_path, now=lambda: NOON)
    yield made
    made.close()


def rows(folder, query):
    with sqlite3.connect(folder / FILE_NAME) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_request_is_a_row_on_disk_and_in_the_sums(tally, tmp_path):
    tally.add(exchange())
    assert tally.flush()
    assert rows(tmp_path, "SELECT model, tokens_before, cache_read, edits FROM exchanges") == [
        ("claude-sonnet-4-5", 1_000, 300, '[["log","recoverable",900,300,1]]')
    ]
    assert totals.read(tmp_path).total.requests == 1


def test_what_was_added_reaches_the_disk_without_asking(tally, tmp_path):
    tally.add(exchange())
    tries = 0
    while totals.read(tmp_path).total.requests < 1:
        threading.Event().wait(0.02)
        tries += 1
        assert tries < 1_000


def test_closing_brings_the_rest_to_disk(tmp_path):
    made = Tally(tmp_path, now=lambda: NOON)
    for _ in range(300):
        made.add(exchange())
    made.close()
    assert totals.read(tmp_path).total.requests == 300
    made.add(exchange())
    assert made.flush()


def test_a_usage_that_was_not_reported_is_no_zero(tally, tmp_path):
    tally.add(exchange(usage=None, first_byte_seconds=None, upstream_seconds=None))
    tally.flush()
    assert rows(tmp_path, "SELECT fresh, output, upstream_seconds FROM exchanges") == [
        (None, None, None)
    ]
    total = totals.read(tmp_path).total
    assert (total.reported, total.first_byte.median) == (0, None)


def test_hostile_values_are_counted_as_far_as_they_go(tally, tmp_path):
    tally.add(
        exchange(
            model="\ud800\x00" * 9_999,
            session="'; DROP TABLE exchanges; --",
            usage=Usage(fresh=10**40, output=-3),
            compression=Compression(
                10**30, -1, edits=(EditCount("\ud800", "", 10**30, 0),), skips={"\ud800": 10**30}
            ),
        )
    )
    assert tally.flush()
    total = totals.read(tmp_path).total
    assert (total.usage.fresh, total.usage.output, total.tokens_after) == (10**12, 0, 0)


def test_a_request_that_grew_has_saved_no_bytes_in_its_row_and_in_the_sums(tally, tmp_path):
    tally.add(exchange(bytes_saved=-350))
    tally.add(exchange(bytes_saved=1_000))
    assert tally.flush()
    assert rows(tmp_path, "SELECT bytes_saved FROM exchanges ORDER BY id") == [(0,), (1_000,)]
    assert totals.read(tmp_path).total.bytes_saved == 1_000


def test_what_the_queue_cannot_take_is_counted_as_uncounted(tmp_path):
    made = Tally(tmp_path, capacity=0, now=lambda: NOON)
    for _ in range(5):
        made.add(exchange())
    made._capacity = 10
    made.add(exchange())
    made.flush()
    made.close()
    total = totals.read(tmp_path).total
    assert (total.requests, total.uncounted) == (1, 5)


def test_a_damaged_file_is_said_and_counting_goes_on_in_memory(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 99)
    made = Tally(tmp_path, now=lambda: NOON)
    for _ in range(3):
        made.add(exchange())
    assert not made.flush()
    found = made.summary(by="model")
    assert (found.total.requests, found.unsaved) == (3, 3)
    assert found.groups["claude-sonnet-4-5"].retrievals == 3
    assert "counts.db are damaged" in found.trouble
    assert totals.as_json(found)["unsaved"] == 3
    made.close()
    with pytest.raises(StoreError, match="damaged"):
        totals.read(tmp_path)


def test_what_waits_for_the_disk_stays_small_however_many_sessions_there_are(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    made = Tally(tmp_path, now=lambda: NOON)
    made.add(exchange())
    made.flush()
    tracemalloc.start()
    for number in range(12_000):
        made.add(exchange(session=f"session {number}"))
        if number % 1_000 == 0:
            made.flush()
    made.flush()
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found = made.summary().total
    made.close()
    assert (found.requests, found.uncounted) == (12_001, 0)
    assert most < 9_000_000
    assert held < 6_000_000


def test_what_was_written_is_no_longer_held(tally):
    tally.add(exchange())
    tally.flush()
    tracemalloc.start()
    for number in range(3_000):
        tally.add(exchange(session=f"session {number}"))
    assert tally.flush(30)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 300_000


def test_what_the_disk_refused_is_saved_once_it_takes_it(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    made = Tally(tmp_path, now=lambda: NOON)
    made.add(exchange())
    assert not made.flush()
    assert made.trouble
    (tmp_path / FILE_NAME).rmdir()
    made.add(exchange())
    assert made.flush()
    assert (made.trouble, made.unsaved) == ("", 0)
    made.close()
    assert totals.read(tmp_path).total.requests == 2
    assert rows(tmp_path, "SELECT COUNT(*) FROM exchanges") == [(2,)]


def test_a_file_that_another_holds_delays_nobody_but_the_writer(tmp_path):
    CountsFile(tmp_path).forget(0)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    made = Tally(tmp_path, now=lambda: NOON)
    for _ in range(1_000):
        made.add(exchange())
    assert not made.flush(0.05), "added while nothing can be written"
    holder.execute("COMMIT")
    holder.close()
    assert made.flush(20)
    made.close()
    assert totals.read(tmp_path).total.requests == 1_000


def test_a_newer_file_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    made = Tally(tmp_path, now=lambda: NOON)
    made.add(exchange())
    assert not made.flush()
    assert "newer headroom" in made.trouble
    made.close()


def test_several_processes_count_in_one_file(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from exchanges import NOON, exchange\n"
        "from headroom.counting import Tally\n"
        "made = Tally(Path(sys.argv[1]), now=lambda: NOON)\n"
        "for number in range(200):\n"
        "    made.add(exchange(session=f's{number % 7}'))\n"
        "    number % 50 or made.flush()\n"
        "made.close(30)\n"
        "sys.exit(bool(made.trouble))\n"
    )
    here = str(__file__).rpartition("/")[0]
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), here]) for _ in range(3)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    found = totals.read(tmp_path, by="session")
    assert found.total.requests == 600
    assert len(found.groups) == 7


def test_the_file_is_its_owners_alone(tally, tmp_path):
    tally.add(exchange())
    tally.flush()
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_what_is_old_keeps_its_sums_and_loses_who_it_was(tmp_path):
    file = Tally(tmp_path, days=30.0, now=lambda: NOON)
    file.add(exchange(time=NOON - 31 * 86_400, session="old"))
    file.add(exchange(time=NOON - 31 * 86_400, session="older"))
    file.add(exchange())
    file.flush()
    file.close()
    found = totals.read(tmp_path, by="session")
    assert found.total.requests == 3
    assert found.total.edits[0].count == 3
    assert {name: group.requests for name, group in found.groups.items()} == {"": 2, "s1": 1}
    assert totals.read(tmp_path, since=NOON).total.requests == 1
    assert totals.read(tmp_path, by="model").groups["claude-sonnet-4-5"].requests == 3
    assert rows(tmp_path, "SELECT session FROM exchanges") == [("s1",)]
    assert rows(tmp_path, "SELECT session FROM who ORDER BY session") == [("",), ("s1",)]


def test_what_cannot_be_told_of_a_request_does_not_keep_it_from_being_counted(tally):
    tally.add(exchange(), lambda: 1 / 0)
    tally.add(exchange(), lambda: None)
    assert tally.flush()
    assert tally.summary().total.requests == 2


def test_edits_that_cannot_be_kept_are_a_trouble_and_counting_goes_on(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "edits.db").write_bytes(b"no database" * 500)
    tally = Tally(home, books=Books(shown=ShownEdits(home)))
    edit = Edit((), "long", "short", "log", Fidelity.LOSSLESS, (), 9, 3)
    tally.add(exchange(), edits=[edit])
    tally.flush()
    assert "edits.db" in tally.trouble
    tally.add(exchange())
    tally.flush()
    assert tally.summary().total.requests == 2
    tally.close()
