"""What the tools do: the library's own calls, with an answer for whatever a client may send.

An answer is always a text; one that failed says what to do instead. It knows no SDK and no
transport, and compresses nothing itself.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from headroom import library, originals
from headroom.attempts import Failure, attempt
from headroom.counting import totals
from headroom.edits import Reason
from headroom.errors import HeadroomError, SettingsError, StoreError
from headroom.mcp.definitions import COMPRESS, RETRIEVE, STATS, definitions
from headroom.mcp.report import report
from headroom.mcp.roots import Roots
from headroom.settings import Settings
from headroom.stores import Store
from headroom.tokens import counter_for
from headroom.tool_answer import LONGEST, tool_answer

LOGGER = logging.getLogger("headroom.mcp")
_HOUR = 3_600.0
_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "number": (int, float)}
_NEWLINE = "\n"
_CALL_ID = "call"
_WHY = {
    Reason.TOO_SMALL: "too small to gain from",
    Reason.NO_GAIN: "nothing to gain",
    Reason.EXCLUDED: "shortened already, or left alone by a rule",
    Reason.FAILED: "compression failed",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's text; `failed` where it is not what was asked for."""

    text: str
    failed: bool = False


class Tools:
    """The tools over one user's settings. Without a `store` it is the one that they name, which
    the proxy and the library use too. Safe between threads."""

    def __init__(self, chosen: Settings, roots: Roots, store: Store | None = None) -> None:
        self._settings = chosen
        self._roots = roots
        self._store = store
        self._known = {definition.name: definition for definition in definitions()}
        self._calls: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
            RETRIEVE: self._retrieve,
            COMPRESS: self._compress,
            STATS: self._stats,
        }

    def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """The answer to a call. Never raises."""
        done = attempt(lambda: self._called(name, arguments))
        if isinstance(done, Failure):
            LOGGER.error("%s failed:\n%s", name, done.detail)
            return Answer(f"{name} failed, and nothing was changed: go on without it.", True)
        return done

    def _called(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        if name not in self._calls:
            return Answer(f"there is no tool {name!r}; there are {', '.join(self._calls)}", True)
        try:
            return self._calls[name](arguments)
        except HeadroomError as error:
            return Answer(str(error), True)

    def _retrieve(self, arguments: Mapping[str, Any]) -> Answer:
        store = self._store or library.store_of(self._settings)
        said = tool_answer(store, arguments)
        return Answer(said, failed=not _holds(store, arguments.get("ref")))

    def _compress(self, arguments: Mapping[str, Any]) -> Answer:
        given = self._checked(COMPRESS, arguments)
        text, file = given.get("text"), given.get("file")
        if bool(text) == bool(file):
            raise SettingsError(f"{COMPRESS} needs either text or file")
        if not file:
            return self._compressed(str(text), given)
        answer = self._compressed(originals.to_text(self._roots.read(file)), given)
        if len(answer.text) > LONGEST:
            raise SettingsError(
                f"{file} has {len(answer.text):,} characters even when compressed, which is more "
                "than an answer takes; read the part of it that matters"
            )
        return answer

    def _compressed(self, text: str, given: Mapping[str, Any]) -> Answer:
        """The text, shorter where that saves tokens, and its tokens in a last line."""
        talk = _talk(given.get("file", ""), text)
        result = library.compress(talk, query=given.get("query", ""), store=self._store)
        shown = str(result.messages[-1]["content"])
        return Answer(f"{shown}{'' if shown.endswith(_NEWLINE) else _NEWLINE}[{_figures(result)}]")

    def _stats(self, arguments: Mapping[str, Any]) -> Answer:
        hours = self._checked(STATS, arguments).get("hours")
        if hours is not None and not hours > 0:
            raise SettingsError("hours must be above 0")
        since = None if hours is None else max(time.time() - hours * _HOUR, 0.0)
        return Answer(report(totals.read(self._settings.home, since), hours))

    def _checked(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that were given, which the tool knows and which are of their type."""
        known = self._known[name].arguments
        given = {key: value for key, value in arguments.items() if value is not None}
        for key, value in given.items():
            if key not in known:
                raise SettingsError(f"{name} takes {', '.join(known)}, and no {key!r}")
            if not isinstance(value, _TYPES[known[key]]) or isinstance(value, bool):
                raise SettingsError(f"{key} must be a {known[key]}")
        return given


def _figures(result: library.Compressed) -> str:
    """What became of the one text."""
    if result.edits:
        edit = result.edits[-1]
        return f"{edit.tokens_before:,} → {edit.tokens_after:,} tokens"
    tokens = counter_for("").count(str(result.messages[-1]["content"]))
    (skip,) = result.skips
    if skip.detail:
        LOGGER.error("a text passed as it was:\n%s", skip.detail)
    return f"{tokens:,} tokens, unchanged: {_WHY.get(skip.reason, 'left as it is')}"


def _holds(store: Store, ref: object) -> bool:
    try:
        return isinstance(ref, str) and store.get(ref) is not None
    except StoreError:
        return False


def _talk(file: str, text: str) -> list[dict[str, Any]]:
    """The text as a tool's result. Its call names the file, which tells a language; it is no
    reading of it, of which every line would have to stay fit to be edited from."""
    arguments = json.dumps({"file": file} if file else {}, ensure_ascii=False)
    function = {"name": COMPRESS, "arguments": arguments}
    call = {"id": _CALL_ID, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": _CALL_ID, "content": text},
    ]
