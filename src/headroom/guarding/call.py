"""One call of the client's tools, and what was found in it once it is whole."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from headroom.guarding import writing
from headroom.guarding.flow import Flow
from headroom.guarding.mending import Mender
from headroom.guarding.signs import Guilt, Signs
from headroom.guarding.spelling import JSON_TEXT, PLAIN

PUT_BACK = "marker put back"
LET_THROUGH = "marker let through"
OUTLINE = "outline let through"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one call: PUT_BACK, LET_THROUGH or OUTLINE, and in how many lines."""

    call_id: str
    tool: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Note:
    """What the model is to be told of a call with its result. `call_id` is `name_of` the call:
    an id alone may be that of another call in another turn."""

    call_id: str
    text: str


class GuardedCall:
    """A call on its way. One that cannot write is not watched; `like` is the last payload that
    told a piece of its arguments."""

    __slots__ = (
        "_closed",
        "_flow",
        "_mender",
        "_signs",
        "call_id",
        "findings",
        "is_watched",
        "like",
        "note",
        "tool",
    )

    def __init__(self, signs: Signs, mender: Mender, call_id: str, tool: str) -> None:
        self._signs = signs
        self._mender = mender
        self._flow: Flow | None = None
        self.call_id = call_id
        self.tool = tool
        self.is_watched = writing.may_write(tool)
        self.like = b""
        self._closed = False
        self.findings: list[Finding] = []
        self.note: Note | None = None

    @property
    def has_begun(self) -> bool:
        """Whether something of the arguments was said."""
        return self._flow is not None

    @property
    def held(self) -> str:
        """What the client has not got yet of what was said."""
        return self._flow.held if self._flow is not None else ""

    def is_the(self, call_id: str, tool: str) -> bool:
        """Whether a call of that id and tool, as far as they are told, may be this one."""
        return call_id in ("", self.call_id) and tool in ("", self.tool)

    def passes(self, text: bytes, payload: bytes) -> bool:
        """Whether a fragment (a JSON string, in `payload`) goes on as it came; then it is noted.
        Quick: nearly all do."""
        if not self.is_watched:
            return True
        self.like = payload
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return False
        return self._flow is not None and self._flow.passes(said)

    def flow(self, *, plain: bool) -> Flow:
        """The arguments on their way."""
        if self._flow is None:
            self._flow = Flow(self.tool, PLAIN if plain else JSON_TEXT, self._mender)
        return self._flow

    def known(self, text: str) -> str | None:
        """What the client got for these arguments, if they are what was said already."""
        flow = self._flow
        return flow.given if flow is not None and self._closed and flow.said == text else None

    def close(self) -> str:
        """The call is whole: look at what the client got, and give what it is still owed."""
        if self._closed or self._flow is None:
            return ""
        self._closed = True
        owed = self._flow.end()
        self._judge(self._flow)
        return owed

    def _judge(self, flow: Flow) -> None:
        given = flow.given
        self._find(PUT_BACK, flow.mended)
        if not self._signs.may_be_in(given):
            return
        if not writing.writes(self.tool, given, plain=flow.plain):
            return
        guilt = _together([self._guilt(text) for text in _texts(given, plain=flow.plain)])
        self._find(LET_THROUGH, guilt.markers)
        if guilt.rows > 1 or (guilt.rows and guilt.markers):
            self._find(OUTLINE, guilt.rows)
        if guilt:
            self.note = Note(name_of(self.call_id, self.tool, given), told(guilt))

    def _guilt(self, text: str) -> Guilt:
        """What is in a text, or in the texts of the JSON that it is."""
        guilt = self._signs.guilt(text)
        if guilt or text.lstrip()[:1] not in ("[", "{"):
            return guilt
        inner = list(_texts(text, plain=False))
        return guilt if inner == [text] else _together([self._signs.guilt(each) for each in inner])

    def _find(self, what: str, count: int) -> None:
        if count:
            self.findings.append(Finding(self.call_id, self.tool, what, count))


def name_of(call_id: str, tool: str, arguments: str) -> str:
    """What a call's note is known by: its id, if it has one, and what it said."""
    said = anchor(tool, arguments)
    return f"{call_id}:{said}" if call_id else said


def anchor(tool: str, arguments: str) -> str:
    """What stands for the id of a call that has none: its tool and its arguments, as JSON text,
    however that is spelled."""
    said = arguments.encode("utf-8", "replace")
    with suppress(orjson.JSONDecodeError, TypeError):
        said = orjson.dumps(orjson.loads(said), option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(tool.encode("utf-8", "replace") + b"\0" + said, digest_size=12)
    return f"arguments:{digest.hexdigest()}"


def told(guilt: Guilt) -> str:
    """The words for the model on what it wrote, in which nothing looks like a marker."""
    said = []
    if guilt.markers:
        count = "a line" if guilt.markers == 1 else f"{guilt.markers} lines"
        said.append(f"{count} that only stand{'s' * (guilt.markers == 1)} for omitted lines")
    if guilt.rows > 1 or (guilt.rows and guilt.markers):
        count = "a row" if guilt.rows == 1 else f"{guilt.rows} rows"
        said.append(f"{count} of a table that only re-folds the original")
    shown = f' The first begins "{_harmless(guilt.sample)}".' if guilt.sample else ""
    ways = [f'headroom_retrieve("{ref}")' for ref in guilt.refs[:3]]
    how = f"Get the real text with {' or '.join(ways)}" if ways else "Read the real text again"
    return (
        f"(Note on this call: its arguments had {' and '.join(said)}; that is no text of the"
        f" file.{shown} {how}, and check what was written.)"
    )


def _harmless(line: str) -> str:
    """The beginning of a sign, which is none itself."""
    words = line.lstrip("[=…. ").partition(" · ")[0].rstrip("]")
    return "".join(sign if sign.isascii() else "-" for sign in words[:60]).replace('"', "'")


def _together(each: list[Guilt]) -> Guilt:
    refs = dict.fromkeys(ref for guilt in each for ref in guilt.refs)
    samples = [guilt.sample for guilt in each if guilt.sample]
    return Guilt(
        sum(guilt.markers for guilt in each),
        sum(guilt.rows for guilt in each),
        tuple(refs),
        samples[0] if samples else "",
    )


def _texts(arguments: str, *, plain: bool) -> Iterator[str]:
    """The texts among arguments; what is no JSON, or cut, is one text as it is spelled."""
    if plain:
        yield arguments
        return
    try:
        stack: list[Any] = [orjson.loads(arguments)]
    except orjson.JSONDecodeError:
        yield arguments.replace("\\n", "\n").replace("\\u2026", "…").replace('\\"', '"')
        return
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            stack += reversed(value.values())
        elif isinstance(value, list):
            stack += reversed(value)
