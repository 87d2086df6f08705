"""Ports whose proxies are ended, whatever becomes of the test."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "proxy")]

from background_proxies import serving  # noqa: E402

from running import free_port  # noqa: E402


@pytest.fixture
def port():
    """A free port; what serves there at the end of the test is killed."""
    number = free_port()
    yield number
    for process in serving(number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
