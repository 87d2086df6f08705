"""The process: its end, and several workers that share one store."""

import http.client
import json
import os
import signal
import socket
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from materials import log
from raw_upstream import STREAM, answering, chunk, whole
from talking import END, OPENED, PLAIN, START, TOOLS, delta, opened, reading

from running import Process, ask, process, rest_of, until

PATIENCE = threading.Event()


def worker(port: int) -> int:
    """The id of the process that answers a new connection."""
    return int(json.loads(ask(port, "GET", "/health")[2])["worker"])


def workers(proxy: Process, *, without: frozenset[int] = frozenset()) -> set[int]:
    """Two processes that serve, none of them in `without`."""
    found: set[int] = set()
    for _ in range(2_000):
        try:
            found.add(worker(proxy.port))
        except (OSError, ValueError, IndexError):
            PATIENCE.wait(0.05)  # one that was killed had the connection
        found -= without
        if len(found) == 2:
            return found
        PATIENCE.wait(0.005)
    raise AssertionError(f"only {found} serve:\n{proxy.output}")


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionError:
        return True
    return False


def runs(pid: int) -> bool:
    """Whether a process still does something; one that nobody has asked for its end does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_whichever_worker_answers_it_names_the_process_that_ends_them_all(tmp_path):
    with answering(whole()) as upstream, process(upstream.url, tmp_path, "--workers", "2") as proxy:
        workers(proxy)
        for _ in range(10):
            said = json.loads(ask(proxy.port, "GET", "/health")[2])
            assert said["process"] == proxy.popen.pid != said["worker"]


@pytest.mark.parametrize(("count", "body"), [("1", PLAIN), ("1", TOOLS), ("2", TOOLS)])
def test_a_signal_to_end_lets_a_stream_finish_and_takes_nothing_new(tmp_path, count, body):
    gate = threading.Event()
    stream = [STREAM + chunk(START + OPENED + delta("Hel")), gate, chunk(END), chunk(b"")]
    with (
        answering(stream) as upstream,
        process(upstream.url, tmp_path, "--workers", count) as proxy,
        opened(proxy.port, body) as client,
    ):
        until(client, delta("Hel"))
        proxy.terminate()
        if count == "1":
            for _ in range(1_000):
                if refuses(proxy.port):
                    break
                PATIENCE.wait(0.01)
            assert refuses(proxy.port)
        assert proxy.popen.poll() is None
        gate.set()
        assert rest_of(client).endswith(chunk(END) + b"0\r\n\r\n")
        assert proxy.wait() == 0
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("count", "how"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("2", signal.SIGINT)]
)
def test_an_idle_proxy_ends_at_once_and_well(tmp_path, count, how):
    with (
        answering(whole()) as upstream,
        process(upstream.url, tmp_path, "--workers", count) as proxy,
    ):
        with socket.create_connection(("127.0.0.1", proxy.port), 30) as idle:
            proxy.popen.send_signal(how)
            assert proxy.wait() == 0
            assert rest_of(idle) == b""
        assert "Traceback" not in proxy.output


def test_a_stream_that_does_not_end_is_cut_after_its_time(tmp_path):
    gate = threading.Event()
    stream = [STREAM + chunk(START), gate]
    environ = {"HEADROOM_SHUTDOWN_SECONDS": "1"}
    with (
        answering(stream) as upstream,
        process(upstream.url, tmp_path, environ=environ) as proxy,
        opened(proxy.port, b"{}") as client,
    ):
        until(client, START)
        proxy.terminate()
        assert proxy.wait() == 0
        assert b"0\r\n\r\n" not in rest_of(client)
        gate.set()


def test_what_was_counted_before_the_end_is_kept(tmp_path):
    with answering(whole()) as upstream:
        with process(upstream.url, tmp_path) as proxy:
            ask(proxy.port, "POST", "/v1/messages", body=reading())
            proxy.terminate()
            proxy.wait()
        with process(upstream.url, tmp_path) as proxy:
            assert json.loads(ask(proxy.port, "GET", "/stats")[2])["requests"] == 1


def test_two_workers_send_the_same_for_the_same_conversations(tmp_path):
    sessions = {f"session {n}": [log(n * 10 + turn, 150) for turn in range(3)] for n in range(8)}
    # Breakpoints move from turn to turn.
    options = ("--workers", "2", "--align-cache", "off")
    with answering(whole()) as upstream, process(upstream.url, tmp_path, *options) as proxy:
        pair = workers(proxy)

        def play(name: str) -> None:
            for turns in range(4):
                body = reading(*sessions[name][:turns], asks=name)
                for _ in range(4):  # a new connection each: whichever worker takes it
                    assert ask(proxy.port, "POST", "/v1/messages", body=body)[2] == b"{}"

        with ThreadPoolExecutor(8) as clients:
            list(clients.map(play, sessions))
        assert workers(proxy) == pair
        heard = [json.loads(request.body) for request in upstream.requests]
        proxy.terminate()
        assert proxy.wait() == 0
    assert len(heard) == 8 * 4 * 4
    for name in sessions:
        mine = [said for said in heard if said["messages"][0]["content"] == name]
        longest = max(mine, key=lambda said: len(said["messages"]))
        for said in mine:
            assert said["messages"] == longest["messages"][: len(said["messages"])]
            assert said["tools"] == longest["tools"]
        assert all(text not in json.dumps(longest) for text in sessions[name])


def test_a_worker_that_is_killed_is_replaced_and_all_end_together(tmp_path):
    with answering(whole()) as upstream, process(upstream.url, tmp_path, "--workers", "2") as proxy:
        first = workers(proxy)
        victim = min(first)
        os.kill(victim, signal.SIGKILL)
        second = workers(proxy, without=frozenset([victim]))
        assert len(second - first) == 1
        proxy.terminate()
        assert proxy.wait() == 0
        assert refuses(proxy.port)
        assert not any(map(runs, second))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares clients out by itself")
def test_clients_are_shared_out_among_the_workers(tmp_path):
    with answering(whole()) as upstream, process(upstream.url, tmp_path, "--workers", "2") as proxy:
        workers(proxy)
        clients = [http.client.HTTPConnection("127.0.0.1", proxy.port) for _ in range(60)]
        for client in clients:
            client.connect()
        served = Counter(_worker_of(client) for client in clients)
        for client in clients:
            client.close()
        assert len(served) == 2
        assert min(served.values()) >= 12


def _worker_of(client: http.client.HTTPConnection) -> int:
    client.request("GET", "/health")
    return int(json.loads(client.getresponse().read())["worker"])


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path):
    # Breakpoints move from turn to turn.
    options = ("--workers", "2", "--align-cache", "off")
    with answering(whole()) as upstream, process(upstream.url, tmp_path, *options) as proxy:
        pair = workers(proxy)
        proxy.kill()
        for _ in range(1_000):
            if not any(map(runs, pair)):
                break
            PATIENCE.wait(0.01)
        assert not any(map(runs, pair))
        assert refuses(proxy.port)


def test_figures_of_all_workers_are_counted_together(tmp_path):
    with answering(whole()) as upstream, process(upstream.url, tmp_path, "--workers", "2") as proxy:
        workers(proxy)
        for _ in range(20):
            ask(proxy.port, "POST", "/v1/messages", body=reading())
        for _ in range(500):
            counted = json.loads(ask(proxy.port, "GET", "/stats")[2])["requests"]
            if counted == 20:
                break
            PATIENCE.wait(0.02)
        assert counted == 20
        kept = http.client.HTTPConnection("127.0.0.1", proxy.port)
        kept.request("GET", "/metrics")
        assert b'status="200"} 20.0' in kept.getresponse().read()
        kept.close()
