"""What is counted of one request: figures, names and kinds, and nothing of what it said.

A value from outside is cut to a size that a row can hold, so that writing it cannot fail.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from headroom.edits import Edit, Reason, Result
from headroom.wire._api import Usage

LATE = "late"
BUST, GUARD, EPOCH, ALIGN = "bust", "guard", "epoch", "align"
_HEADER = "Traceback (most recent call last):"
_FRAME = re.compile(r'  File "(?P<path>[^"]+)", line (?P<line>\d+)')
_TYPE = re.compile(r"[A-Za-z_][\w.]{0,99}(?=:|$)")
_OURS = re.compile(r".*[\\/]headroom[\\/]")
_LONGEST = 200
_LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class EditCount:
    """The edits of one compressor and fidelity in one request; tokens of the texts edited."""

    compressor: str
    fidelity: str
    tokens_before: int
    tokens_after: int
    count: int = 1


class Compression(NamedTuple):
    """What compression did to one request; tokens are of the request's texts.

    `failure` is the type and place of the last failure, without its message: that may quote
    the text. `late` counts the texts that a deadline left as they were.
    """

    tokens_before: int = 0
    tokens_after: int = 0
    exact: bool = True
    edits: tuple[EditCount, ...] = ()
    skips: Mapping[str, int] = MappingProxyType({})
    failures: int = 0
    failure: str = ""
    late: int = 0

    @classmethod
    def of(cls, result: Result[Any]) -> "Compression":
        """The counts of what the engine did."""
        skips: dict[str, int] = {}
        failed: list[str] = []
        for skip in result.skips:
            said = skip.reason.value
            skips[said] = skips.get(said, 0) + 1
            if skip.reason is Reason.FAILED:
                failed.append(skip.detail)
        return cls(
            tokens_before=result.tokens_before,
            tokens_after=result.tokens_after,
            exact=result.exact,
            edits=_counted(result.edits),
            skips=skips,
            failures=len(failed),
            failure=place_of(failed[-1]) if failed else "",
            late=skips.get(LATE, 0),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something of one request that is worth telling beside its edits. `kind` is BUST (the
    provider's cache was lost), GUARD (a marker in a call's arguments), EPOCH (older texts
    compressed anew) or ALIGN (what was done for the cache); `label` is words of ours."""

    kind: str
    label: str
    count: int = 1
    tokens: int = 0


class Exchange(NamedTuple):
    """One request of a client and its answer.

    `time` is in seconds since 1970. `path` and `error` are kinds, words of ours, and never what
    the client sent. `our_seconds` is what we added before the request went upstream;
    `first_byte_seconds` and `upstream_seconds` are upstream's, None where it was not reached.
    `rounds` counts the legs that a retrieval added, `retrieved_tokens` what retrievals gave back,
    `tool_tokens` what offering our tool cost. `bytes_in` is the body's size as it came,
    `bytes_saved` how much smaller it went upstream than it was unpacked. `usage` is None where
    upstream reported none; `before` is what it would have reported had the request passed
    unchanged, None where that is the same. `name` is the request's own; `arm` says why nothing was
    compressed (held out, switched off), or is empty.
    """

    time: float
    status: int
    project: str = ""
    session: str = ""
    agent: str = ""
    provider: str = ""
    format: str = ""
    model: str = ""
    path: str = ""
    streamed: bool = False
    compression: Compression = Compression()
    retrievals: int = 0
    retrieved_tokens: int = 0
    rounds: int = 0
    tool_tokens: int = 0
    our_seconds: float = 0.0
    first_byte_seconds: float | None = None
    upstream_seconds: float | None = None
    bytes_in: int = 0
    bytes_saved: int = 0
    usage: Usage | None = None
    error: str = ""
    name: str = ""
    before: Usage | None = None
    arm: str = ""
    events: tuple[Event, ...] = ()


def place_of(failure: str) -> str:
    """The type and place that a traceback tells of, as in `KeyError at compressors/a.py:9`."""
    where, kind = "", "failure"
    for line in failure.partition(_HEADER)[2].split("\n")[1:]:
        if frame := _FRAME.match(line):
            where = f" at {_OURS.sub('', frame['path'])}:{frame['line']}"
        elif line and not line.startswith(" "):
            named = _TYPE.match(line)
            return (named[0] if named else kind) + where
    return kind + where


def text(said: str) -> str:
    """`said` as a row can hold it: not long, and without what is no character."""
    if len(said) <= _LONGEST and said.isascii():
        return said
    return said[:_LONGEST].encode("utf-8", "replace").decode("utf-8")


def amount(said: object) -> int:
    """`said` as a column can hold and add it; 0 where it is no count."""
    if not isinstance(said, int) or said < 0:
        return 0
    return said if said <= _LARGEST else _LARGEST


def _counted(edits: Iterable[Edit]) -> tuple[EditCount, ...]:
    sums: dict[tuple[str, str], list[int]] = {}
    for edit in edits:
        found = sums.setdefault((edit.compressor, edit.fidelity.value), [0, 0, 0])
        found[0] += edit.tokens_before
        found[1] += edit.tokens_after
        found[2] += 1
    return tuple(EditCount(*key, *counts) for key, counts in sums.items())
