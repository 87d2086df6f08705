"""A proxy is asked to end, and finishes the streams it has begun.

Rule: a signal goes only to a process that the proxy on the port names as its own and that the
system (where it does not tell, the record) knows as a headroom proxy.
"""

import os
import signal
import time
from collections.abc import Callable

from headroom.background import health
from headroom.background.health import Health
from headroom.background.processes import is_proxy
from headroom.background.records import Records
from headroom.background.values import BackgroundError
from headroom.errors import SettingsError
from headroom.settings import ProxySettings, Settings

_SLACK_SECONDS = 10.0
_PAUSE, _LONGEST_PAUSE = 0.01, 0.25


def stop(chosen: Settings) -> int | None:
    """End the proxy on the settings' port, and wait until it has ended: for `shutdown_seconds`,
    and a little. The id of its process; None where no proxy ran.

    Raises:
        SettingsError: another program has the port.
        BackgroundError: it cannot be ended, or does not end.
    """
    own, records = chosen.proxy, Records(chosen.home)
    seconds = own.shutdown_seconds + _SLACK_SECONDS
    with records.locked(own.port, seconds):
        found = health.ask(own.url, own.token, health.PATIENT_SECONDS)
        if found is None:
            if health.is_taken(own.url):
                raise taken_by_another(own)
            records.remove(own.port)
            return None
        free_port(own, found, records)
    # Its streams go on without the port; a new proxy need not wait for them.
    if not _came(lambda: not is_proxy(found.process), seconds):
        raise BackgroundError(
            f"process {found.process} has left port {own.port} and has not ended within "
            f"{seconds:g} seconds"
        )
    return found.process


def free_port(own: ProxySettings, found: Health, records: Records) -> None:
    """Ask the proxy that was found on the port to end, and wait until the port is free.

    Raises:
        BackgroundError: it may not be ended, or does not free the port.
    """
    process = found.process
    _verify(own, process, records)
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except OSError as error:
        raise BackgroundError(
            f"cannot end process {process}, the proxy on port {own.port}: {error.strerror}"
        ) from error
    seconds = own.shutdown_seconds + _SLACK_SECONDS
    if not _came(lambda: not health.is_taken(own.url), seconds):
        raise BackgroundError(
            f"process {process} was asked to end and still has port {own.port} after "
            f"{seconds:g} seconds"
        )
    records.remove(own.port)


def taken_by_another(own: ProxySettings) -> SettingsError:
    """What to say where a port has somebody who is no headroom proxy to us."""
    return SettingsError(
        f"another program has port {own.port}, or a headroom proxy that wants another token; "
        "choose another port with --port"
    )


def _verify(own: ProxySettings, process: int, records: Records) -> None:
    known = is_proxy(process) if process > 1 else False
    if known is None:
        record = records.read(own.port)
        known = record is not None and record.process == process
    if not known:
        raise BackgroundError(
            f"the proxy on port {own.port} says that it is process {process}, which is no headroom "
            "proxy of this machine (does it run in a container?); end it where it was started, or "
            "choose another port with --port"
        )


def _came(what: Callable[[], bool], seconds: float) -> bool:
    ends, pause = time.monotonic() + seconds, _PAUSE
    while not what():
        if time.monotonic() > ends:
            return False
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True
