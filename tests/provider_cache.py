"""A provider with a prompt cache and a bill, simulated strictly, to hold our accounting against.

It reads requests by a walk of its own and shares nothing with the package but the token counter
and the shape of a usage. As a script of `scripted_upstream` it answers what another script says, with
the true usage; time is a clock that the test sets. How it reads is `provider_requests`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from headroom.tokens import counter_for
from headroom.wire import Usage
from provider_requests import Body, Count, Piece, chat, compact, messages, refusal, responses
from scripted_upstream import Reply, Request

LEAST = 1_024
"""Tokens below which nothing is kept."""
STEP = 128
LOOK_BACK = 20
SECONDS = {"5m": 300.0, "1h": 3_600.0}
AUTOMATIC_SECONDS = 600.0


class Clock:
    """Seconds since 1970: from the present on, which the counts keep, as the test wants them."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        """So many seconds go by."""
        self.now += seconds


@dataclass(slots=True)
class Kept:
    """A prefix in the cache."""

    until: float
    seconds: float


class PromptCache:
    """The prefixes that requests so far have left, by digest."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Kept] = {}

    def marked(self, model: str, pieces: Sequence[Piece], now: float) -> Usage:
        """Anthropic's way: prefixes are written at breakpoints, and found up to 20 blocks before
        one."""
        keys, upto = _prefixes(model, pieces)
        marks = [at for at, piece in enumerate(pieces) if piece.mark and upto[at] >= LEAST]
        reach = {at for mark in marks for at in range(max(mark - LOOK_BACK + 1, 0), mark + 1)}
        hit = max((at for at in reach if self._has(keys[at], now)), default=None)
        read = 0 if hit is None else upto[hit]
        end = max([read, *(upto[at] for at in marks)])
        long = max([read, *(upto[at] for at in marks if pieces[at].mark == "1h")])
        if hit is not None:
            self._keep(keys[hit], now, self._kept[keys[hit]].seconds)
        for at in marks:
            self._keep(keys[at], now, SECONDS[pieces[at].mark])
        return Usage(
            fresh=upto[-1] - end,
            cache_read=read,
            cache_write=end - read,
            cache_write_long=long - read,
        )

    def automatic(self, model: str, pieces: Sequence[Piece], now: float) -> Usage:
        """OpenAI's way: whatever was sent is kept, and the longest prefix of it is read, in
        steps."""
        keys, upto = _prefixes(model, pieces)
        common = 0
        for key, tokens in zip(keys, upto, strict=True):
            if not self._has(key, now):
                break
            common = tokens
        read = common // STEP * STEP if common >= LEAST else 0
        for key in keys:
            self._keep(key, now, AUTOMATIC_SECONDS)
        return Usage(fresh=upto[-1] - read, cache_read=read)

    def _has(self, key: bytes, now: float) -> bool:
        return key in self._kept and now <= self._kept[key].until

    def _keep(self, key: bytes, now: float, seconds: float) -> None:
        if self._has(key, now):
            seconds = max(seconds, self._kept[key].seconds)
        self._kept[key] = Kept(now + seconds, seconds)


@dataclass(slots=True)
class Provider:
    """A script that answers as another one does and says what it billed. `bills` has one usage
    for each answer, `requests` the bodies they are for."""

    script: Callable[[Request], Reply]
    clock: Clock = field(default_factory=Clock)
    bills: list[Usage] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list, repr=False)
    cache: PromptCache = field(default_factory=PromptCache, repr=False)
    _sizes: dict[str, int] = field(default_factory=dict, repr=False)

    def __call__(self, request: Request) -> Reply:
        reply = self.script(request)
        if reply.status != 200:
            return reply
        if request.api == "anthropic" and (problem := refusal(request.json)):
            return Reply(text=problem, status=400)
        bill = self.billed(request.api, request.json)
        bill = replace(bill, output=_spoken(str(request.json.get("model")), reply))
        self.bills.append(bill)
        self.requests.append(request)
        return replace(reply, usage={**_SPELLED[request.api](bill), **reply.usage})

    def billed(self, api: str, body: Body) -> Usage:
        """The input of one request, which is then in the cache."""
        model = str(body.get("model"))
        pieces = list(_PIECES[api](body, lambda text: self._tokens(model, text)))
        way = self.cache.marked if api == "anthropic" else self.cache.automatic
        return way(model, pieces, self.clock())

    def _tokens(self, model: str, text: str) -> int:
        if text not in self._sizes:
            self._sizes[text] = counter_for(model).count(text)
        return self._sizes[text]

    @property
    def bill(self) -> Usage:
        """All that was billed."""
        return sum(self.bills, Usage())


def _prefixes(model: str, pieces: Sequence[Piece]) -> tuple[list[bytes], list[int]]:
    """The digest of all up to and with each piece, and its tokens."""
    state, total = blake2b(model.encode(), digest_size=16), 0
    keys, upto = [], []
    for piece in pieces:
        state.update(len(piece.content).to_bytes(8, "little") + piece.content)
        total += piece.tokens
        keys.append(state.digest())
        upto.append(total)
    return keys, upto


def _spoken(model: str, reply: Reply) -> int:
    count = counter_for(model).count
    said = [reply.thinking, *(part for part in reply.parts if isinstance(part, str))]
    said += [call.freeform or compact(dict(call.arguments)).decode() for call in reply.calls]
    return sum(map(count, said))


def _as_anthropic(bill: Usage) -> Body:
    return {
        "input_tokens": bill.fresh,
        "cache_read_input_tokens": bill.cache_read,
        "cache_creation_input_tokens": bill.cache_write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": bill.cache_write - bill.cache_write_long,
            "ephemeral_1h_input_tokens": bill.cache_write_long,
        },
        "output_tokens": bill.output,
    }


def _as_chat(bill: Usage) -> Body:
    return {
        "prompt_tokens": bill.prompt,
        "prompt_tokens_details": {"cached_tokens": bill.cache_read},
        "completion_tokens": bill.output,
        "total_tokens": bill.prompt + bill.output,
    }


def _as_responses(bill: Usage) -> Body:
    return {
        "input_tokens": bill.prompt,
        "input_tokens_details": {"cached_tokens": bill.cache_read},
        "output_tokens": bill.output,
        "total_tokens": bill.prompt + bill.output,
    }


_PIECES: dict[str, Callable[[Body, Count], Iterator[Piece]]] = {
    "anthropic": messages,
    "chat": chat,
    "responses": responses,
}
_SPELLED: dict[str, Callable[[Usage], Body]] = {
    "anthropic": _as_anthropic,
    "chat": _as_chat,
    "responses": _as_responses,
}
