"""What runs under a process id."""

import os
import subprocess
import sys

import pytest

from headroom.background import processes

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows does not tell a process's command line"
)
READERS = [processes.command_of, processes._from_command]


@pytest.fixture
def other():
    """A process whose command line is `python -c CODE` and these words, once it runs."""
    begun = []

    def begin(*words):
        code = "import sys; print('here', flush=True); sys.stdin.read()"
        command = [sys.executable, "-c", code, *words]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        begun.append(process)
        assert process.stdout.readline().strip() == b"here"
        return process

    yield begin
    for process in begun:
        process.communicate()


@pytest.mark.parametrize("read", READERS)
def test_a_command_line_is_read_while_the_process_runs(read, other):
    process = other("some", "words")
    assert read(process.pid).split()[-2:] == ["some", "words"]
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert read(process.pid) == ""  # ended, and nobody has taken note
    process.wait()
    assert read(process.pid) == ""


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["-m", "headroom", "proxy", "--port", "8787"], True),
        (["/usr/local/bin/headroom", "proxy"], True),
        (["headroom.exe", "proxy"], True),
        (["headroom", "stats"], False),
        (["nginx", "proxy"], False),
        ([], False),
    ],
)
def test_a_proxy_is_known_by_its_command(other, words, known):
    assert processes.is_proxy(other(*words).pid) is known


def test_a_process_that_has_ended_is_no_proxy(other):
    process = other("headroom", "proxy")
    assert processes.is_proxy(process.pid) is True
    process.communicate()
    assert processes.is_proxy(process.pid) is False
