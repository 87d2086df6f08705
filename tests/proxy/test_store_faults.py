"""A store that is locked, full, damaged or not there costs savings, never a request or an
original that was promised."""

import contextlib
import json
import resource
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from materials import FACT, log
from raw_upstream import STREAM, End, RawUpstream, answering, chunk, whole
from talking import OPENED, START, delta, opened, reading

from headroom.markers import omissions
from headroom.stores import Retention, SqliteStore
from running import ask, process, proxied, until

FAIR = {"deadline_ms": 150.0}
LONG = [log(seed, 300) for seed in range(8)]
NEVER = 20.0
"""Seconds that nobody waits for a store, however busy the machine is."""
SMALL = [log(seed, 60)[:3_900] for seed in range(20, 25)]


def sent(port: int, body: bytes) -> float:
    """Seconds until the answer was there."""
    begun = time.monotonic()
    line, _, said = ask(port, "POST", "/v1/messages", body=body)
    assert (line, said) == (b"HTTP/1.1 200 OK", b"{}")
    return time.monotonic() - begun


def last(upstream: RawUpstream) -> dict:
    return json.loads(upstream.requests[-1].body)


def results(said: dict) -> list[str]:
    """The texts of the tool results that upstream got."""
    return [message["content"][0]["content"] for message in said["messages"][2::2]]


def health(port: int) -> dict:
    return json.loads(ask(port, "GET", "/health")[2])


def spoil(file: Path) -> None:
    """Overwrite what a database has on disk."""
    for each in file.parent.glob(file.name + "*"):
        with each.open("r+b") as found:
            found.write(b"\xff" * each.stat().st_size)


@contextlib.contextmanager
def locked(home: Path):
    """Another program holds the store for itself."""
    other = sqlite3.connect(home / "store.db", isolation_level=None)
    with contextlib.closing(other):
        other.execute("BEGIN EXCLUSIVE")
        yield other
        other.execute("ROLLBACK")


def test_a_store_locked_by_another_program_stalls_nobody(tmp_path):
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path, **FAIR) as proxy:
        sent(proxy.port, reading(LONG[0]))
        with locked(tmp_path / "home"):
            bodies = [reading(SMALL[n], asks=f"small {n}") for n in range(4)]
            bodies += [reading(LONG[n], asks=f"long {n}") for n in range(1, 8)]
            assert max(sent(proxy.port, body) for body in bodies[:2]) < NEVER
            with ThreadPoolExecutor(len(bodies)) as clients:
                took = list(clients.map(lambda body: sent(proxy.port, body), bodies))
            assert max(took) < NEVER
            assert max(sent(proxy.port, body) for body in bodies) < NEVER
        for text in (SMALL[4], log(77, 300)):
            sent(proxy.port, reading(text))
            assert omissions(results(last(upstream))[0])


def test_a_store_locked_from_the_start_stalls_nobody(tmp_path):
    SqliteStore(tmp_path / "home").put([b"something"])
    with answering(whole()) as upstream, contextlib.ExitStack() as hold:
        hold.enter_context(locked(tmp_path / "home"))
        with proxied(upstream.url, tmp_path, **FAIR) as proxy:
            took = [sent(proxy.port, reading(text, asks=text[:60])) for text in LONG[:3]]
            hold.close()
        assert max(took) < NEVER
        assert results(last(upstream)) == [LONG[2]]


@pytest.mark.parametrize("damage", ["no database", "home is a file", "store is a folder"])
def test_without_a_usable_store_nothing_is_omitted_and_the_reason_is_told(tmp_path, damage):
    home = tmp_path / "home"
    if damage == "home is a file":
        home.write_text("not a folder")
    elif damage == "store is a folder":
        (home / "store.db").mkdir(parents=True)
    else:
        home.mkdir()
        (home / "store.db").write_bytes(b"this is no database " * 1_000)
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        sent(proxy.port, reading(LONG[0]))
        assert results(last(upstream)) == [LONG[0]]
        said = health(proxy.port)
    assert said["status"] == "degraded"
    assert "nothing is omitted" in said["problems"][0]


def test_a_store_that_is_damaged_while_it_runs_keeps_what_was_decided(tmp_path):
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        sent(proxy.port, reading(LONG[0]))
        before = upstream.requests[-1].body
        assert omissions(results(last(upstream))[0])
        spoil(tmp_path / "home" / "store.db")
        sent(proxy.port, reading(LONG[1], asks="another"))
        assert results(last(upstream)) == [LONG[1]]
        sent(proxy.port, reading(LONG[0]))
        assert upstream.requests[-1].body == before
        assert health(proxy.port)["status"] == "degraded"


@pytest.mark.parametrize("when", ["before", "during"])
def test_damaged_counts_cost_only_counts(tmp_path, when):
    counts = tmp_path / "home" / "counts.db"
    if when == "before":
        counts.parent.mkdir()
        counts.write_bytes(b"this is no database " * 1_000)
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        sent(proxy.port, reading(LONG[0]))
        assert json.loads(ask(proxy.port, "GET", "/stats")[2])["requests"] == 1
        spoil(counts)
        sent(proxy.port, reading(LONG[0]))
        assert json.loads(ask(proxy.port, "GET", "/stats")[2])["requests"] >= 1
        assert ask(proxy.port, "GET", "/metrics")[0] == b"HTTP/1.1 200 OK"
        assert omissions(results(last(upstream))[0])


def test_a_disk_without_room_costs_savings_only(tmp_path):
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    with answering(whole()) as upstream, process(upstream.url, tmp_path, before=little) as proxy:
        for number in range(30):
            text = "\n".join(log(1_000 + number, 2_000).splitlines()[:2_000])
            sent(proxy.port, reading(text, asks=f"number {number}"))
        full = results(last(upstream))
        kept = [
            omissions(text)
            for heard in upstream.requests
            for text in results(json.loads(heard.body))
        ]
        assert full == [text]
        found = [mark.ref for marks in kept for mark in marks]
        assert found
        for ref in found:
            body = json.dumps({"ref": ref}).encode()
            assert ask(proxy.port, "POST", "/v1/retrieve", body=body)[0] == b"HTTP/1.1 200 OK"
        assert health(proxy.port)["status"] == "degraded"


def test_what_was_sent_outlives_a_kill_in_the_middle_of_a_stream(tmp_path):
    begun = [STREAM + chunk(START + OPENED + delta("Let me")), End.GONE]
    history = [reading(*LONG[:turns]) for turns in range(1, 5)]
    with answering(*[whole()] * 3, begun, whole()) as upstream:
        with process(upstream.url, tmp_path) as proxy:
            for body in history[:3]:
                sent(proxy.port, body)
            with opened(proxy.port, history[3]) as client:
                until(client, delta("Let me"))
                proxy.kill()
        before = [heard.body for heard in upstream.requests]
        with process(upstream.url, tmp_path) as proxy:
            for body in history:
                sent(proxy.port, body)
            after = [heard.body for heard in upstream.requests[len(before) :]]
            assert after == before
            texts = results(json.loads(before[-1]))
            assert all(omissions(text) for text in texts)
            for text, original in zip(texts, LONG, strict=False):
                (mark,) = omissions(text)
                body = json.dumps({"ref": mark.ref}).encode()
                said = json.loads(ask(proxy.port, "POST", "/v1/retrieve", body=body)[2])
                assert said["text"] == original


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_a_day_changes_nothing_that_was_sent(tmp_path, monkeypatch, jump):
    real = time.time
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        sent(proxy.port, reading(*LONG[:2]))
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        sent(proxy.port, reading(*LONG[:2]))
        sent(proxy.port, reading(*LONG[:3]))
        first, second, third = (results(json.loads(heard.body)) for heard in upstream.requests)
        assert first == second == third[:2]
        stats = json.loads(ask(proxy.port, "GET", "/stats")[2])
        assert stats["requests"] == 3


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_store_whose_clock_jumps_a_day_loses_nothing(tmp_path, jump):
    now = [1_800_000_000.0]
    store = SqliteStore(tmp_path, retention=Retention(days=30), now=lambda: now[0])
    (ref,) = store.put([FACT.encode()])
    store.settled.settle({b"k": b"v"})
    now[0] += jump
    (other,) = store.put([b"another"])
    assert store.put([FACT.encode()]) == [ref]
    assert store.settled.settle({b"k": b"w"}) == {b"k": b"v"}
    now[0] -= jump
    assert store.get(ref) == FACT.encode()
    assert store.get(other) == b"another"
    assert store.settled.get([b"k"]) == {b"k": b"v"}
    store.close()
