"""Logs of every shape are claimed; what another part knows better is not."""

import json

import pytest

from headroom.compressors import Sample
from headroom.compressors.log import Log

LOGS = {
    "iso": "2026-03-01 10:00:{n:02d},123 INFO [main] app.Server - served {n}",
    "syslog": "Mar  1 10:00:{n:02d} web1 sshd[{n}]: Accepted password for root",
    "klog": "I0301 10:00:{n:02d}.123456       1 controller.go:{n}] synced pod-{n}",
    "logcat": "03-01 10:00:{n:02d}.123  1702  2395 D WindowManager: frame {n}",
    "logfmt": "time=2026-03-01T10:00:{n:02d}Z level=info msg=served id={n}",
    "access": '10.0.0.{n} - - [01/Mar/2026:10:00:{n:02d} +0000] "GET /a/{n} HTTP/1.1" 200 17',
    "epoch": "- 17723448{n:02d} node-{n} kernel: memory ok",
    "clock": "10:00:{n:02d} worker {n} is alive",
    "level": "[INFO] compiled module {n} in {n} ms",
    "workers": "worker {n} finished job {n} in queue",
    "build": "[{n}/300] Building CXX object src/a{n}.cpp.o",
    "waiting": "waiting",
    "bare": "fetched page {n} of the index",
    "dmesg": "[   12.{n:06d}] usb 1-{n}: new device",
}


def text(line, count=60):
    return "\n".join(line.replace("{n:02d}", f"{n % 60:02d}").replace("{n:06d}", f"{n:06d}").replace("{n}", str(n)) for n in range(count))  # fmt: skip


def score(content):
    return Log().score(Sample(content))


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_claimed(name):
    assert 0 < score(text(LOGS[name])) <= 1


def test_a_long_log_is_probed_in_its_middle_and_end_too():
    assert score(text(LOGS["iso"], 5_000)) > 0.9
    assert score(text("plain words and nothing else", 3) + text(LOGS["iso"], 5_000)) > 0.9


def test_json_lines_are_a_log_where_they_tell_a_time_and_a_message():
    record = {"ts": "2026-03-01T10:00:00Z", "level": "info", "msg": "served"}
    assert score("\n".join([json.dumps(record)] * 30)) > 0.5
    assert score("\n".join(['{"id": 1, "name": "x"}'] * 30)) < 0
    assert score("\n".join(["{broken}"] * 30)) < 0


def test_a_log_with_some_levels_and_many_lines_is_claimed():
    lines = [f"building target{chr(97 + n % 26)}{chr(97 + n // 26)} now" for n in range(90)]
    lines[::4] = [f"[WARNING] unused name in {line}" for line in lines[::4]]
    assert score("\n".join(lines)) == pytest.approx(0.3)


OTHERS = {
    "too short": "2026-03-01 10:00:00 INFO one\n",
    "grep": "\n".join(f"src/app/main.py:{n}:    value = {n}" for n in range(50)),
    "grep in logs": "\n".join(f"app.log:{n}:2026-03-01 10:00:00 INFO x" for n in range(50)),
    "csv": "time,count\n" + "\n".join(f"2026-03-01 10:00:{n},{n}" for n in range(50)),
    "diff": "diff --git a/x b/x\n" + "\n".join(f"+line {n}" for n in range(50)),
    "code": "\n".join(f"def f{n}():\n    return {n}\n" for n in range(50)),
    "markdown": "\n".join(f"- item {n} of the list\n" for n in range(50)),
    "heading": "# Title\n" + "\n".join(f"2026-03-01 10:00:0{n % 10} INFO x" for n in range(50)),
    "html": "<!DOCTYPE html>\n" + "\n".join(f"<p>{n}</p>" for n in range(50)),
    "pytest": "=== test session starts ===\n" + "\n".join(f"tests/a.py::t{n} PASSED" for n in range(50)),
    "compiler": "\n".join(f"src/a.cpp({n}): error: unknown name" for n in range(50)),
    "rustc": "error: mismatched types\n --> src/main.rs:3:4\n" * 20,
    "json": json.dumps([{"time": "2026-03-01 10:00:00", "level": "info"}] * 30, indent=1),
    "prose": "\n".join(f"The {w} fox went over the hill and came back late." for w in "abcdefghij"),
    "ls": "total 800\n" + "\n".join(f"-rw-r--r-- 1 root root {n * 97} Mar  1 10:{n % 60:02d} file{n}.txt" for n in range(200)),
    "ls with full times": "\n".join(f"drwxr-xr-x 2 ann ann 4096 2026-03-01 10:00:{n % 60:02d}.0 +0000 d{n}" for n in range(200)),
    "bare file names": "\n".join(f"img_{n}.jpg" for n in range(200)),
    "disk use": "\n".join(f"{n * 4}\t./src/part{n}/main.py" for n in range(200)),
    "markdown table": "| id | name |\n|---|---|\n" + "\n".join(f"| {n} | the item {n} of all |" for n in range(300)),
    "table of times": "| id | at |\n|---|---|\n" + "\n".join(f"| {n} | 2026-03-01 10:00:00 |" for n in range(300)),
    "boxed table": "+----+------+\n| id | name |\n+----+------+\n" + "\n".join(f"| {n} | item {n} |" for n in range(300)),
    "ruled table": "id | name\n---+-----\n" + "\n".join(f"{n} | item {n} of the shop" for n in range(300)),
    "numbered list": "\n".join(f"{n}. buy thing {n} from the shop" for n in range(1, 100)),
    "numbered with brackets": "\n".join(f"{n}) buy thing {n} from the shop" for n in range(1, 100)),
    "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_log_is_not_claimed(name):
    assert score(OTHERS[name]) < 0
