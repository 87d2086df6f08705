"""Which proxies run: the one on the port that is asked for, and all that were written down."""

import re

from headroom import __version__
from headroom.background import health
from headroom.background.health import Health
from headroom.background.records import Record, Records
from headroom.background.values import Known, Running
from headroom.settings import Settings

_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def find(chosen: Settings) -> Running | None:
    """The healthy proxy on the settings' port, unless it is older than this version."""
    own = chosen.proxy
    found = health.ask(own.url, own.token)
    if found is None or is_outdated(found.version):
        return None
    record = of(found, Records(chosen.home).read(own.port))
    return Running(own.url, found.process, found.version, flags=record.flags if record else None)


def known(chosen: Settings, *, others: bool = True) -> tuple[Known, ...]:
    """The settings' port first; with `others` also each port of which there is a record."""
    own, records = chosen.proxy, Records(chosen.home)
    found = [_known(own.port, own.url, own.token, records.read(own.port))]
    for port in records.ports() if others else ():
        record = records.read(port)
        if port != own.port and record is not None:
            found.append(_known(port, record.url, own.token, record))
    return tuple(found)


def is_outdated(version: str) -> bool:
    """Whether a proxy of this version is to give way to one of ours. A newer one is not: two
    installations on one machine would end each other's in turn."""
    theirs, ours = _release(version), _release(__version__)
    return theirs < ours or (theirs == ours and version != __version__)


def of(found: Health, record: Record | None) -> Record | None:
    """The port's record, where it is that of the proxy which was found there."""
    return record if record and record.process == found.process else None


def _known(port: int, url: str, token: str, record: Record | None) -> Known:
    found = health.ask(url, token)
    if found is None:
        return Known(port, url, False, log=record.log if record else None)
    record = of(found, record)
    return Known(
        port,
        url,
        True,
        found.version,
        found.process,
        found.uptime_seconds,
        found.problems,
        record.log if record else None,
    )


def _release(version: str) -> list[int]:
    found = _RELEASE.match(version)
    return [int(part) for part in found[0].split(".")] if found else []
