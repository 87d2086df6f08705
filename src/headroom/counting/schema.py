"""The tables of the counts and the statements that add to them.

`exchanges` has a row for each request, `spans` and `details` their sums by quarters of an hour
and by `who` made them. SQL and nothing else: this file opens nothing.
"""

from headroom.counting.rollup import COLUMNS, WHO

VERSION = 1
_WHO = ", ".join(WHO)
_SUMS = ", ".join(COLUMNS)
TOTALS = ", ".join(f"TOTAL({name})" for name in COLUMNS)
_ROW = (
    *("time", "project", "session", "agent", "provider", "format", "model", "path", "status"),
    *("streamed", "tokens_before", "tokens_after", "exact", "edits", "skips", "failures"),
    *("failure", "late", "retrievals", "retrieved_tokens", "rounds", "tool_tokens"),
    *("our_seconds", "first_byte_seconds", "upstream_seconds", "bytes_in", "bytes_saved"),
    *("fresh", "cache_read", "cache_write", "output", "error"),
)
SCHEMA = (
    f"CREATE TABLE exchanges (id INTEGER PRIMARY KEY, {', '.join(_ROW)})",
    "CREATE INDEX exchanges_by_time ON exchanges (time)",
    "CREATE INDEX exchanges_that_failed ON exchanges (time, failure) WHERE failure != ''",
    f"CREATE TABLE who (id INTEGER PRIMARY KEY, {_WHO}, UNIQUE ({_WHO}))",
    f"CREATE TABLE spans (span INTEGER, who INTEGER, {_SUMS}, PRIMARY KEY (span, who))"
    " WITHOUT ROWID",
    "CREATE TABLE details (span INTEGER, who INTEGER, kind, label, fidelity, count, tokens_before,"
    " tokens_after, PRIMARY KEY (span, who, kind, label, fidelity)) WITHOUT ROWID",
    f"PRAGMA user_version = {VERSION}",
)
ADD_EXCHANGE = f"INSERT INTO exchanges ({', '.join(_ROW)}) VALUES ({', '.join('?' * len(_ROW))})"
ADD_WHO = f"INSERT OR IGNORE INTO who ({_WHO}) VALUES ({', '.join('?' * len(WHO))})"
WHO_ID = f"SELECT id FROM who WHERE ({_WHO}) = ({', '.join('?' * len(WHO))})"
_ONTO_SPAN = "ON CONFLICT DO UPDATE SET " + ", ".join(f"{c} = {c} + excluded.{c}" for c in COLUMNS)
ADD_SPAN = f"INSERT INTO spans VALUES (?, ?, {', '.join('?' * len(COLUMNS))}) {_ONTO_SPAN}"
_ONTO_DETAIL = "ON CONFLICT DO UPDATE SET " + ", ".join(
    f"{c} = {c} + excluded.{c}" for c in ("count", "tokens_before", "tokens_after")
)
ADD_DETAIL = f"INSERT INTO details VALUES (?, ?, ?, ?, ?, ?, ?, ?) {_ONTO_DETAIL}"
# Span 0 takes what is too old to be told apart any further than by provider, model and status.
FOLD = (
    "INSERT OR IGNORE INTO who (project, session, agent, provider, model, status)"
    " SELECT DISTINCT '', '', '', provider, model, status FROM who",
    "CREATE TEMP TABLE folded AS SELECT old.id AS id, new.id AS into_id FROM who old JOIN who new"
    " ON (new.project, new.session, new.agent) = ('', '', '')"
    " AND (new.provider, new.model, new.status) = (old.provider, old.model, old.status)",
    f"INSERT INTO spans SELECT 0, into_id, {TOTALS} FROM spans JOIN folded ON who = id"
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
