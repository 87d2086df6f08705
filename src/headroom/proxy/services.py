"""What all requests of a process share."""

from collections.abc import Callable
from dataclasses import dataclass

from headroom.counting import Books, Tally
from headroom.proxy.guard import Guard
from headroom.proxy.preparation import Preparation
from headroom.proxy.projects import Projects
from headroom.proxy.routes import Provider
from headroom.proxy.signing import Signer
from headroom.proxy.trial import Trial
from headroom.proxy.upstream import Upstream
from headroom.settings import ProxySettings


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the application, each there once. `now` gives seconds since 1970."""

    settings: ProxySettings
    guard: Guard
    projects: Projects
    preparation: Preparation
    upstream: Upstream
    signer: Signer
    tally: Tally
    books: Books
    trial: Trial
    now: Callable[[], float]

    def base_of(self, provider: Provider) -> str:
        """The base URL of a provider's upstream."""
        base: str = getattr(self.settings.upstreams, provider.value)
        return base
