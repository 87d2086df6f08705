"""One look at everything: is Headroom well, do the agents go through it, what is in the way.

Each finding says what is so and, where something is wrong, the command that mends it. Looks
only: nothing is changed, started or sent but a question to the proxy's own `/health`.
"""

import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from headroom import __version__, background, library, service
from headroom.agents import AGENTS, Agent, Proxy
from headroom.background import Known, health
from headroom.background.finding import is_outdated
from headroom.counting import totals
from headroom.errors import HeadroomError, StoreError
from headroom.plans import Applied, Machine, Runner
from headroom.settings import Settings
from headroom.trials import Switch
from headroom.trials.report import loss_of
from headroom.wrapping import EXTRAS, in_place, is_installed, leads_to, other_proxy, runner_of

DAY = 86_400.0
_LITTLE_DISK = 1_000_000_000
_LOW_HITS = 0.5
_MANY = 20
_VARIABLES = (
    *("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE", "OPENAI_BASE_URL", "OPENAI_API_BASE"),
    *("GOOGLE_GEMINI_BASE_URL", "COPILOT_PROVIDER_BASE_URL"),
)


class State(str, Enum):
    """How much a finding matters."""

    GOOD = "good"
    INFO = "info"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is what was looked at, `says` what is so, `mend` the command or deed that helps."""

    about: str
    state: State
    says: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at one machine with the settings in force; a project's settings in `directory` may be
    in an agent's way. Fewer than `little_disk` bytes are worth a warning."""

    machine: Machine
    chosen: Settings
    proxy: Proxy
    directory: Path
    little_disk: int = _LITTLE_DISK

    def look(self) -> list[Finding]:
        """Every finding, in the order in which a person wants them."""
        looks: Sequence[tuple[str, Callable[[], Iterator[Finding]]]] = (
            ("versions", self._versions),
            ("proxy", self._proxy),
            ("agents", self._wrapped),
            ("provider's cache", self._cache),
            ("kill switch", self._switch),
            ("store", self._store),
            ("conflicts", self._conflicts),
        )
        return [finding for about, look in looks for finding in _safely(about, look)]

    def _versions(self) -> Iterator[Finding]:
        python = ".".join(map(str, sys.version_info[:3]))
        said = f"headroom {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}"
        missing = [extra for extra in EXTRAS if not is_installed(extra)]
        if "proxy" in missing:
            mend = "pip install 'headroom-ai[proxy]'"
            yield Finding("versions", State.BAD, f"{said}; the proxy is not installed", mend)
            return
        told = f"; without the extras {', '.join(missing)}" if missing else ""
        yield Finding("versions", State.GOOD, said + told)

    def _proxy(self) -> Iterator[Finding]:
        for known in background.known(self.chosen):
            about = f"proxy on {known.port}"
            asked = known.port == self.chosen.proxy.port
            if known.healthy:
                yield _running(about, known, asked)
                yield from (Finding(about, State.WARNING, said) for said in known.problems)
            elif asked and health.is_taken(known.url):
                says = f"another program has port {known.port}, or a proxy that wants another token"
                mend = "end it, or wrap your agents with another --port"
                yield Finding(about, State.BAD, says, mend)
            elif asked:
                says = f"none runs at {known.url}"
                yield Finding(about, State.BAD, says, "headroom proxy start")

    def _wrapped(self) -> Iterator[Finding]:
        applied = self._runner.in_force()
        if service.NAME in applied:
            yield Finding("service", State.GOOD, "installed: the proxy runs from log-in on")
        else:
            says = "not installed: the proxy ends with the machine, or when you stop it"
            yield Finding("service", State.INFO, says, "headroom service install")
        seen = self._last_seen()
        for agent in AGENTS:
            found = applied.get(agent.name)
            if found is not None:
                yield self._agent(agent, found, seen)
                obstacles = agent.obstacles(self.machine, self.proxy, self.directory)
                yield from (Finding(agent.title, State.WARNING, said) for said in obstacles)
            elif agent.is_here(self.machine):
                mend = f"headroom wrap {agent.name}"
                yield Finding(agent.title, State.INFO, "not wrapped", mend)

    def _agent(self, agent: Agent, applied: Applied, seen: Mapping[str, float] | None) -> Finding:
        wrap = f"headroom wrap {agent.name}"
        if not in_place(self.machine, applied.plan.patches):
            says = "wrapped, but its configuration was changed since"
            return Finding(agent.title, State.WARNING, says, wrap)
        if other := other_proxy(applied.plan, self.proxy):
            says = f"wrapped for {other}, and the proxy's place is {self.proxy.url}"
            return Finding(agent.title, State.WARNING, says, wrap)
        if not leads_to(applied.plan, self.proxy):
            says = "has Headroom's tools; its requests go as before"
            return Finding(agent.title, State.GOOD, says)
        if self.chosen.proxy.token:
            says = "wrapped, and does not send the token that the proxy wants"
            return Finding(agent.title, State.WARNING, says, "unset HEADROOM_PROXY_TOKEN")
        if not agent.client:
            says = "wrapped; its requests carry no name of their own"
            return Finding(agent.title, State.INFO, says)
        if seen is None:
            return Finding(agent.title, State.INFO, "wrapped; what came through cannot be read")
        last = seen.get(agent.client)
        if last is None or last < applied.at:
            says = f"wrapped {_ago(applied.at)}, and no request came through since"
            return Finding(agent.title, State.INFO, says, f"run {agent.program or agent.title}")
        return Finding(agent.title, State.GOOD, f"wrapped, its last request {_ago(last)}")

    def _last_seen(self) -> Mapping[str, float] | None:
        """None where the counts are broken, which is told with the provider's cache."""
        try:
            return totals.last_seen(self.chosen.home)
        except StoreError:
            return None

    def _cache(self) -> Iterator[Finding]:
        found = totals.read(self.chosen.home, time.time() - DAY).total
        used = found.usage
        prompt = used.fresh + used.cache_read + used.cache_write
        if not found.reported or not prompt:
            yield Finding("provider's cache", State.INFO, "no usage was reported in the last day")
            return
        share = used.cache_read / prompt
        says = f"{share:.0%} of the input tokens of the last day were read from it"
        low = share < _LOW_HITS and found.reported >= _MANY
        mend = "headroom stats --by agent" if low else ""
        yield Finding("provider's cache", State.WARNING if low else State.GOOD, says, mend)

    def _switch(self) -> Iterator[Finding]:
        for trip in Switch(self.chosen.home).trips():
            says = f"compression is off for {loss_of(trip)}"
            yield Finding("kill switch", State.WARNING, says, "headroom holdout resume")

    def _store(self) -> Iterator[Finding]:
        store, home = library.store_of(self.chosen), self.chosen.home.absolute()
        if store.path.exists():
            kept = store.stats()
            says = f"{kept.originals:,} originals, {kept.bytes_stored / 1e6:,.1f} MB"
        else:
            says = "nothing is kept yet"
        free = shutil.disk_usage(next(path for path in (home, *home.parents) if path.exists())).free
        says += f", in {home}; {free / 1e9:,.0f} GB of disk free"
        if free < self.little_disk:
            mend = "free disk space, or: headroom store purge --older-than 7"
            yield Finding("store", State.WARNING, says, mend)
        else:
            yield Finding("store", State.GOOD, says)

    def _conflicts(self) -> Iterator[Finding]:
        found = False
        for name in _VARIABLES:
            url = self.machine.environ.get(name, "")
            if not url or self.proxy.is_base(url):
                continue
            if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1"):
                found = True
                says = f"{name} points at {url}, another program of this machine"
                yield Finding("conflicts", State.WARNING, says, f"unset {name}")
        if not found:
            yield Finding("conflicts", State.GOOD, "no variable leads elsewhere")

    @property
    def _runner(self) -> Runner:
        return runner_of(self.chosen.home)


def _running(about: str, known: Known, asked: bool) -> Finding:
    says = f"{known.url}, version {known.version}, process {known.process}"
    if not asked:
        mend = f"headroom proxy stop --port {known.port}"
        return Finding(about, State.INFO, f"{says}, runs too", mend)
    if is_outdated(known.version):
        return Finding(about, State.WARNING, f"{says}, is outdated", "headroom proxy start")
    return Finding(about, State.GOOD, says)


def _safely(about: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A look that fails is a finding too, and keeps no other from being made."""
    try:
        yield from look()
    except (HeadroomError, OSError) as error:
        yield Finding(about, State.BAD, str(error))


def _ago(when: float) -> str:
    minutes = max(0.0, time.time() - when) / 60
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes:.0f} minutes ago"
    hours = minutes / 60
    return f"{hours:.0f} hours ago" if hours < 48 else f"{hours / 24:.0f} days ago"
