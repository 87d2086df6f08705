"""The tables of the counts and the statements that add to them.

`exchanges` has a row for each request, `spans` and `details` their sums by quarters of an hour
and by `who` made them. SQL and nothing else: this file opens nothing.
"""

from headroom.counting.rollup import BEFORE, COLUMNS, LASTING, USAGE, WHO

VERSION = 2
_WHO = ", ".join(WHO)
_SUMS = ", ".join(COLUMNS)
TOTALS = ", ".join(f"TOTAL({name})" for name in COLUMNS)
ROW = (
    *("time", "project", "session", "agent", "provider", "format", "model", "path", "status"),
    *("streamed", "tokens_before", "tokens_after", "exact", "edits", "skips", "failures"),
    *("failure", "late", "retrievals", "retrieved_tokens", "rounds", "tool_tokens"),
    *("our_seconds", "first_byte_seconds", "upstream_seconds", "bytes_in", "bytes_saved"),
    *("fresh", "cache_read", "cache_write", "output", "error"),
    *("cache_write_long", *BEFORE, "name", "arm", "events"),
)
CREATE_WHO = f"CREATE TABLE who (id INTEGER PRIMARY KEY, {_WHO}, UNIQUE ({_WHO}))"
SCHEMA = (
    f"CREATE TABLE exchanges (id INTEGER PRIMARY KEY, {', '.join(ROW)})",
    "CREATE INDEX exchanges_by_time ON exchanges (time)",
    "CREATE INDEX exchanges_that_failed ON exchanges (time, failure) WHERE failure != ''",
    CREATE_WHO,
    f"CREATE TABLE spans (span INTEGER, who INTEGER, {_SUMS}, PRIMARY KEY (span, who))"
    " WITHOUT ROWID",
    "CREATE TABLE details (span INTEGER, who INTEGER, kind, label, fidelity, count, tokens_before,"
    " tokens_after, PRIMARY KEY (span, who, kind, label, fidelity)) WITHOUT ROWID",
    f"PRAGMA user_version = {VERSION}",
)
ADD_EXCHANGE = f"INSERT INTO exchanges ({', '.join(ROW)}) VALUES ({', '.join('?' * len(ROW))})"
ADD_WHO = f"INSERT OR IGNORE INTO who ({_WHO}) VALUES ({', '.join('?' * len(WHO))})"
WHO_ID = f"SELECT id FROM who WHERE ({_WHO}) = ({', '.join('?' * len(WHO))})"
_ONTO_SPAN = "ON CONFLICT DO UPDATE SET " + ", ".join(f"{c} = {c} + excluded.{c}" for c in COLUMNS)
# Columns are named: in a file that an older version made they stand in another order.
_INTO_SPANS = f"INSERT INTO spans (span, who, {_SUMS})"
ADD_SPAN = f"{_INTO_SPANS} VALUES (?, ?, {', '.join('?' * len(COLUMNS))}) {_ONTO_SPAN}"
_ONTO_DETAIL = "ON CONFLICT DO UPDATE SET " + ", ".join(
    f"{c} = {c} + excluded.{c}" for c in ("count", "tokens_before", "tokens_after")
)
ADD_DETAIL = f"INSERT INTO details VALUES (?, ?, ?, ?, ?, ?, ?, ?) {_ONTO_DETAIL}"
# Span 0 takes what is too old to be told apart any further than by what lasts.
_LASTING = ", ".join(LASTING)
FOLD = (
    f"INSERT OR IGNORE INTO who (project, session, agent, {_LASTING})"
    f" SELECT DISTINCT '', '', '', {_LASTING} FROM who",
    "CREATE TEMP TABLE folded AS SELECT old.id AS id, new.id AS into_id FROM who old JOIN who new"
    " ON (new.project, new.session, new.agent) = ('', '', '')"
    f" AND ({', '.join(f'new.{name}' for name in LASTING)})"
    f" = ({', '.join(f'old.{name}' for name in LASTING)})",
    f"{_INTO_SPANS} SELECT 0, into_id, {TOTALS} FROM spans JOIN folded ON who = id"
    f" WHERE span BETWEEN 1 AND :before GROUP BY into_id {_ONTO_SPAN}",
    "INSERT INTO details SELECT 0, into_id, kind, label, fidelity, SUM(count),"
    " SUM(tokens_before), SUM(tokens_after) FROM details JOIN folded ON who = id"
    f" WHERE span BETWEEN 1 AND :before GROUP BY into_id, kind, label, fidelity {_ONTO_DETAIL}",
    "DROP TABLE folded",
    "DELETE FROM spans WHERE span BETWEEN 1 AND :before",
    "DELETE FROM details WHERE span BETWEEN 1 AND :before",
    "DELETE FROM exchanges WHERE time < :before",
    "DELETE FROM who WHERE id NOT IN (SELECT who FROM spans)",
)
# From version 1: who made a request was told by fewer things, and of what it used only the usage
# was known. What it would have used without us counts as the same.
_NEW_SUMS = ("cache_write_long", *BEFORE)
_OLD_WHO = ("id", "project", "session", "agent", "provider", "model", "status")
_KNOWN_USAGE = tuple(name for name in USAGE if name != "cache_write_long")
_SAME = ", ".join(f"before_{name} = {name}" for name in _KNOWN_USAGE)
FROM_1 = (
    *(f"ALTER TABLE exchanges ADD COLUMN {name}" for name in (*_NEW_SUMS, "name", "arm", "events")),
    f"UPDATE exchanges SET name = '', arm = '', events = '[]', {_SAME}",
    "UPDATE exchanges SET cache_write_long = 0, before_cache_write_long = 0"
    " WHERE fresh IS NOT NULL",
    *(f"ALTER TABLE spans ADD COLUMN {name} DEFAULT 0" for name in _NEW_SUMS),
    f"UPDATE spans SET {_SAME}",
    "ALTER TABLE who RENAME TO who_of_1",
    CREATE_WHO,
    f"INSERT INTO who ({', '.join(_OLD_WHO)}, arm, above, before_above)"
    f" SELECT {', '.join(_OLD_WHO)}, '', 0, 0 FROM who_of_1",
    "DROP TABLE who_of_1",
    f"PRAGMA user_version = {VERSION}",
)
