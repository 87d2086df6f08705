"""The course of one request, noted while it runs, and what is counted of it at its end.

A request over HTTP and a frame on a WebSocket are counted here alike. It knows figures, names and
kinds; what was said goes no further than to a log that the user allowed to hold it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import NamedTuple

from headroom.attempts import Failure, attempt
from headroom.caching.laying import Said, Sent, layout_of
from headroom.caching.rules import rules_for
from headroom.counting import Compression, Event, Told
from headroom.counting import Exchange as Counted
from headroom.counting.record import GUARD
from headroom.guarding import GuardedAnswer
from headroom.proxy import log, sessions
from headroom.proxy.planning import preamble_tokens
from headroom.proxy.preparation import Prepared
from headroom.proxy.retrieving import Retrievals
from headroom.proxy.routes import Route
from headroom.proxy.services import Services
from headroom.wire import Answer

_NOTHING = Prepared(b"")
_DONE = 200
_ON_LOOP = 200_000
"""Bytes of a body that is taken apart on the event loop; a larger one is the counts' thread's."""


class Asker(NamedTuple):
    """Who asks, how the log calls that (a method), and where; `values` are the header values."""

    method: str
    route: Route
    values: Mapping[str, str]


@dataclass(slots=True)
class Course:
    """`time` is when it began, in seconds since 1970. `begun`, `asked` (upstream) and `first_byte`
    are times of `perf_counter`, 0.0 before it has come to that; of the first to the second,
    `waited` seconds went by for the client's body. `bytes_in` is its size as it came; `status` is
    upstream's, 0 without an answer."""

    time: float
    begun: float = field(default_factory=perf_counter)
    waited: float = 0.0
    asked: float = 0.0
    first_byte: float = 0.0
    bytes_in: int = 0
    prepared: Prepared = _NOTHING
    answer: Answer | None = None
    retrievals: Retrievals | None = None
    streamed: bool = False
    status: int = 0

    @property
    def now(self) -> float:
        """The time, in seconds since 1970, by the clock that it began with."""
        return self.time + perf_counter() - self.begun

    def count(self, asker: Asker, services: Services, error: str = "") -> None:
        """Count it and log it, now that it is over; `error` is why it has no end of its own."""
        done = self._counted(asker, error)
        tell = partial(self._told, asker.route, done)
        if self.bytes_in <= _ON_LOOP:
            told = attempt(tell)
            tell = partial(_found_out, None if isinstance(told, Failure) else told)
        edits = self.prepared.result.edits if self.prepared.result else ()
        services.tally.add(done, tell, edits)
        for edit in edits:
            log.edited(edit, content=services.settings.log_content)
        log.exchange(asker.method, done)

    def _told(self, route: Route, done: Counted) -> Told | None:
        """What a request can be compared with others by; None where nothing was read of it,
        upstream did not say what it came to, or it went as it came and no cache could take it."""
        prepared, legs = self.prepared, self.answer.legs if self.answer else ()
        read, result = prepared.read, prepared.result
        if read is None or result is None or not legs or done.status != _DONE:
            return None
        size = max(result.tokens_before, legs[0].prompt)
        if prepared.body is read.came and _is_too_small(size, route.form, prepared.model):
            return None
        asked_at = self.time + self.asked - self.begun
        said = Said(read.body, read.tree, read.talk)
        asked = None
        if read.asked is not read.tree and prepared.context is not None:
            asked = Said(read.came, read.asked, prepared.context.form.view(read.asked))
        alone = preamble_tokens(route.form) if prepared.alone else 0
        sent = Sent(prepared.measures, result.exact, done.tool_tokens + alone, prepared.placed)
        layout = layout_of(route.form, prepared.model, said, sent, asked)
        return Told(layout, legs, asked_at)

    def _counted(self, asker: Asker, error: str) -> Counted:
        prepared, retrievals, ended = self.prepared, self.retrievals, perf_counter()
        asked, route = self.asked or ended, asker.route
        return Counted(
            self.time + ended - self.begun,
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
            tool_tokens=prepared.tool_tokens,
            our_seconds=asked - self.begun - self.waited,
            first_byte_seconds=self.first_byte - asked if self.first_byte else None,
            upstream_seconds=ended - asked if self.asked else None,
            bytes_in=self.bytes_in,
            bytes_saved=prepared.bytes_saved,
            usage=self.answer.usage if self.answer else None,
            error=error,
            name=secrets.token_hex(6),
            arm=prepared.arm,
            events=(*prepared.events, *_found(self.answer)),
        )


def _found_out(told: Told | None) -> Told | None:
    return told


def _is_too_small(tokens: int, form: str, model: str) -> bool:
    """Whether no provider keeps a prompt of so many tokens: nothing can be read of it later."""
    return tokens < rules_for(form, model).least


def _found(answer: Answer | None) -> list[Event]:
    """What the write guard found in an answer."""
    findings = answer.findings if isinstance(answer, GuardedAnswer) else []
    return [Event(GUARD, finding.what, finding.count) for finding in findings]
