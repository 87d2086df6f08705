"""The course of one request, noted while it runs, and what is counted of it at its end.

A request over HTTP and a frame on a WebSocket are counted here alike. It knows figures, names and
kinds; what was said goes no further than to a log that the user allowed to hold it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from headroom.counting import Compression
from headroom.counting import Exchange as Counted
from headroom.proxy import log, sessions
from headroom.proxy.planning import TOOL_TOKENS
from headroom.proxy.preparation import Prepared
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Route
from headroom.proxy.services import Services
from headroom.wire import Answer

_NOTHING = Prepared(b"")


class Asker(NamedTuple):
    """Who asks, how the log calls that (a method), and where; `values` are the header values."""

    method: str
    route: Route
    values: Mapping[str, str]


@dataclass(slots=True)
class Course:
    """`begun`, `asked` (upstream) and `first_byte` are times of `perf_counter`, 0.0 before it has
    come to that; of the first to the second, `waited` seconds went by for the client's body.
    `bytes_in` is its size as it came; `status` is upstream's, 0 without an answer."""

    begun: float = field(default_factory=time.perf_counter)
    waited: float = 0.0
    asked: float = 0.0
    first_byte: float = 0.0
    bytes_in: int = 0
    prepared: Prepared = _NOTHING
    answer: Answer | None = None
    retrievals: Retrievals | None = None
    streamed: bool = False
    status: int = 0

    def count(self, asker: Asker, services: Services, error: str = "") -> None:
        """Count it and log it, now that it is over; `error` is why it has no end of its own."""
        done = self._counted(asker, error)
        services.tally.add(done)
        result = self.prepared.result
        for edit in result.edits if result else ():
            log.edited(edit, content=services.settings.log_content)
        log.exchange(asker.method, done)

    def _counted(self, asker: Asker, error: str) -> Counted:
        prepared, retrievals, ended = self.prepared, self.retrievals, time.perf_counter()
        asked, route = self.asked or ended, asker.route
        return Counted(
            time.time(),
            status=self.status,
            project=prepared.context.project.name if prepared.context else route.project,
            session=prepared.session,
            agent=sessions.agent_of(asker.values),
            provider=route.provider.value,
            format=route.form,
            model=prepared.model or route.model,
            path=route.kind,
            streamed=self.streamed,
            compression=Compression.of(prepared.result) if prepared.result else Compression(),
            retrievals=retrievals.calls if retrievals else 0,
            retrieved_tokens=retrievals.tokens if retrievals else 0,
            rounds=retrievals.rounds if retrievals else 0,
            tool_tokens=TOOL_TOKENS if prepared.offered else 0,
            our_seconds=asked - self.begun - self.waited,
            first_byte_seconds=self.first_byte - asked if self.first_byte else None,
            upstream_seconds=ended - asked if self.asked else None,
            bytes_in=self.bytes_in,
            bytes_saved=prepared.bytes_saved,
            usage=self.answer.usage if self.answer else None,
            error=error,
        )
