"""What was counted, in the order of time: sums by spans of time, and the latest requests.

Reads only, and by the names of columns: a column that a file does not have yet is left out.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from headroom.counting.rollup import SPAN_SECONDS
from headroom.counting.sqlite import reading

HOUR, DAY = 3_600, 86_400
_USAGE = ("fresh", "cache_read", "cache_write", "cache_write_long", "output")
_BEFORE = tuple(f"before_{name}" for name in _USAGE)
_FIGURES = (
    *("requests", "errors", "tokens_before", "tokens_after", "tool_tokens", "retrieved_tokens"),
    *("retrievals", "reported"),
)
_TEXTS = (
    *("name", "project", "session", "agent", "provider", "format", "model", "path", "arm"),
    *("failure", "error"),
)
_COUNTS = (
    *("id", "status", "tokens_before", "tokens_after", "failures", "late", "retrievals"),
    *("retrieved_tokens", "rounds", "tool_tokens", "bytes_in", "bytes_saved"),
)
_SECONDS = ("time", "our_seconds", "first_byte_seconds", "upstream_seconds")
_EDIT = ("compressor", "fidelity", "tokens_before", "tokens_after", "count")
_EVENT = ("kind", "label", "count", "tokens")
_Row = Mapping[str, Any]


def step_of(hours: float | None) -> int:
    """Seconds of a point in a series over so many hours (None: over all)."""
    if hours is not None and hours <= 24:
        return SPAN_SECONDS
    return HOUR if hours is not None and hours <= 7 * 24 else DAY


def series(
    directory: Path, since: float | None, step: int, east: int = 0
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The sums from a time on by `step` seconds, oldest first, and the sum of what is too old to
    be told apart (None where nothing is, or `since` leaves it out). Days begin `east` seconds
    before those of UTC.

    Raises:
        StoreError: the file cannot be read.
    """
    with reading(directory) as connection:
        if connection is None:
            return [], None
        found = _points(connection, since, step, east)
    old = next((point for point in found if not point["start"]), None)
    return [point for point in found if point["start"]], old


def requests(
    directory: Path, since: float | None, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The latest requests from a time on (of the quarter of an hour it is in), newest first;
    `before` is the id of the request that they are older than.

    Raises:
        StoreError: the file cannot be read.
    """
    bound = 0.0 if since is None else int(since) // SPAN_SECONDS * SPAN_SECONDS
    where, values = "WHERE time >= ?", [bound]
    if before is not None:
        where += " AND (time, id) < (SELECT time, id FROM exchanges WHERE id = ?)"
        values.append(before)
    query = f"SELECT * FROM exchanges {where} ORDER BY time DESC, id DESC LIMIT ?"
    return [_request(row) for row in _rows(directory, query, (*values, limit))]


def request(directory: Path, name: str) -> dict[str, Any] | None:
    """The request of that name; None where there is none, or no longer.

    Raises:
        StoreError: the file cannot be read.
    """
    with reading(directory) as connection:
        if connection is None or "name" not in _columns(connection, "exchanges"):
            return None
    # The latest are asked for: from the end they are found at once.
    query = "SELECT * FROM exchanges WHERE name = ? ORDER BY id DESC LIMIT 1"
    return next(map(_request, _rows(directory, query, (name,))), None)


def _points(
    connection: sqlite3.Connection, since: float | None, step: int, east: int
) -> list[dict[str, Any]]:
    known = _columns(connection, "spans")
    names = [name for name in (*_FIGURES, *_USAGE, *_BEFORE) if name in known]
    sums = ", ".join(f"TOTAL({name})" for name in names)
    start = "CASE WHEN span > 0 THEN (span + :east) / :step * :step - :east ELSE 0 END"
    rows = connection.execute(
        f"SELECT {start} AS start, {sums} FROM spans WHERE span > :after"
        " GROUP BY start ORDER BY start",
        {
            "east": east,
            "step": step,
            "after": -1 if since is None else int(since) - SPAN_SECONDS,
        },
    )
    return [_point(row[0], dict(zip(names, map(int, row[1:]), strict=True))) for row in rows]


def _point(start: int, sums: Mapping[str, int]) -> dict[str, Any]:
    return {
        "start": start,
        **{name: sums[name] for name in _FIGURES if name in sums},
        "saved_tokens": sums["tokens_before"] - sums["tokens_after"],
        "usage": {name: sums[name] for name in _USAGE if name in sums},
        "before": {name: sums[key] for name, key in _usages("before_") if key in sums},
    }


def _request(row: _Row) -> dict[str, Any]:
    before, after = row["tokens_before"], row["tokens_after"]
    edits = _named(row.get("edits"), _EDIT)
    return {
        **{name: row.get(name) or "" for name in _TEXTS},
        **{name: row.get(name) or 0 for name in _COUNTS},
        **{name: row.get(name) for name in _SECONDS},
        "streamed": bool(row.get("streamed")),
        "exact": bool(row.get("exact")),
        "saved_tokens": before - after,
        "savings_percent": round(100.0 * (before - after) / before, 1) if before else 0.0,
        "usage": _usage(row, ""),
        "before": _usage(row, "before_"),
        "edits": edits,
        "edited": sum(edit["count"] for edit in edits),
        "skips": orjson.loads(row.get("skips") or "{}"),
        "events": _named(row.get("events"), _EVENT),
    }


def _usage(row: _Row, prefix: str) -> dict[str, int] | None:
    """The columns of a usage; None where none was reported."""
    if row.get(f"{prefix}fresh") is None:
        return None
    return {name: row.get(key) or 0 for name, key in _usages(prefix)}


def _usages(prefix: str) -> Iterable[tuple[str, str]]:
    return ((name, prefix + name) for name in _USAGE)


def _named(said: str | None, names: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, one, strict=False)) for one in orjson.loads(said or "[]")]


def _rows(directory: Path, query: str, values: Sequence[object]) -> list[_Row]:
    with reading(directory) as connection:
        if connection is None:
            return []
        found = connection.execute(query, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]


def _columns(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    return frozenset(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
