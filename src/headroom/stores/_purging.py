"""What leaves the SQLite store, and the tombstone that says so afterwards.

Rule: an original goes only here, together with a tombstone, inside the caller's transaction.
Settled facts go here too; nobody asks for one by name, so nothing is said of them afterwards.
"""

import sqlite3
from collections.abc import Iterable

from headroom.stores._api import Retention
from headroom.stores._naming import DAY, PROTECTED, SETTLED_SHARE

# At most so many go with one put, which somebody waits for; the next put goes on.
_AT_ONCE = 500
# Purging for size frees a tenth, so that not every put purges.
_KEPT_SHARE = 0.9

Named = tuple[str, str, bytes]  # scope, ref, digest


def purge_expired(connection: sqlite3.Connection, retention: Retention, now: float) -> int:
    """Apply the retention policy; the number of refs that went. Cheap when nothing is due."""
    protected = now - PROTECTED
    expired = connection.execute(
        "SELECT scope, ref, digest FROM refs WHERE accessed < ? ORDER BY accessed LIMIT ?",
        (min(now - retention.days * DAY, protected), _AT_ONCE),
    ).fetchall()
    bury(connection, expired, now, retention.by_age)
    used = _used(connection)
    if used <= retention.max_bytes:
        return len(expired)
    excess = used - retention.max_bytes * _KEPT_SHARE
    surplus: list[Named] = []
    oldest_first = connection.execute(
        "SELECT scope, ref, digest, stored_size FROM refs JOIN contents USING (digest) "
        "WHERE accessed < ? ORDER BY accessed LIMIT ?",
        (protected, _AT_ONCE),
    ).fetchall()
    for scope, ref, digest, size in oldest_first:
        if excess <= 0:
            break
        excess -= size
        surplus.append((scope, ref, digest))
    bury(connection, surplus, now, retention.by_size)
    return len(expired) + len(surplus)


def bury(connection: sqlite3.Connection, named: Iterable[Named], now: float, by: str) -> None:
    """Remove refs, and content that no other ref names, leaving tombstones."""
    for scope, ref, digest in named:
        connection.execute(
            "INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?, ?, ?)",
            (scope, ref, digest, now, by),
        )
        connection.execute("DELETE FROM refs WHERE scope = ? AND ref = ?", (scope, ref))
        connection.execute(
            "DELETE FROM contents WHERE digest = ?1 "
            "AND NOT EXISTS (SELECT 1 FROM refs WHERE digest = ?1)",
            (digest,),
        )


def purge_settled(connection: sqlite3.Connection, retention: Retention, now: float) -> None:
    """Apply the retention policy to settled facts, which leave no tombstones."""
    protected = now - PROTECTED
    due = min(now - retention.days * DAY, protected)
    (used,) = connection.execute("SELECT ifnull(sum(size), 0) FROM settled").fetchone()
    excess = used - retention.max_bytes * SETTLED_SHARE
    oldest_first = connection.execute(
        "SELECT rowid, size, used FROM settled WHERE used < ? ORDER BY used LIMIT ?",
        (protected, _AT_ONCE),
    ).fetchall()
    going = []
    for row, size, last in oldest_first:
        if last >= due and excess <= 0:
            break
        excess -= size
        going.append((row,))
    connection.executemany("DELETE FROM settled WHERE rowid = ?", going)


def erase_settled(connection: sqlite3.Connection, since: float) -> None:
    """Remove settled facts of every scope that were not used since then."""
    connection.execute("DELETE FROM settled WHERE used < ?", (since,))


def _used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
