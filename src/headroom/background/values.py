"""What is said of a proxy in the background, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.errors import HeadroomError


class BackgroundError(HeadroomError):
    """A proxy in the background could not be started or ended; the text says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A proxy that answers. `started` and `restarted` tell what was done for it just now; `flags`
    are those it was started with, None where nobody wrote them down."""

    url: str
    process: int
    version: str
    started: bool = False
    restarted: bool = False
    flags: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A port that has a proxy, had one, or was asked for. Without `healthy` none answers there;
    `log` is the file that it writes to where it was started in the background."""

    port: int
    url: str
    healthy: bool
    version: str = ""
    process: int | None = None
    uptime_seconds: float | None = None
    problems: tuple[str, ...] = ()
    log: str | None = None
