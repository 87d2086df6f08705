"""What is written down: read again, never trusted, for the user alone; and the lock."""

import os
import subprocess
import sys
import threading

import pytest

from headroom.background import BackgroundError
from headroom.background.records import Record, Records

RECORD = Record(
    8787,
    4242,
    "http://127.0.0.1:8787",
    "0.1.0",
    1_700_000_000.5,
    {"port": 8787, "openai_upstream": "http://127.0.0.1:4000"},
    "/logs/proxy-8787.log",
)


def test_a_record_is_read_as_it_was_written_until_it_is_removed(home):
    records = Records(home)
    assert (records.read(8787), records.ports()) == (None, [])
    records.write(RECORD)
    records.write(RECORD)
    assert (records.read(8787), records.ports()) == (RECORD, [8787])
    records.remove(8787)
    records.remove(8787)
    assert (records.read(8787), records.ports()) == (None, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"port": 8787',
        b'{"port":8787,"process":"1","url":"u","version":"1","started_at":1,"flags":{},"log":"l"}',
        b'{"port":8788,"process":1,"url":"u","version":"1","started_at":1,"flags":{},"log":"l"}',
        b'{"port":8787,"process":1,"url":"u","version":"1","started_at":1,"flags":[],"log":"l"}',
        b'{"port":8787,"process":1,"url":"u","version":"1","started_at":1,"flags":{},"log":"l",'
        b'"more":1}',
    ],
)
def test_a_record_that_cannot_be_meant_so_is_none(home, content):
    records = Records(home)
    records.write(RECORD)
    (home / "proxies" / "8787.json").write_bytes(content)
    (home / "proxies" / "other.json").write_bytes(content)
    assert records.read(8787) is None
    assert records.ports() == [8787]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_records_and_logs_are_for_the_user_alone(home):
    records = Records(home)
    records.write(RECORD)
    os.close(records.open_log(8787))
    for path in (home / "proxies" / "8787.json", records.log(8787)):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_log_that_grew_large_makes_place_for_a_new_one(home):
    records = Records(home)
    for _ in range(2):
        handle = records.open_log(8787)
        os.write(handle, b"said\n")
        os.close(handle)
    assert records.log(8787).read_bytes() == b"said\nsaid\n"
    os.truncate(records.log(8787), 6_000_000)
    os.close(records.open_log(8787))
    assert records.log(8787).read_bytes() == b""
    assert {path.name for path in (home / "logs").iterdir()} == {
        "proxy-8787.log",
        "proxy-8787.old.log",
    }


def test_a_home_that_cannot_be_written_is_said_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    records = Records(tmp_path / "file")
    with pytest.raises(BackgroundError, match="set HEADROOM_HOME"):
        records.write(RECORD)
    with pytest.raises(BackgroundError, match="set HEADROOM_HOME"):
        records.open_log(8787)
    with pytest.raises(BackgroundError, match="set HEADROOM_HOME"), records.locked(8787, 0):
        pass


def test_one_holds_a_ports_lock_and_another_waits_for_it(home):
    records, entered = Records(home), threading.Event()

    def wait():
        with records.locked(8787, 30):
            entered.set()

    waiting = threading.Thread(target=wait)
    with records.locked(8787, 0):
        waiting.start()
        with records.locked(8788, 0):
            pass
        with pytest.raises(BackgroundError, match="port 8787"), records.locked(8787, 0.05):
            pass
        assert not entered.is_set()
    assert entered.wait(30)
    waiting.join()


def test_a_lock_goes_with_the_process_that_held_it_even_when_it_is_killed(home):
    code = (
        "import sys; from pathlib import Path; from headroom.background.records import Records\n"
        "with Records(Path(sys.argv[1])).locked(8787, 0): print('held', flush=True); input()"
    )
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(BackgroundError), Records(home).locked(8787, 0):
            pass
        other.kill()
        other.wait(30)
    with Records(home).locked(8787, 0):
        pass
