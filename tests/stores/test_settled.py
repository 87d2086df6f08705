"""What settled facts promise, in every store, and what those on disk have to bear."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headroom.errors import StoreError
from headroom.stores import Retention, SqliteStore, _database
from headroom.stores import settled as settled_module

FUNCTION_FIXTURE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
FACTS = st.dictionaries(st.binary(max_size=30), st.binary(max_size=300), max_size=8)


@FUNCTION_FIXTURE
@given(FACTS, FACTS)
def test_whoever_writes_first_is_right(make_store, first, second):
    facts = make_store().settled
    known = facts.get([*first, *second])
    expected = {**first, **known}
    assert facts.settle(first) == {key: expected[key] for key in first}
    assert facts.settle(second) == {key: {**second, **expected}[key] for key in second}
    assert facts.get([*first, *second]) == {**second, **expected}


def test_what_rests_on_a_fact_that_another_settled_is_not_settled(make_store):
    facts = make_store().settled
    facts.settle({b"b": b"theirs"})
    held = facts.settle({b"a": b"ours", b"b": b"ours", b"c": b"ours"}, chained=True)
    assert held == {b"a": b"ours", b"b": b"theirs"}
    assert facts.get([b"a", b"b", b"c"]) == held


def test_a_chain_goes_on_behind_what_was_settled_alike(make_store):
    facts = make_store().settled
    facts.settle({b"a": b"same"})
    assert len(facts.settle({b"a": b"same", b"b": b"new"}, chained=True)) == 2
    assert facts.get([b"b"]) == {b"b": b"new"}


def test_many_keys_are_asked_for_at_once(make_store):
    facts = make_store().settled
    many = {b"%d" % number: b"x" for number in range(2_000)}
    assert facts.settle(many) == many
    assert facts.get([*many, b"unknown"]) == many
    assert (facts.get([]), facts.settle({})) == ({}, {})


def test_facts_go_by_age_unless_they_are_used(make_store, clock, monkeypatch):
    monkeypatch.setattr(settled_module, "_WRITES_UNTIL_PURGE", 1)
    facts = make_store(retention=Retention(days=30)).settled
    facts.settle({b"idle": b"x", b"used": b"y"})
    for _ in range(3):
        clock.forward(days=14)
        assert facts.get([b"used"]) == {b"used": b"y"}
    facts.settle({b"new": b"z"})
    assert facts.get([b"idle", b"used", b"new"]) == {b"used": b"y", b"new": b"z"}


def test_facts_go_by_size_the_least_recently_used_first(make_store, clock, monkeypatch):
    monkeypatch.setattr(settled_module, "_WRITES_UNTIL_PURGE", 1)
    facts = make_store(retention=Retention(max_bytes=100_000)).settled
    for number in range(20):
        clock.forward(hours=2)
        facts.settle({b"%d" % number: bytes(1_000)})
    kept = facts.get([b"%d" % number for number in range(20)])
    assert sorted(map(int, kept)) == list(range(20 - len(kept), 20))
    assert 8 <= len(kept) <= 11


def test_what_was_used_within_the_hour_stays(make_store, clock, monkeypatch):
    monkeypatch.setattr(settled_module, "_WRITES_UNTIL_PURGE", 1)
    facts = make_store(retention=Retention(days=0, max_bytes=0)).settled
    facts.settle({b"a": b"x"})
    clock.forward(hours=1)
    facts.settle({b"b": b"y"})
    assert len(facts.get([b"a", b"b"])) == 2


def test_purging_everything_erases_them_purging_a_ref_does_not(make_store, clock):
    store = make_store()
    (ref,) = store.put([b"x"])
    store.settled.settle({b"a": b"x"})
    store.purge(refs=[ref])
    assert store.settled.get([b"a"])
    clock.forward(days=2)
    store.settled.settle({b"b": b"y"})
    store.purge(older_than=86_400)
    assert store.settled.get([b"a", b"b"]) == {b"b": b"y"}
    store.purge(everything=True)
    assert store.settled.get([b"a", b"b"]) == {}


def test_refreshing_keeps_originals_alive_and_names_those_that_are_gone(make_store, clock):
    store = make_store(retention=Retention(days=30))
    kept, gone = store.put([b"kept", b"gone"])
    store.purge(refs=[gone])
    for _ in range(4):
        clock.forward(days=20)
        assert store.refresh([kept, gone, kept, "aaaaaaaa"]) == [gone, "aaaaaaaa"]
        store.put([b"another"])
    assert store.get(kept) == b"kept"
    assert store.refresh([]) == []


def test_scopes_know_nothing_of_each_other(tmp_path):
    one, other = SqliteStore(tmp_path), SqliteStore(tmp_path, scope="other")
    one.settled.settle({b"a": b"one"})
    assert other.settled.settle({b"a": b"other"}) == {b"a": b"other"}
    assert one.settled.get([b"a"]) == {b"a": b"one"}
    one.close()
    other.close()


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(_database, "MIGRATIONS", _database.MIGRATIONS[:1])
        store = SqliteStore(tmp_path)
        with store._database.session() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        store.close()
    store = SqliteStore(tmp_path)
    (ref,) = store.put([b"kept"])
    assert store.settled.settle({b"a": b"x"}) == {b"a": b"x"}
    assert store.get(ref) == b"kept"
    store.close()


def test_purged_facts_are_gone_from_the_disk(tmp_path):
    store, secret = SqliteStore(tmp_path), os.urandom(3_000)
    store.settled.settle({b"a": secret})
    store.purge(everything=True)
    assert all(secret[100:200] not in file.read_bytes() for file in tmp_path.iterdir())
    store.close()


@pytest.fixture
def locked(tmp_path):
    """A store with one fact, that a neighbour has locked."""
    store = SqliteStore(tmp_path)
    store.settled.settle({b"a": b"x"})
    neighbour = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    neighbour.execute("BEGIN IMMEDIATE")
    yield store
    neighbour.execute("ROLLBACK")
    neighbour.close()
    store.close()


def test_a_locked_store_can_be_read_but_refuses_to_settle_within_a_moment(locked):
    assert locked.settled.get([b"a"]) == {b"a": b"x"}
    with pytest.raises(StoreError, match=r"stayed busy for 0\.1 s"):
        locked.settled.settle({b"b": b"y"})


def test_that_a_use_cannot_be_written_down_withholds_nothing(locked):
    later = SqliteStore(locked.path.parent, now=lambda: 1e12)
    assert later.settled.get([b"a"]) == {b"a": b"x"}
    later.close()


def test_an_original_that_a_neighbour_purges_meanwhile_is_gone(tmp_path, monkeypatch):
    now = [0.0]
    store = SqliteStore(tmp_path, now=lambda: now[0])
    (ref,) = store.put([b"x"])
    now[0] = 10_000.0
    touch = store._touch

    def purge_first(connection, name):
        connection.execute("DELETE FROM refs")
        touch(connection, name)

    monkeypatch.setattr(store, "_touch", purge_first)
    assert store.refresh([ref]) == [ref]
    store.close()


def test_threads_agree(tmp_path):
    store, ends = SqliteStore(tmp_path), []
    keys = [b"%d" % number for number in range(20)]

    def work(name):
        ends.append({key: store.settled.settle({key: name})[key] for key in keys})

    threads = [threading.Thread(target=work, args=(b"%d" % name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(end == ends[0] for end in ends)
    store.close()


SETTLE = """
    import sys
    from pathlib import Path
    from headroom.stores import SqliteStore
    store = SqliteStore(Path(sys.argv[1]))
    for number in range(50):
        key = b"%d" % number
        print(store.settled.settle({key: sys.argv[2].encode()})[key].decode(), flush=True)
    sys.stdin.readline()
"""


def test_processes_agree_and_nothing_settled_is_lost_by_kill_9(tmp_path):
    store = SqliteStore(tmp_path)
    store.settled.settle({b"made": b"before"})
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SETTLE), str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c")
    ]
    ends = [[process.stdout.readline().strip() for _ in range(50)] for process in processes]
    for process in processes:
        process.kill()
        process.communicate()
    assert ends[0] == ends[1] == ends[2]
    held = store.settled.get([b"%d" % number for number in range(50)])
    assert [held[b"%d" % number].decode() for number in range(50)] == ends[0]
    store.close()
