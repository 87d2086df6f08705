"""A proxy as a process that outlives whoever starts it: its command, its place, its first word."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from headroom.background import health
from headroom.background.environment import for_proxy
from headroom.background.health import Health
from headroom.background.records import Record, Records
from headroom.background.values import BackgroundError
from headroom.settings import Settings

READY_SECONDS = 15.0
_ENDS_WITHIN = 5.0
_PAUSE, _LONGEST_PAUSE = 0.02, 0.2
_LINES, _TAIL_BYTES = 15, 8_000


def start(chosen: Settings, flags: Mapping[str, object], environ: Mapping[str, str]) -> Health:
    """Start a proxy with a command's flags, wait until it answers on the settings' port, and write
    it down.

    Raises:
        BackgroundError: it ended, or did not answer in time; the text has what it said.
    """
    own, records = chosen.proxy, Records(chosen.home)
    handle = records.open_log(own.port)
    begins = os.fstat(handle).st_size
    try:
        process = _detached(chosen.home, flags, handle, for_proxy(environ, own.port))
    finally:
        os.close(handle)
    found = _first_word(process, own.url, own.token)
    if found is None:
        why = _ended(process)
        raise BackgroundError(f"the proxy {why}\n{_tail(records.log(own.port), begins)}")
    # Whoever started it may live for long, and then has to take note of its end.
    threading.Thread(target=process.wait, name="headroom proxy", daemon=True).start()
    log = str(records.log(own.port))
    now = time.time()
    records.write(Record(own.port, found.process, own.url, found.version, now, flags, log))
    return found


def arguments(flags: Mapping[str, object]) -> Iterator[str]:
    """The flags as they are written behind `headroom proxy`."""
    for name, said in flags.items():
        flag = name.replace("_", "-")
        if isinstance(said, bool):
            yield f"--{flag}" if said else f"--no-{flag}"
        elif said is not None:
            yield from (f"--{flag}", str(said))


def _detached(
    home: Path, flags: Mapping[str, object], log: int, environ: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    apart = 0
    if sys.platform == "win32":
        # With a console that is not shown; without any, each worker would open one.
        apart = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "headroom", "proxy", *arguments(flags)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A project's folder would bring its settings, and could not be removed on Windows.
            cwd=home,
            env=environ,
            start_new_session=True,
            creationflags=apart,
        )
    except OSError as error:
        raise BackgroundError(f"cannot start {sys.executable}: {error.strerror}") from error


def _first_word(process: "subprocess.Popen[bytes]", url: str, token: str) -> Health | None:
    ends, pause = time.monotonic() + READY_SECONDS, _PAUSE
    while time.monotonic() < ends:
        over = process.poll() is not None
        found = health.ask(url, token)
        # One that is over may have found the port taken by another proxy, which then answers.
        if over or found is not None:
            return found
        time.sleep(pause)
        pause = min(1.5 * pause, _LONGEST_PAUSE)
    return None


def _ended(process: "subprocess.Popen[bytes]") -> str:
    """Why there is none, in words; it does not run on."""
    if (code := process.poll()) is not None:
        return f"ended at once with code {code}; it said:"
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return f"did not answer within {READY_SECONDS:g} seconds and was ended; it said:"


def _tail(log: Path, begins: int) -> str:
    """The last lines of what was written since the log had `begins` bytes."""
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(begins, size - _TAIL_BYTES))
            said = stream.read().decode("utf-8", "replace")
    except OSError as error:
        return f"(cannot read {log}: {error.strerror})"
    lines = said.strip().splitlines()[-_LINES:]
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"
