"""The end of a proxy, and of nothing else."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from background_proxies import answering_with, chosen_for, ok, serving
from background_proxies import until as comes
from raw_upstream import STREAM, answering, chunk
from talking import END, PLAIN, START, opened

from headroom import background
from headroom.background import BackgroundError, health
from headroom.background.records import Record, Records
from headroom.errors import SettingsError
from running import process as in_the_foreground
from running import rest_of, until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="which processes are left is read from /proc"
)


@pytest.fixture
def bystander():
    """A process that is no proxy; it must still run at the end."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    yield process
    ran = process.poll() is None
    process.communicate()
    assert ran


def test_a_proxy_is_ended_and_its_record_goes(port, home):
    chosen = chosen_for(port)
    process = background.ensure(chosen).process
    assert background.stop(chosen) == process
    assert serving(port) == []
    assert not health.is_taken(chosen.proxy.url)
    assert Records(home).read(port) is None
    assert background.stop(chosen) is None


def test_its_streams_are_finished_first(port):
    gate = threading.Event()
    with answering([STREAM + chunk(START), gate, chunk(END), chunk(b"")]) as upstream:
        flags = {"anthropic_upstream": upstream.url}
        chosen = chosen_for(port, **flags)
        process = background.ensure(chosen, flags).process
        with opened(port, PLAIN) as client, ThreadPoolExecutor(1) as aside:
            until(client, START)
            stopped = aside.submit(background.stop, chosen)
            comes(lambda: not health.is_taken(chosen.proxy.url))
            assert serving(port) == [process]
            assert not stopped.done()
            gate.set()
            assert rest_of(client).endswith(chunk(END) + b"0\r\n\r\n")
            assert stopped.result(30) == process
    assert serving(port) == []


def test_several_workers_are_ended_together(port):
    chosen = chosen_for(port)
    process = background.ensure(chosen, {"workers": 2}).process
    assert background.ensure(chosen).process == process
    assert background.stop(chosen) == process
    assert serving(port) == []
    assert not health.is_taken(chosen.proxy.url)


def test_one_in_the_foreground_is_ended_too(tmp_path):
    with in_the_foreground("http://127.0.0.1:9", tmp_path) as proxy:
        assert background.stop(chosen_for(proxy.port)) == proxy.popen.pid
        assert proxy.wait() == 0


def test_a_record_of_a_process_id_that_others_have_now_ends_nobody(port, home, bystander):
    chosen = chosen_for(port)
    url = chosen.proxy.url
    Records(home).write(Record(port, bystander.pid, url, "0.1.0", time.time(), {}, "/log"))
    assert background.stop(chosen) is None
    assert Records(home).read(port) is None


@pytest.mark.parametrize("recorded", [False, True])
def test_a_process_that_is_no_proxy_is_left_alone_whoever_names_it(home, bystander, recorded):
    """As where a proxy in a container names an id that is its own only there."""
    told = ok(b'{"service": "headroom", "version": "0.0.1", "process": %d}' % bystander.pid)
    with answering_with(told) as (port, _):
        chosen = chosen_for(port)
        if recorded:
            record = Record(port, bystander.pid, chosen.proxy.url, "0.0.1", 1.0, {}, "/log")
            Records(home).write(record)
        for act in (background.stop, background.ensure):
            with pytest.raises(BackgroundError, match=rf"process {bystander.pid}.*container"):
                act(chosen)


@pytest.mark.parametrize("process", [b"0", b"1", b"-1", b"null"])
def test_an_id_that_means_many_processes_is_none(process):
    told = ok(b'{"service": "headroom", "process": %s}' % process)
    with answering_with(told) as (port, _), pytest.raises(BackgroundError, match="container"):
        background.stop(chosen_for(port))


def test_another_program_is_left_alone():
    with answering_with(ok(b"<html>")) as (port, _):
        with pytest.raises(SettingsError, match=f"another program has port {port}"):
            background.stop(chosen_for(port))
        assert health.is_taken(f"http://127.0.0.1:{port}")
