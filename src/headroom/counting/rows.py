"""One request as a row of the table `exchanges`. Every value is cut to what a row can hold."""

from collections.abc import Iterable, Mapping

import orjson

from headroom.counting.record import EditCount, Event, Exchange, amount, text
from headroom.counting.rollup import USAGE, before_of
from headroom.wire._api import Usage


def row(done: Exchange) -> tuple[object, ...]:
    """The values of `schema.ROW`."""
    found, usage = done.compression, _usage(done.usage)
    who = (done.project, done.session, done.agent, done.provider, done.format, done.model)
    return (
        *(done.time, *map(text, who), text(done.path), amount(done.status), done.streamed),
        *(amount(found.tokens_before), amount(found.tokens_after), found.exact),
        *(_edits(found.edits), _skips(found.skips)),
        *(amount(found.failures), text(found.failure), amount(found.late)),
        *map(amount, (done.retrievals, done.retrieved_tokens, done.rounds, done.tool_tokens)),
        *(done.our_seconds, done.first_byte_seconds, done.upstream_seconds),
        *(amount(done.bytes_in), amount(done.bytes_saved)),
        *(*usage[:-1], text(done.error), usage[-1], *_usage(before_of(done))),
        *(text(done.name), text(done.arm), _events(done.events)),
    )


def _usage(usage: Usage | None) -> tuple[int | None, ...]:
    return tuple(None if usage is None else amount(getattr(usage, name)) for name in USAGE)


def _edits(edits: Iterable[EditCount]) -> str:
    rows = [
        [
            *map(text, (edit.compressor, edit.fidelity)),
            *map(amount, (edit.tokens_before, edit.tokens_after, edit.count)),
        ]
        for edit in edits
    ]
    return orjson.dumps(rows).decode()


def _skips(skips: Mapping[str, int]) -> str:
    counts = {text(reason): amount(count) for reason, count in skips.items()}
    return orjson.dumps(counts).decode()


def _events(events: Iterable[Event]) -> str:
    rows = [
        [*map(text, (event.kind, event.label)), *map(amount, (event.count, event.tokens))]
        for event in events
    ]
    return orjson.dumps(rows).decode()
