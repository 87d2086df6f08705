"""What every SQLite file of ours needs when it is opened. It knows no schema and no store."""

import sqlite3
import time

_AGAIN = 0.005


def use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to a write-ahead log, in so many seconds at most.

    Raises:
        sqlite3.OperationalError: another process held the file all the while.
    """
    # The one statement that SQLite refuses at once when another process does the same.
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN)
        else:
            return


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version that the file says it has; 0 in a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
