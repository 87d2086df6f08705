"""A file of counts as the first version of its tables has it, spelled out."""

import sqlite3

BUCKETS = 14
SUMS = (
    *("requests", "streamed", "estimated", "errors", "uncounted"),
    *("tokens_before", "tokens_after", "tool_tokens", "retrieved_tokens"),
    *("failures", "late", "retrievals", "rounds", "bytes_in", "bytes_saved"),
    *("reported", "fresh", "cache_read", "cache_write", "output"),
    *("our_seconds", "first_byte_seconds", "upstream_seconds"),
    *(f"our_{step}" for step in range(BUCKETS)),
    *(f"first_{step}" for step in range(BUCKETS)),
)
TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE exchanges (id INTEGER PRIMARY KEY, time, project, session, agent, provider, format,
  model, path, status, streamed, tokens_before, tokens_after, exact, edits, skips, failures, failure,
  late, retrievals, retrieved_tokens, rounds, tool_tokens, our_seconds, first_byte_seconds,
  upstream_seconds, bytes_in, bytes_saved, fresh, cache_read, cache_write, output, error);
CREATE INDEX exchanges_by_time ON exchanges (time);
CREATE INDEX exchanges_that_failed ON exchanges (time, failure) WHERE failure != '';
CREATE TABLE who (id INTEGER PRIMARY KEY, project, session, agent, provider, model, status,
  UNIQUE (project, session, agent, provider, model, status));
CREATE TABLE spans (span INTEGER, who INTEGER, {", ".join(SUMS)}, PRIMARY KEY (span, who))
  WITHOUT ROWID;
CREATE TABLE details (span INTEGER, who INTEGER, kind, label, fidelity, count, tokens_before,
  tokens_after, PRIMARY KEY (span, who, kind, label, fidelity)) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
"""
SONNET = ("shop", "s1", "claude-code", "anthropic", "claude-sonnet-4-5", 200)
FAILED = ("shop", "s2", "claude-code", "anthropic", "claude-sonnet-4-5", 529)


def write(path, span):
    """Two requests of one session, and one that failed, in the quarter of an hour `span`."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(TABLES)
    for who, session in enumerate((SONNET, FAILED), 1):
        connection.execute("INSERT INTO who VALUES (?, ?, ?, ?, ?, ?, ?)", (who, *session))
    answered = {
        "requests": 2,
        "tokens_before": 2_000,
        "tokens_after": 800,
        "reported": 2,
        "fresh": 20,
        "cache_read": 600,
        "cache_write": 180,
        "output": 50,
        "our_3": 2,
    }
    refused = {"requests": 1, "tokens_before": 500, "tokens_after": 500, "errors": 1}
    for who, sums in enumerate((answered, refused), 1):
        values = [sums.get(name, 0) for name in SUMS]
        marks = ", ".join("?" * (2 + len(SUMS)))
        connection.execute(f"INSERT INTO spans VALUES ({marks})", (span, who, *values))
    connection.execute(
        "INSERT INTO details VALUES (?, 1, 'edit', 'log', 'recoverable', 2, 1800, 600)", (span,)
    )
    for used in ((10, 300, 90, 25), (10, 300, 90, 25), (None,) * 4):
        connection.execute(
            "INSERT INTO exchanges (time, session, model, failure, fresh, cache_read, cache_write,"
            " output) VALUES (?, 's1', 'claude-sonnet-4-5', '', ?, ?, ?, ?)",
            (span + 1.0, *used),
        )
    connection.commit()
    connection.close()
