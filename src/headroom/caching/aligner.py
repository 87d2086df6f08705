"""`CacheAligner`: a script's requests made ready for the provider's prompt cache, and what
keeps the cache from being read.

Rule: fails open. A request that cannot be read or written as JSON is sent as it is; none is ever
changed in place. Nothing here compresses. Of the last request digests and the system text are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from headroom import wire
from headroom.caching import placing
from headroom.caching.busts import NO_CHANCE, Steadiness, begin_alike, difference
from headroom.caching.fixing import Mended, mended
from headroom.caching.laying import Said, Sent, layout_of
from headroom.caching.layout import Layout
from headroom.conversation import Conversation, Kind
from headroom.errors import WireError
from headroom.wire import ANTHROPIC_MESSAGES, OPENAI_CHAT, OPENAI_RESPONSES, WireFormat
from headroom.wire.json_spans import spliced
from headroom.wire.parts import messages_of, model_of

_ONLY_CHAT = ("developer", "tool", "function")


@dataclass(frozen=True, slots=True)
class Aligned:
    """A request to send: `body` is of the kind that was given, the same one if nothing changed.

    `breakpoints` are what carries a breakpoint now, as in `messages[12]`. `busts` say what differs
    from the request before so that the provider's cache of it is lost, `fixed` what was mended.
    """

    body: Any
    breakpoints: tuple[str, ...] = ()
    busts: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


class CacheAligner:
    """Aligns the requests of one conversation with the provider's prompt cache.

    `fix` also mends what keeps the prompt from being the same twice: the order of the tools,
    and lines of the system text that tell the time or name the request.
    """

    def __init__(self, *, fix: bool = False) -> None:
        self._fix = fix
        self._former: Layout | None = None
        self._busts_in_a_row = 0

    def align(self, request: Mapping[str, Any] | bytes) -> Aligned:
        """The next request: an Anthropic or OpenAI one as a dict, or a body's bytes. Never
        raises; what cannot be read comes back as it is."""
        if isinstance(request, bytes):
            return self._or_as_it_is(request, request)
        try:
            raw = orjson.dumps(dict(request), default=_as_sent)
        except TypeError:
            return Aligned(request)
        found = self._or_as_it_is(raw, request)
        return found if found.body is request else replace(found, body=orjson.loads(found.body))

    def _or_as_it_is(self, raw: bytes, request: Mapping[str, Any] | bytes) -> Aligned:
        try:
            found = self._aligned(raw)
        except WireError:
            return Aligned(request)
        return replace(found, body=request) if found.body is raw else found

    def _aligned(self, raw: bytes) -> Aligned:
        tree = wire.read(raw)
        form = _form_of(tree)
        fix = mended(tree, raw) if self._fix else Mended()
        body = spliced(raw, fix.splices) if fix.splices else raw
        tree = wire.read(body) if fix.splices else tree
        stable = spliced(raw, fix.inside) if fix.behind else body
        busts, steady = self._busts(form, stable, wire.read(stable) if fix.behind else tree)
        if form is ANTHROPIC_MESSAGES:
            points = placing.steadily(tree, steady)
            changes = [change for point in points for change in point.splices]
        else:
            points, changes = [], placing.cache_key(tree, _first_words(form.view(tree)))
        body = spliced(body, changes) if changes else body
        return Aligned(body, tuple(point.name for point in points), busts, fix.what)

    def _busts(
        self, form: WireFormat, body: bytes, tree: dict[str, Any]
    ) -> tuple[tuple[str, ...], Steadiness]:
        """What of the former request the provider will not find in this one, and what it will find
        of it in the next."""
        said = Said(body, tree, form.view(tree))
        layout = layout_of(form.name, model_of(tree), said, Sent((), exact=False))
        former, self._former = self._former, layout
        if former is None:
            return (), Steadiness()
        found = difference(former, layout)
        self._busts_in_a_row = 0 if found is None else self._busts_in_a_row + 1
        ends = self._busts_in_a_row < NO_CHANCE
        steady = Steadiness(ends, begin_alike(former, layout))
        return (found.cause,) if found is not None else (), steady


def _as_sent(value: Any) -> Any:
    """SDK objects as the SDKs send them: without what was never set."""
    if isinstance(value, Mapping):
        return dict(value)
    dump = getattr(value, "model_dump", None)
    if not callable(dump):
        raise TypeError(f"no JSON: {type(value).__name__}")
    return dump(mode="json", exclude_unset=True)


def _form_of(tree: dict[str, Any]) -> WireFormat:
    """The API that a request is for. Claude is asked by way of Chat Completions too."""
    if "input" in tree:
        return OPENAI_RESPONSES
    tools = tree.get("tools")
    is_chat = "claude" not in model_of(tree).lower() or any(
        message.get("role") in _ONLY_CHAT or (message.get("role") == "system" and not index)
        for index, message in messages_of(tree)
    )
    wrapped = any(
        isinstance(tool, dict) and "function" in tool
        for tool in (tools if isinstance(tools, list) else ())
    )
    return OPENAI_CHAT if is_chat or wrapped else ANTHROPIC_MESSAGES


def _first_words(talk: Conversation) -> str:
    """What names a conversation while it grows: its first words."""
    for message in talk.messages:
        for block in message.blocks:
            if block.kind is Kind.USER_TEXT:
                return block.text
    return ""
