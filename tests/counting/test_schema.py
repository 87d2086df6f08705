"""A file of counts that the first version wrote goes on being read and written."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import counts_of_1
import pytest
from exchanges import NOON, exchange

from headroom.counting import Tally, sessions, totals
from headroom.counting.sqlite import FILE_NAME, CountsFile
from headroom.errors import StoreError
from headroom.wire._api import Usage

USED = Usage(fresh=20, cache_read=600, cache_write=180, output=50)


@pytest.fixture
def older(tmp_path):
    """A folder with counts of the first version."""
    counts_of_1.write(tmp_path / FILE_NAME, int(NOON))
    return tmp_path


def rows(folder, query):
    connection = sqlite3.connect(folder / FILE_NAME)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_what_was_counted_before_counts_as_if_it_had_passed_unchanged(older):
    total = totals.read(older).total
    assert (total.requests, total.reported, total.errors) == (3, 2, 1)
    assert total.usage == total.bill.before == total.bill.after == USED
    assert total.bill.net_saved == 0
    assert (
        total.bill.cost_after == 20 * 3_000_000 + 600 * 300_000 + 180 * 3_750_000 + 50 * 15_000_000
    )
    assert total.edits[0].tokens_after == 600
    (session,) = [one for one in sessions.read(older) if one.session == "s1"]
    assert (session.requests, session.arm, session.before) == (2, "", USED)


def test_who_only_reads_leaves_the_file_as_it_is(older):
    before = (older / FILE_NAME).read_bytes()
    assert totals.read(older, by="session").groups["s1"].requests == 2
    assert (older / FILE_NAME).read_bytes() == before
    assert rows(older, "PRAGMA user_version") == [(1,)]


def test_the_first_write_brings_the_file_up_to_date_and_adds_to_it(older):
    made = Tally(older, now=lambda: NOON)
    made.add(exchange(before=Usage(fresh=10, cache_read=300, cache_write=690, output=25)))
    assert made.flush()
    made.close()
    assert rows(older, "PRAGMA user_version") == [(2,)]
    total = totals.read(older).total
    assert total.requests == 4
    assert total.bill.after == USED + Usage(10, 300, 90, 25)
    assert total.bill.before == USED + Usage(10, 300, 690, 25)
    assert rows(older, "SELECT fresh, before_fresh, cache_write_long, arm FROM exchanges") == [
        *[(10, 10, 0, "")] * 2,
        (None, None, None, ""),
        (10, 10, 0, ""),
    ]
    assert rows(older, "SELECT id, session, arm, above FROM who WHERE id < 3") == [
        (1, "s1", "", 0),
        (2, "s2", "", 0),
    ]


def test_what_is_old_can_be_forgotten_in_such_a_file(older):
    CountsFile(older).forget(NOON + 86_400)
    total = totals.read(older).total
    assert (total.requests, total.usage, total.bill.before) == (3, USED, USED)
    assert rows(older, "SELECT DISTINCT session FROM who") == [("",)]


def test_processes_that_meet_the_file_at_once_upgrade_it_once(older):
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from exchanges import NOON, exchange\n"
        "from headroom.counting import Tally\n"
        "sys.stdin.read()\n"
        "made = Tally(Path(sys.argv[1]), now=lambda: NOON)\n"
        "made.add(exchange())\n"
        "made.close(30)\n"
        "sys.exit(bool(made.trouble))\n"
    )
    here = str(Path(__file__).parent)
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(older), here], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        process.stdin.close()
    assert [process.wait(60) for process in started] == [0] * 4
    assert totals.read(older).total.requests == 7


def test_an_upgrade_that_does_not_finish_leaves_the_file_as_it_was(older):
    connection = sqlite3.connect(older / FILE_NAME)
    connection.execute("CREATE TABLE who_of_1 (a)")
    connection.close()
    with pytest.raises(StoreError, match="cannot be used"):
        CountsFile(older).forget(NOON)
    assert rows(older, "PRAGMA user_version") == [(1,)]
    assert rows(older, "SELECT COUNT(*) FROM who") == [(2,)]
    assert "before_fresh" not in str(rows(older, "SELECT sql FROM sqlite_master"))
