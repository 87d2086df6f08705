"""Which proxies run, as far as ports and records tell."""

import time
from dataclasses import replace

import pytest
from background_proxies import answering_with, chosen_for, ok

from headroom import __version__, background
from headroom.background import Known
from headroom.background.finding import is_outdated
from headroom.background.records import Record, Records
from running import free_port, proxied


@pytest.mark.parametrize(
    ("version", "outdated"),
    [
        (__version__, False),
        ("0.0.9", True),
        ("0.0", True),
        (f"{__version__}rc1", True),
        (f"{__version__}.1", False),
        ("9.10.2", False),
        ("", True),
        ("unknown", True),
    ],
)
def test_only_a_version_before_ours_gives_way(version, outdated):
    assert is_outdated(version) is outdated


def test_a_proxy_is_found_with_what_its_record_says_of_it(home):
    told = b'{"service": "headroom", "version": "%s", "process": 7}' % __version__.encode()
    with answering_with(ok(told)) as (port, _):
        chosen = chosen_for(port)
        assert background.find(chosen).flags is None
        record = Record(port, 7, chosen.proxy.url, "0", time.time(), {"port": port}, "/log")
        Records(home).write(record)
        found = background.find(chosen)
        assert (found.process, found.flags) == (7, {"port": port})
        assert (found.started, found.restarted) == (False, False)
        # Of another process: one that was started by hand after that one had ended.
        Records(home).write(replace(record, process=8))
        assert background.find(chosen).flags is None


def test_an_outdated_proxy_is_not_found():
    with answering_with(ok(b'{"service": "headroom", "version": "0.0.9"}')) as (port, _):
        assert background.find(chosen_for(port)) is None


def test_the_port_that_is_asked_for_comes_first_and_then_all_that_were_written_down(home, tmp_path):
    asked, gone = free_port(), free_port()
    Records(home).write(Record(gone, 7, f"http://127.0.0.1:{gone}", "0", 1.0, {}, "/its.log"))
    with proxied("http://127.0.0.1:9", tmp_path) as proxy:
        Records(home).write(Record(proxy.port, 7, proxy.url, "0", 1.0, {}, "/not-its.log"))
        first, *others = background.known(chosen_for(asked))
        alone = background.known(chosen_for(proxy.port), others=False)
    assert first == Known(asked, f"http://127.0.0.1:{asked}", False)
    assert [known.port for known in others] == sorted([gone, proxy.port])
    by_port = {known.port: known for known in others}
    assert (by_port[gone].healthy, by_port[gone].log) == (False, "/its.log")
    found = by_port[proxy.port]
    assert (found.healthy, found.log) == (True, None)
    assert found.uptime_seconds < 60
    assert [known.port for known in alone] == [proxy.port]
