"""What is counted of a request, over HTTP and on a WebSocket: read where `headroom stats` does."""

import asyncio
import json
import logging
import sqlite3
import sys

import pytest
from acting import Agent, compact, post, retrieving, using
from dialects import DIALECTS
from materials import FACT, log
from scenes import scene
from socket_client import RESPONSES, connection

from headroom.counting import totals
from scripted_upstream import Hold, Reply

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RETRIEVING = (
    using("read_log"),
    retrieving(match=FACT),
    Reply(text="Found.", usage={"output_tokens": 9}),
)
ALIKE = (
    *("provider", "format", "model", "status", "streamed", "exact", "failures", "error"),
    *("retrievals", "retrieved_tokens", "rounds", "tool_tokens", "session", "project"),
)


def rows(folder):
    """What the proxy of a scene that is over has counted, one dict a request."""
    connection = sqlite3.connect(folder / "home" / "counts.db")
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT * FROM exchanges ORDER BY id").fetchall()
    connection.close()
    return [dict(row) for row in found]


@pytest.fixture
def folders(tmp_path):
    """Two, for a scene each."""
    made = tmp_path / "one", tmp_path / "other"
    for folder in made:
        folder.mkdir()
    return made


def test_the_turns_on_a_websocket_are_counted_as_those_over_http_are(folders):
    one, other = folders
    with scene(*RETRIEVING, folder=one) as run:
        Agent(RESPONSES, run.url, streamed=True).ask("Did it start?")
    with scene(*RETRIEVING, folder=other) as run, connection(run.url) as client:
        client.ask("Did it start?")
    over_http, on_socket = map(rows, folders)
    assert [row["path"] for row in on_socket] == ["websocket"] * 2
    for name in ALIKE:
        assert [row[name] for row in on_socket] == [row[name] for row in over_http], name
    asked, read = on_socket
    assert (read["retrievals"], read["rounds"], read["status"]) == (1, 1, 200)
    assert read["retrieved_tokens"] > 0
    assert read["tokens_before"] > read["tokens_after"] > 0
    assert json.loads(read["edits"])
    assert read["output"] >= 9
    assert read["bytes_in"] > read["bytes_saved"] > 2_000
    assert asked["bytes_saved"] == 0
    assert 0 < read["our_seconds"] < 20
    assert 0 < read["first_byte_seconds"] <= read["upstream_seconds"] < 20


def test_a_turn_on_a_websocket_that_is_cut_off_is_counted_so(tmp_path):
    never = Reply(text="Never said.", hold=Hold(asyncio.Event()))
    with scene(never, folder=tmp_path) as run, connection(run.url) as client:
        client.begin(RESPONSES.asked("Look."))
        run.wait_until(lambda upstream: len(upstream.requests) == 2)
    (row,) = rows(tmp_path)
    assert (row["path"], row["error"]) == ("websocket", "cut")


def test_the_edits_of_both_are_logged(caplog):
    with caplog.at_level(logging.DEBUG, "headroom.proxy"):
        with scene(using("read_log"), Reply(text="Yes.")) as run:
            Agent(RESPONSES, run.url).ask("Did it start?")
        over_http = edits(caplog)
        caplog.clear()
        with scene(using("read_log"), Reply(text="Yes.")) as run, connection(run.url) as client:
            client.ask("Did it start?")
    assert len(over_http) >= 1
    assert edits(caplog) == over_http


def edits(caplog):
    """The sentences that were logged of edits."""
    said = (record.getMessage() for record in caplog.records if hasattr(record, "allowed"))
    return [sentence for sentence in said if "tokens" in sentence]


@pytest.mark.parametrize("coding", ["", "zstd"])
def test_bytes_saved_are_those_of_the_body_unpacked(tmp_path, coding):
    dialect = DIALECTS["openai_chat"]
    history = [dialect.asked(f"I ran cat app.log and got this:\n\n{log(lines=900)}")]
    body = compact(dialect.body(history, ("read_log",), False))
    packed = zstd.compress(body) if coding else body
    headers = {"content-encoding": coding} if coding else {}
    with scene(Reply(text="Yes."), folder=tmp_path) as run:
        post(run.url, dialect.path(False), packed, headers)
    (row,) = rows(tmp_path)
    saved = len(body) - len(run.requests[0].body)
    assert saved > 10_000
    assert row["bytes_in"] == len(packed)
    assert row["bytes_saved"] == totals.read(tmp_path / "home").total.bytes_saved == saved


def test_a_body_that_passes_packed_saves_nothing(tmp_path):
    packed = zstd.compress(b"no JSON at all" * 99)
    with scene(Reply(text="Yes."), folder=tmp_path) as run:
        post(run.url, "/v1/chat/completions", packed, {"content-encoding": "zstd"})
    (row,) = rows(tmp_path)
    assert (row["bytes_in"], row["bytes_saved"]) == (len(packed), 0)
