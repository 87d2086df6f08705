import sqlite3
from contextlib import closing

import pytest

from headroom.sqlite_files import use_wal, version_of


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
