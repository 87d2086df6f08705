import os
import sqlite3
import stat
from contextlib import closing

import pytest

from headroom.errors import StoreError
from headroom.sqlite_files import check_version, connected, opened, use_wal, version_of


class Refusing:
    """A connection whose file refuses so often, and then no more."""

    def __init__(self, *refusals):
        self.refusals = list(refusals)

    def execute(self, statement):
        if self.refusals:
            raise sqlite3.OperationalError(self.refusals.pop())


def test_a_neighbour_that_switches_to_wal_is_waited_for():
    busy = Refusing("database is locked", "database is locked")
    use_wal(busy, 30.0)
    assert busy.refusals == []


def test_what_is_no_neighbour_is_not_waited_for():
    with pytest.raises(sqlite3.OperationalError, match="disk I/O"):
        use_wal(Refusing("disk I/O error"), 30.0)


def test_a_file_that_stays_held_is_given_up(tmp_path):
    with (
        closing(sqlite3.connect(tmp_path / "some.db", isolation_level=None)) as holder,
        closing(sqlite3.connect(tmp_path / "some.db", timeout=0)) as other,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            use_wal(other, 0.02)
        holder.execute("COMMIT")
        use_wal(other, 0.02)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_new_file_has_version_0(tmp_path):
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert version_of(connection) == 0
        connection.execute("PRAGMA user_version = 7")
        assert version_of(connection) == 7


def fill(connection):
    connection.execute("CREATE TABLE things (name)")
    connection.execute("PRAGMA user_version = 3")


def test_a_file_is_made_for_its_owner_alone_and_filled_once(tmp_path):
    path = tmp_path / "folder" / "some.db"
    for _ in range(2):
        opened(path, 1.0, 3, fill).close()
    with closing(connected(path, 1.0)) as connection:
        assert version_of(connection) == 3
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_filled_is_left_as_it_was(tmp_path):
    def half(connection):
        connection.execute("CREATE TABLE things (name)")
        connection.execute("no statement")

    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        opened(tmp_path / "some.db", 1.0, 3, half)
    opened(tmp_path / "some.db", 1.0, 3, fill).close()


def test_a_file_of_a_newer_version_is_refused_in_words(tmp_path):
    opened(tmp_path / "some.db", 1.0, 3, fill).close()
    with closing(connected(tmp_path / "some.db", 1.0)) as connection:
        check_version(connection, tmp_path / "some.db", 3)
        with pytest.raises(StoreError, match="newer headroom"):
            check_version(connection, tmp_path / "some.db", 2)
    with pytest.raises(StoreError, match="newer headroom"):
        opened(tmp_path / "some.db", 1.0, 2, fill)
