"""What keeps a client's prompt from being the same twice, mended where that is safe.

Rule: from the request alone, so that what is mended is the same in every request of a session.
Tools go into a fixed order. Lines of the system text that tell the time or name the
request go to the end of the request, behind all that is kept; the rest of the text stays byte for
byte. What cannot be mended with certainty stays. Only for users who asked for it: the model reads
the same, in another order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headroom.caching.offsets import in_bytes
from headroom.caching.placing import FOR_THIS_REQUEST
from headroom.caching.volatile import Statement, statements
from headroom.wire.anthropic_messages import breakpoints as marks
from headroom.wire.json_spans import Array, Object, Splice, Text, encoded
from headroom.wire.openai_responses.items import FRAME

ORDER = "tools in a fixed order"

_FINGERPRINTED = "x-anthropic-billing-header"
_SYSTEM = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Mended:
    """What mends a request: changes of what it keeps saying, changes that put `behind` it what
    only this request says, and in words what is mended."""

    inside: tuple[Splice, ...] = ()
    behind: tuple[Splice, ...] = ()
    what: tuple[str, ...] = ()

    @property
    def splices(self) -> tuple[Splice, ...]:
        """All changes."""
        return self.inside + self.behind


def mended(body: dict[str, Any], raw: bytes) -> Mended:
    """What mends an Anthropic, Chat or Responses request that was read from `raw`. To be made
    before breakpoints are placed; mending twice is mending once."""
    if not isinstance(body, Object):
        return Mended()
    tools, moved = _in_order(body.get("tools"), raw), _moved(body, raw)
    return Mended(tools.inside + moved.inside, moved.behind, tools.what + moved.what)


def _in_order(tools: Any, raw: bytes) -> Mended:
    """The tools sorted by name. The keys inside each stay in their order: a model fills in
    arguments in the order of its schema."""
    listed = tools if isinstance(tools, Array) else []
    # A breakpoint says up to which tool they are kept.
    if not all(isinstance(tool, Object) and marks.KEY not in tool for tool in listed):
        return Mended()
    in_order = sorted(listed, key=lambda tool: (_name(tool), raw[tool.start : tool.end]))
    changes = tuple(
        Splice(tool.start, tool.end, raw[new.start : new.end])
        for tool, new in zip(listed, in_order, strict=True)
        if tool is not new
    )
    return Mended(changes, what=(ORDER,) if changes else ())


def _name(tool: Object) -> str:
    function = tool.get("function")
    name = function.get("name") if isinstance(function, dict) else tool.get("name")
    return name if isinstance(name, str) else ""


def _moved(body: Object, raw: bytes) -> Mended:
    """What the system texts say of the moment, moved to the end of the request."""
    found = [(text, said) for text in _system_texts(body) if (said := _to_move(text))]
    moved = [one for _, said in found for one in said]
    if not moved:
        return Mended()
    lines = "\n".join(one.text for one in moved)
    behind = _behind(body, encoded(f"{FOR_THIS_REQUEST}{lines}]"))
    if not behind:
        return Mended()
    cuts = tuple(cut for text, said in found for cut in _cuts(text, said, raw))
    kinds = dict.fromkeys(one.kind for one in moved)
    return Mended(cuts, behind, tuple(f"{kind} out of the system text" for kind in kinds))


def _system_texts(body: Object) -> Iterator[Text]:
    """The system texts before all else, whichever API has them."""
    for content in (body.get("system"), body.get("instructions")):
        yield from _texts(content)
    for messages in (body.get("messages"), body.get("input")):
        for message in messages if isinstance(messages, Array) else ():
            if not isinstance(message, dict) or message.get("role") not in _SYSTEM:
                break
            yield from _texts(message.get("content"))


def _texts(content: Any) -> Iterator[Text]:
    for block in marks.blocks_of(content):
        text = block.get("text") if isinstance(block, dict) else block
        if isinstance(text, Text) and not text.startswith(_FINGERPRINTED):
            yield text


def _to_move(text: Text) -> Sequence[Statement]:
    """What a text says of the moment; nothing where it says nothing else, as empty texts are
    refused."""
    said = list(statements(text))
    ends = [0, *(one.end for one in said)]
    starts = [*(one.start for one in said), len(text)]
    kept = any(text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    return said if kept else ()


def _cuts(text: Text, said: Sequence[Statement], raw: bytes) -> Iterator[Splice]:
    places = [place for one in said for place in (one.start, one.end)]
    offsets = [text.start + at for at in in_bytes(raw[text.start : text.end], places)]
    for start, end in zip(offsets[::2], offsets[1::2], strict=True):
        yield Splice(start, end, b"")


def _behind(body: Object, text: bytes) -> tuple[Splice, ...]:
    """The changes that put a text at the end of a request; none where it would stay in the
    conversation, or be what the provider keeps."""
    if "input" in body:
        listed, kept = body["input"], (body.get("previous_response_id"), body.get("conversation"))
        refused = any(kept) or body.get("type") == FRAME
        return () if refused else _another(listed, text, b'{"role":"user","content":%b}')
    messages = body.get("messages")
    if not isinstance(messages, Array) or not messages:
        return ()
    if "system" not in body:
        return _another(messages, text, b'{"role":"user","content":%b}')
    if body.get(marks.KEY) is not None:
        return ()
    last = next((one for one in reversed(messages[-2:]) if _is_users(one)), None)
    return _another(last.get("content"), text, b'{"type":"text","text":%b}') if last else ()


def _is_users(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") == "user"


def _another(listed: Any, text: bytes, shape: bytes) -> tuple[Splice, ...]:
    """One item more behind those of a list, or behind a bare text that becomes the first."""
    if isinstance(listed, Array):
        start = listed.end - 1
        return (Splice(start, start, (b"," if listed else b"") + shape % text),)
    if isinstance(listed, Text):
        before, after = shape.split(b"%b")
        return (
            Splice(listed.start, listed.start, b"[" + before),
            Splice(listed.end, listed.end, after + b"," + shape % text + b"]"),
        )
    return ()
