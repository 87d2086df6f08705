"""One proxy on a port, whoever asks for it, however often and at the same time."""

from collections.abc import Mapping

from headroom import settings
from headroom.background import health, starting, stopping
from headroom.background.finding import find, of
from headroom.background.health import Health
from headroom.background.records import Record, Records
from headroom.background.values import Running
from headroom.settings import PROXY_KEYS, Settings

_FLAGS = (*PROXY_KEYS, "policy", "token_file")


def ensure(
    chosen: Settings,
    flags: Mapping[str, object] | None = None,
    *,
    restart: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Running:
    """The proxy on the settings' port: the one that runs, else a new one in the background with a
    command's `flags` (by name, None where one was not given) in `environ`, by default this
    process's. One of an older version, or any with `restart`, gives way to a new one, which has
    its flags and these.

    Raises:
        SettingsError: another program has the port, or the settings do not allow a proxy.
        BackgroundError: it could not be started, or the old one not be ended.
    """
    if not restart and (running := find(chosen)):
        return running
    own, records = chosen.proxy, Records(chosen.home)
    own.check()
    patience = own.shutdown_seconds + 2 * starting.READY_SECONDS
    with records.locked(own.port, patience):
        # Who had the lock before may have started one.
        if not restart and (running := find(chosen)):
            return running
        given = {name: said for name, said in (flags or {}).items() if said is not None}
        old = health.ask(own.url, own.token, health.PATIENT_SECONDS)
        if old is not None:
            given = {**_flags_of(old, records.read(own.port)), **given}
            stopping.free_port(own, old, records)
        elif health.is_taken(own.url):
            raise stopping.taken_by_another(own)
        given["port"] = own.port
        new = starting.start(chosen, given, settings.environment() if environ is None else environ)
    return Running(own.url, new.process, new.version, True, old is not None, given)


def _flags_of(old: Health, record: Record | None) -> Mapping[str, object]:
    """Those the proxy was started with, as far as this version has them."""
    record = of(old, record)
    said = record.flags if record else {}
    return {name: said[name] for name in _FLAGS if name in said}
