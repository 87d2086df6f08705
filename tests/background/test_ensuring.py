"""One proxy on a port, as real processes."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from background_proxies import answering_with, chosen_for, of_version, ok, serving, until
from raw_upstream import STREAM, answering, chunk
from talking import END, PLAIN, START, opened

from headroom import background, settings
from headroom.background import BackgroundError, health
from headroom.background.records import Records
from headroom.errors import SettingsError
from running import rest_of
from running import until as heard

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="which processes are left is read from /proc"
)


def test_the_second_who_asks_gets_the_first_ones_proxy(port, home):
    chosen = chosen_for(port)
    first = background.ensure(chosen, {"log_level": "warning", "policy": None})
    assert (first.started, first.restarted) == (True, False)
    assert first.url == f"http://127.0.0.1:{port}"
    assert serving(port) == [first.process]
    second = background.ensure(chosen)
    assert (second.started, second.process) == (False, first.process)
    assert second.flags == first.flags == {"log_level": "warning", "port": port}
    assert Records(home).read(port).process == first.process


def test_it_stands_apart_from_whoever_started_it(port, home, tmp_path, monkeypatch):
    (tmp_path / "headroom.toml").write_text("nonsense = 1\n", "utf-8")
    chosen = chosen_for(port)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", chosen.proxy.url)
    monkeypatch.setenv("AWS_PROFILE", "work")
    process = background.ensure(chosen).process
    assert os.getsid(process) == process
    assert os.readlink(f"/proc/{process}/cwd") == str(home)
    environ = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    assert b"AWS_PROFILE=work" in environ
    assert not any(said.startswith(b"ANTHROPIC_BASE_URL=") for said in environ)
    assert os.readlink(f"/proc/{process}/fd/0") == os.devnull
    assert os.readlink(f"/proc/{process}/fd/2") == str(Records(home).log(port))


def test_those_who_ask_at_the_same_time_get_one_proxy(port):
    command = [sys.executable, "-m", "headroom", "proxy", "start", "--port", str(port)]
    asking = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    said = [process.communicate(timeout=60)[1].decode() for process in asking]
    assert [process.returncode for process in asking] == [0, 0, 0, 0], said
    assert sorted("already" in text for text in said) == [False, True, True, True]
    assert len(serving(port)) == 1


def test_an_outdated_one_gives_way_and_its_flags_are_kept(port, home, tmp_path):
    chosen = chosen_for(port)
    flags = {"log_level": "debug", "deadline_ms": 10.0}
    old = background.ensure(chosen, flags, environ=of_version("0.0.9", tmp_path))
    assert old.version == "0.0.9"
    new = background.ensure(chosen, {"log_level": "error"})
    assert (new.started, new.restarted) == (True, True)
    assert new.version != "0.0.9"
    assert new.flags == {"log_level": "error", "deadline_ms": 10.0, "port": port}
    until(lambda: serving(port) == [new.process])
    assert background.ensure(chosen).process == new.process


def test_a_newer_one_stays(port, tmp_path):
    chosen = chosen_for(port)
    newer = background.ensure(chosen, environ=of_version("99.0", tmp_path))
    found = background.ensure(chosen)
    assert (found.version, found.process) == ("99.0", newer.process)


def test_a_restart_lets_the_streams_of_the_old_one_finish(port):
    gate = threading.Event()
    with answering([STREAM + chunk(START), gate, chunk(END), chunk(b"")]) as upstream:
        flags = {"anthropic_upstream": upstream.url}
        chosen = chosen_for(port, **flags)
        old = background.ensure(chosen, flags)
        with opened(port, PLAIN) as client:
            heard(client, START)
            new = background.ensure(chosen, restart=True)
            assert (new.restarted, new.flags) == (True, {**flags, "port": port})
            assert sorted(serving(port)) == sorted([old.process, new.process])
            gate.set()
            assert rest_of(client).endswith(chunk(END) + b"0\r\n\r\n")
        until(lambda: serving(port) == [new.process])


def test_one_that_was_killed_is_started_again(port):
    chosen = chosen_for(port)
    first = background.ensure(chosen)
    os.kill(first.process, signal.SIGKILL)
    until(lambda: health.ask(first.url) is None)
    second = background.ensure(chosen)
    assert (second.started, second.restarted) == (True, False)
    assert second.process != first.process


def test_another_program_on_the_port_is_said_and_left_alone(home):
    with answering_with(ok(b"<html>")) as (port, _):
        with pytest.raises(SettingsError, match=rf"another program has port {port}.*--port"):
            background.ensure(chosen_for(port))
        assert health.is_taken(f"http://127.0.0.1:{port}")
    assert Records(home).read(port) is None


def test_settings_that_allow_no_proxy_start_none(port):
    with pytest.raises(SettingsError, match="a token is needed"):
        background.ensure(chosen_for(port, host="0.0.0.0"))
    assert serving(port) == []


def test_one_that_ends_at_once_is_told_with_its_last_words_alone(port, home):
    log = Records(home).open_log(port)
    os.write(log, b"words of an earlier one\n")
    os.close(log)
    environ = {**settings.environment(), "HEADROOM_LOG_FORMAT": "bogus"}
    with pytest.raises(BackgroundError) as told:
        background.ensure(chosen_for(port), environ=environ)
    assert "ended at once with code 1" in str(told.value)
    assert "HEADROOM_LOG_FORMAT must be a known word" in str(told.value)
    assert "earlier" not in str(told.value)
    assert Records(home).read(port) is None
    assert serving(port) == []


def test_one_that_finds_the_port_taken_leaves_it_to_the_other(port, tmp_path, monkeypatch):
    """Two home folders share no lock: the port decides."""
    first = background.ensure(chosen_for(port))
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "another"))
    found = background.ensure(chosen_for(port))
    assert (found.started, found.process) == (False, first.process)
