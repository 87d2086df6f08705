"""Breakpoints for clients that set none, in requests on their way upstream. Pure.

Breakpoints are part of the Messages API, and are set whoever speaks it. A cache key is OpenAI's
own; other servers of its API may refuse it, so while `align_cache` is auto only OpenAI gets one.
"""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from headroom.caching import placing
from headroom.caching.busts import Steadiness
from headroom.caching.fixing import Mended, mended
from headroom.counting import Event
from headroom.counting.record import ALIGN
from headroom.proxy.routes import Provider, Route
from headroom.settings import ProxySettings
from headroom.wire import ANTHROPIC_MESSAGES
from headroom.wire.json_spans import Splice

_OFF, _ON = "off", "on"
_OPENAI = "api.openai.com"


class Aligned(NamedTuple):
    """`splices` go into the body; `placed` are where in it they put breakpoints."""

    splices: tuple[Splice, ...] = ()
    placed: tuple[int, ...] = ()
    events: tuple[Event, ...] = ()


class Aligning:
    """What is done for the provider's cache under these settings."""

    def __init__(self, settings: ProxySettings) -> None:
        self._settings = settings
        self._always = settings.align_cache == _ON

    def aligned(
        self, route: Route, tree: dict[str, Any], session: str, steady: Steadiness
    ) -> Aligned:
        """What places breakpoints, or a cache key, in a request."""
        if self._settings.align_cache == _OFF or not route.offers:
            return Aligned()
        if self._settings.fix_cache:
            # What the client does to its cache is mended before it is sent.
            steady = Steadiness()
        if route.form == ANTHROPIC_MESSAGES.name and route.provider is Provider.ANTHROPIC:
            points = placing.steadily(tree, steady, always=self._always)
            splices = tuple(change for point in points for change in point.splices)
            placed = tuple(point.splices[0].start for point in points)
            events = (Event(ALIGN, "breakpoints set", len(points)),) if points else ()
            return Aligned(splices, placed, events)
        if route.form.startswith("openai") and self._takes_keys(route):
            return Aligned(tuple(placing.cache_key(tree, session, always=self._always)))
        return Aligned()

    def mended(self, tree: dict[str, Any], body: bytes) -> Mended:
        """What mends a request that would lose its cache with every turn, where that is wanted."""
        return mended(tree, body) if self._settings.fix_cache else Mended()

    def _takes_keys(self, route: Route) -> bool:
        if self._always:
            return True
        host = urlsplit(self._settings.upstreams.openai).hostname
        return route.provider is Provider.OPENAI and host == _OPENAI
