"""Requests added up by quarters of an hour and by who made them: small enough to sum at every look.

Pure: values in, sums out. Latencies are counted in buckets that double, so that sums of any
requests still tell a median.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add, attrgetter

from headroom.billing.price import size_of
from headroom.counting.record import Exchange, amount, text
from headroom.wire._api import Usage

SPAN_SECONDS = 900
PRICED = ("provider", "model", "above", "before_above")
"""By what prices differ: a model, and the sizes that a prompt lay above, as it went and as it would
have gone."""
LASTING = (*PRICED[:2], "status", "arm", *PRICED[2:])
"""What is kept of who made a request however old it is."""
WHO = ("project", "session", "agent", *LASTING)
USAGE = ("fresh", "cache_read", "cache_write", "output", "cache_write_long")
BEFORE = tuple(f"before_{name}" for name in USAGE)
_used = attrgetter(*USAGE)
OUR_BOUNDS = tuple(0.000_25 * 2**step for step in range(13))
FIRST_BOUNDS = tuple(0.062_5 * 2**step for step in range(13))
COUNTS = (
    *("requests", "streamed", "estimated", "errors", "uncounted"),
    *("tokens_before", "tokens_after", "tool_tokens", "retrieved_tokens"),
    *("failures", "late", "retrievals", "rounds", "bytes_in", "bytes_saved"),
    *("reported", *USAGE, *BEFORE),
    *("our_seconds", "first_byte_seconds", "upstream_seconds"),
)
OUR = tuple(f"our_{step}" for step in range(len(OUR_BOUNDS) + 1))
FIRST = tuple(f"first_{step}" for step in range(len(FIRST_BOUNDS) + 1))
COLUMNS = (*COUNTS, *OUR, *FIRST)
EDIT, SKIP = "edit", "skip"
_NO_USAGE = Usage()

Key = tuple[str | int, ...]
Numbers = Sequence[float]


@dataclass(slots=True)
class Rollup:
    """Sums under construction.

    `spans` holds the values of `COLUMNS` by (span, *WHO); `details` (count, tokens before,
    tokens after) by (span, *WHO, EDIT, SKIP or an event's kind, label, fidelity). Above `limit`
    keys the session, project and agent of further ones are not told apart; above twice as many
    nor is the model, without which there is no price.
    """

    limit: int = 5_000
    spans: dict[Key, Numbers] = field(default_factory=dict)
    details: dict[Key, Numbers] = field(default_factory=dict)

    def add(self, done: Exchange) -> None:
        """Count one request."""
        key = self._key(done)
        _plus(self.spans, key, _figures(done))
        for edit in done.compression.edits:
            label = (EDIT, text(edit.compressor), text(edit.fidelity))
            tokens = (amount(edit.tokens_before), amount(edit.tokens_after))
            _plus(self.details, (*key, *label), (edit.count, *tokens))
        for reason, count in done.compression.skips.items():
            _plus(self.details, (*key, SKIP, text(reason), ""), (amount(count), 0, 0))
        for event in done.events:
            label = (text(event.kind), text(event.label), "")
            _plus(self.details, (*key, *label), (amount(event.count), amount(event.tokens), 0))

    def add_uncounted(self, time: float, count: int) -> None:
        """Count requests of which nothing more is known."""
        figures = [0.0] * len(COLUMNS)
        figures[COUNTS.index("uncounted")] = count
        _plus(self.spans, (_span(time), "", "", "", "", "", 0, "", 0, 0), figures)

    def _key(self, done: Exchange) -> Key:
        span = _span(done.time)
        who = map(text, (done.project, done.session, done.agent, done.provider, done.model))
        rest = (amount(done.status), text(done.arm), *_sizes(done))
        key: Key = (span, *who, *rest)
        if key in self.spans or len(self.spans) < self.limit:
            return key
        by_model: Key = (span, "", "", "", text(done.provider), text(done.model), *rest)
        if by_model in self.spans or len(self.spans) < 2 * self.limit:
            return by_model
        return (span, "", "", "", text(done.provider), "", *rest)


def merged(sums: Iterable[Mapping[Key, Numbers]]) -> dict[Key, Numbers]:
    """The sums of several, by key."""
    result: dict[Key, Numbers] = {}
    for one in sums:
        for key, numbers in one.items():
            _plus(result, key, numbers)
    return result


def summed(sums: Iterable[Numbers]) -> Numbers:
    """The sum of some, number by number; nothing where there is none."""
    some = list(sums)
    return some[0] if len(some) == 1 else list(map(sum, zip(*some, strict=True)))


def regrouped(sums: Mapping[Key, Numbers], key_of: Callable[[Key], Key]) -> dict[Key, Numbers]:
    """The sums under other keys, added up where two become one."""
    result: dict[Key, Numbers] = {}
    for key, numbers in sums.items():
        _plus(result, key_of(key), numbers)
    return result


def before_of(done: Exchange) -> Usage | None:
    """What the provider would have reported had the request passed unchanged; None where it
    reported nothing."""
    return done.usage and (done.before or done.usage)


def quantile(share: float, buckets: Numbers, bounds: Sequence[float]) -> float | None:
    """The seconds below which `share` of the counted times lie; None where none was counted.

    Inside a bucket times are taken as evenly spread; the last bucket has no end, so what lies
    in it is told as its start.
    """
    rank = share * sum(buckets)
    for index, count in enumerate(buckets):
        if count and rank <= count:
            if index == len(bounds):
                return bounds[-1]
            start = bounds[index - 1] if index else 0.0
            return start + (bounds[index] - start) * rank / count
        rank -= count
    return None


def _figures(done: Exchange) -> list[float]:
    """The values of `COLUMNS` for one request."""
    found, said, before = done.compression, done.usage or _NO_USAGE, before_of(done) or _NO_USAGE
    counts = (
        *(found.tokens_before, found.tokens_after, done.tool_tokens, done.retrieved_tokens),
        *(found.failures, found.late, done.retrievals, done.rounds),
        *(done.bytes_in, done.bytes_saved, done.usage is not None),
        *_used(said),
        *_used(before),
    )
    return [
        *(1, done.streamed, not found.exact, bool(done.error), 0),
        *map(amount, counts),
        *(done.our_seconds, done.first_byte_seconds or 0.0, done.upstream_seconds or 0.0),
        *_bucket(done.our_seconds, OUR_BOUNDS),
        *_bucket(done.first_byte_seconds, FIRST_BOUNDS),
    ]


def _bucket(seconds: float | None, bounds: Sequence[float]) -> list[int]:
    counts = [0] * (len(bounds) + 1)
    if seconds is not None:
        counts[bisect_left(bounds, seconds)] = 1
    return counts


def _sizes(done: Exchange) -> tuple[int, int]:
    before = before_of(done)
    if done.usage is None or before is None:
        return 0, 0
    # Each leg is billed by its own prompt, and they are of about one size.
    above = size_of(done.usage.prompt // (1 + amount(done.rounds)))
    return above, above if done.before is None else size_of(before.prompt)


def _span(time: float) -> int:
    return int(time) // SPAN_SECONDS * SPAN_SECONDS


def _plus(sums: dict[Key, Numbers], key: Key, numbers: Numbers) -> None:
    known = sums.get(key)
    sums[key] = list(map(add, known, numbers)) if known else numbers
