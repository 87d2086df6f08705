"""What only a store on disk has to bear: restarts, kills, damage, neighbours."""

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from headroom.errors import Corrupt, NotFound, StoreError
from headroom.stores import Retention, SqliteStore, _database, _packing, sqlite

LOG = b"".join(b"2026-01-02 10:00:%02d INFO worker %d done\n" % (i % 60, i) for i in range(3000))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data" / "home"


@pytest.fixture
def store(home):
    store = SqliteStore(home)
    yield store
    store.close()


def tamper(home: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(home / "store.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_nothing_is_written_before_the_first_use(home):
    SqliteStore(home)
    assert not home.exists()


def test_originals_survive_reopening(home, store):
    (ref,) = store.put([LOG])
    store.close()
    again = SqliteStore(home)
    assert again.get(ref) == LOG
    again.close()
    assert store.get(ref) == LOG


def test_content_is_compressed_where_that_helps(store):
    noise = os.urandom(100_000)
    store.put([LOG])
    assert store.stats().bytes_stored < len(LOG) / 4
    store.put([noise])
    assert store.stats().bytes_stored > len(noise)
    assert store.get(store.ref(noise)) == noise


def test_a_ref_of_another_scope_is_not_found(home, store):
    (ref,) = store.put([b"of project a"])
    other = SqliteStore(home, scope="b")
    with pytest.raises(NotFound, match="never stored here"):
        other.get(ref)
    assert other.purge(refs=[ref]) == 0
    assert other.put([b"of project a"]) == [ref]
    assert store.stats().originals == 1
    store.purge(refs=[ref])
    assert other.get(ref) == b"of project a"
    with pytest.raises(NotFound, match="purged"):
        store.get(ref)
    other.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes; profiles are private")
def test_only_the_owner_can_read_the_files(home, store):
    umask = os.umask(0)
    try:
        store.put([LOG])
    finally:
        os.umask(umask)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in home.iterdir()}
    assert files == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes; profiles are private")
def test_a_file_that_others_could_read_is_closed_to_them(home, store):
    store.put([b"x"])
    store.close()
    (home / "store.db").chmod(0o644)
    store.get(store.ref(b"x"))
    assert stat.S_IMODE((home / "store.db").stat().st_mode) == 0o600


def test_changed_bytes_are_corrupt_and_verify_names_them(home, store):
    good, bad = store.put([LOG, b"short"])
    elsewhere = SqliteStore(home, scope="elsewhere")
    elsewhere.put([b"short"])
    elsewhere.close()
    store.close()
    tamper(home, "UPDATE contents SET data = ? WHERE size = 5", b"shorT")
    with pytest.raises(Corrupt, match=bad):
        store.get(bad)
    tamper(home, "UPDATE contents SET data = ?, packed = 1 WHERE size = 5", b"no zlib")
    with pytest.raises(Corrupt, match=bad):
        store.get(bad)
    assert store.get(good) == LOG
    found = store.verify()
    assert found.checked == 3
    assert sorted(found.corrupt) == sorted([bad, f"elsewhere/{bad}"])
    assert not found.clean


def test_bytes_that_are_gone_are_said_to_be_missing(home, store):
    (ref,) = store.put([b"content"])
    store.close()
    tamper(home, "DELETE FROM contents")
    with pytest.raises(Corrupt, match="missing"):
        store.get(ref)
    assert store.verify().missing == (ref,)
    store.close()
    tamper(home, "UPDATE refs SET accessed = 0")
    assert store.put([b"content"]) == [ref]
    assert store.get(ref) == b"content"


def test_a_file_that_is_no_database_is_an_error_that_says_what_to_do(home, store):
    home.mkdir(parents=True)
    (home / "store.db").write_bytes(b"no database, but long enough to look at " * 40)
    for call in (lambda: store.put([b"x"]), lambda: store.get("aaaaaaaa"), store.verify):
        with pytest.raises(StoreError, match="Move the file away"):
            call()


def test_a_damaged_file_is_found_by_verify(home, store):
    store.put([os.urandom(5000) for _ in range(200)])
    store.close()
    file = home / "store.db"
    content = bytearray(file.read_bytes())
    content[8192:40_000] = b"\x55" * (40_000 - 8192)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        store.verify()


def test_a_newer_schema_is_refused_with_advice(home, store):
    store.put([b"x"])
    store.close()
    tamper(home, "PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"newer headroom .*Upgrade"):
        store.get("aaaaaaaa")


def test_originals_go_by_size_only_as_far_as_needed(home):
    now = [0.0]
    store = SqliteStore(home, now=lambda: now[0], retention=Retention(max_bytes=1_000_000))
    refs = []
    for _ in range(11):
        now[0] += 10_000.0
        refs += store.put([os.urandom(100_000)])
    kept = [entry.ref for entry in store.entries()]
    assert kept == refs[: -len(kept) - 1 : -1]
    assert 7 <= len(kept) <= 9
    store.close()


def test_an_older_schema_is_brought_up_to_date(home, store, monkeypatch):
    (ref,) = store.put([b"kept"])
    store.close()
    step = "CREATE TABLE more (name TEXT); INSERT INTO more VALUES ('new')"
    monkeypatch.setattr(_database, "MIGRATIONS", (*_database.MIGRATIONS, step))
    assert store.get(ref) == b"kept"
    store.close()
    tamper(home, "INSERT INTO more VALUES ('again')")
    assert store.get(ref) == b"kept"


def test_a_directory_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        SqliteStore(tmp_path / "file" / "home").put([b"x"])


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("database is locked", "stayed busy"),
        ("database or disk is full", "free disk space"),
        ("attempt to write a readonly database", "cannot be written"),
    ],
)
def test_what_sqlite_says_becomes_advice(tmp_path, said, advice):
    database = _database.Database(tmp_path / "store.db")
    with pytest.raises(StoreError, match=advice), database.session():
        raise sqlite3.OperationalError(said)
    database.close()


def test_a_failed_put_keeps_nothing(home, store, monkeypatch):
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    store.put([b"before"])
    monkeypatch.setattr(sqlite, "purge_expired", fail)
    with pytest.raises(StoreError, match="free disk space"):
        store.put([b"one", b"two"])
    monkeypatch.undo()
    assert store.stats().originals == 1
    assert store.put([b"one"])


def test_an_original_beyond_the_limit_is_refused(store, monkeypatch):
    monkeypatch.setattr(sqlite, "LARGEST", 10)
    with pytest.raises(StoreError, match="larger than"):
        store.put([b"x" * 11])


def test_large_originals_are_judged_by_their_beginning(store):
    noise = os.urandom(_packing._TRIAL)
    for original in (noise + LOG, LOG * 3 + noise):
        assert store.get(store.put([original])[0]) == original


def test_an_access_that_cannot_be_written_down_withholds_nothing(home):
    old = SqliteStore(home, now=lambda: 0.0)
    (ref,) = old.put([b"x"])
    old.close()
    store = SqliteStore(home)
    with store._database.session() as connection:
        connection.execute("PRAGMA query_only = ON")
    assert store.get(ref) == b"x"
    store.close()


def test_content_purged_by_a_neighbour_during_a_put_is_kept(home, store, monkeypatch):
    now = [0.0]
    slow = SqliteStore(home, now=lambda: now[0])
    (ref,) = slow.put([b"x"])
    now[0] = 10_000.0
    write = slow._write

    def purge_first(*arguments: object) -> object:
        store.purge(everything=True)
        return write(*arguments)

    monkeypatch.setattr(slow, "_write", purge_first)
    assert slow.put([b"x"]) == [ref]
    assert store.get(ref) == b"x"
    slow.close()


def test_purged_bytes_are_gone_from_the_disk(home, store):
    secret = os.urandom(3000)
    (ref,) = store.put([secret])
    store.purge(refs=[ref])
    assert all(secret[100:200] not in file.read_bytes() for file in home.iterdir())
    store.put([LOG] + [os.urandom(9000) for _ in range(50)])
    store.purge(everything=True)
    assert sum(file.stat().st_size for file in home.iterdir()) < 100_000


def test_threads_share_a_store(store):
    refs: dict[int, str] = {}

    def work(number: int) -> None:
        for each in range(20):
            refs[number * 100 + each] = store.put([b"%d/%d" % (number, each)])[0]
            assert store.get(refs[number * 100 + each])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(refs.values())) == 120
    assert store.verify().checked == 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_uses_its_own_connection(store):
    store.put([b"parent"])
    child = os.fork()
    if child == 0:
        os._exit(0 if store.put([b"child"]) and store.get(store.ref(b"parent")) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.get(store.ref(b"child")) == b"child"
    assert store.verify().clean


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_closes_a_store_leaves_the_parents_connection_alone(home, store):
    store.put([b"x"])
    child = os.fork()
    if child == 0:
        store.close()
        os._exit(0 if (home / "store.db-wal").exists() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.put([b"y"])
    assert store.get(store.ref(b"x")) == b"x"


def test_after_a_fork_the_connection_is_another(store):
    (ref,) = store.put([b"x"])
    inherited = store._database._connection
    store._database._process = -1  # as it looks to a child
    assert store.get(ref) == b"x"
    assert store._database._connection not in (None, inherited)
    store._database._process = -1
    store.close()
    assert store._database._connection is None


def test_a_connection_is_closed_with_its_store_but_never_by_a_child(home):
    store = SqliteStore(home)
    store.put([b"x"])
    assert (home / "store.db-wal").exists()
    del store
    assert not (home / "store.db-wal").exists()
    connection = sqlite3.connect(":memory:")
    _database._close(connection, os.getpid() - 1)
    connection.execute("SELECT 1")
    connection.close()


def script(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )


PUT_FOREVER = """
    import sys, itertools
    from pathlib import Path
    from headroom.stores import SqliteStore
    store = SqliteStore(Path(sys.argv[1]))
    for number in itertools.count():
        original = b"%d " % number * 3000
        print(number, *store.put([original]), flush=True)
"""


def test_nothing_handed_out_is_lost_by_kill_9_during_put(home):
    for handed_out in (1, 7, 60):
        process = script(PUT_FOREVER, home)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(handed_out)]
        process.kill()
        lines += process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        pairs = [line.split() for line in lines if len(line.split()) == 2 and len(line) > 9]
        assert len(pairs) >= handed_out
        store = SqliteStore(home)
        for number, ref in pairs:
            assert store.get(ref) == b"%d " % int(number) * 3000
        assert store.verify().clean
        store.close()


PUT_MANY = """
    import sys
    from pathlib import Path
    from headroom.stores import SqliteStore
    store = SqliteStore(Path(sys.argv[1]))
    for number in range(25):
        shared, own = b"shared %d" % number * 500, b"%s/%d" % (sys.argv[2].encode(), number)
        print(*store.put([shared, own]), flush=True)
"""


def test_eight_processes_write_at_once(home):
    processes = [script(PUT_MANY, home, name) for name in range(8)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8
    store = SqliteStore(home)
    refs = {ref for output in outputs for ref in output.split()}
    assert len(refs) == 25 + 8 * 25
    assert all(store.get(ref) for ref in refs)
    assert store.verify().clean
    assert store.verify().checked == len(refs)
    store.close()


def test_a_read_waits_for_no_neighbour_that_writes(home):
    now = 1_795_000_000.0
    store = SqliteStore(home, now=lambda: now)
    (ref,) = store.put([LOG])
    now += 90_000
    with closing(sqlite3.connect(home / "store.db", isolation_level=None)) as neighbour:
        neighbour.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert store.get(ref) == LOG
        assert time.monotonic() - begun < 20, "a writer waits for 30 s"
        neighbour.execute("ROLLBACK")
        (entry,) = store.entries()
        assert entry.accessed < now
        assert store.get(ref) == LOG
        (entry,) = store.entries()
        assert entry.accessed == now
    store.close()
