"""What is changed in another MCP server's answers: texts of tool results, and one tool more.

Everything outside an edited text, and every tool of the server, stays byte for byte. A text is
omitted from only where the client has been offered a tool to get it back. It knows no pipes and
no order of messages.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from headroom import settings
from headroom.compressors import built_in, on_demand
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.deciding import Deciding
from headroom.decision import LEAST
from headroom.edits import Edit, Reason, Result
from headroom.engine import Engine
from headroom.errors import HeadroomError, StoreError
from headroom.ledger import Ledger
from headroom.mcp.definitions import META
from headroom.mcp.wrap_requests import Asked
from headroom.settings import Settings
from headroom.stores import Retention, SqliteStore
from headroom.tokens import counter_for
from headroom.tool_answer import tool_answer
from headroom.tool_definition import retrieve_tool
from headroom.wire import json_spans
from headroom.wire.json_spans import Splice
from headroom.wire.parts import is_text_part

Say = Callable[[str], None]

_PROBE = b"mcp wrap:is the store there?"
_BUSY_SECONDS = 3.0
_NO_STORE = "The original cannot be read now. Go on without it, or produce the output again."
_CALL = "call"
# The engine refers lines back to long strings of a call. No reader of the result alone could tell
# which call that is, so it sees them cut.
_LONGEST_ARGUMENT = 119
_DEEPEST_ARGUMENT = 16


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the results so far; tokens are of the results that were shortened."""

    results: int = 0
    shortened: int = 0
    tokens_before: int = 0
    tokens_after: int = 0


def opened(flags: Mapping[str, object], say: Say) -> "Editing | None":
    """The editing that the user's settings and a command's flags ask for; None, and why is said,
    where the settings cannot be read."""
    try:
        return Editing(settings.load(overrides=flags), say)
    except HeadroomError as error:
        say(f"{error}; results pass as they are")
        return None


class Editing:
    """The edits of one connection. Safe between threads. `answers`: calls of our tool are answered
    here."""

    def __init__(self, chosen: Settings, say: Say) -> None:
        self._say = say
        self._deadline = (chosen.proxy.deadline_ms, chosen.proxy.deadline_ms_per_mb)
        self._store = _usable(chosen, say)
        ledger = Ledger(None if self._store is None else self._store.settled)
        self._ledger = ledger
        may_omit = self._store is not None and chosen.policy.omit and chosen.proxy.retrieval
        self._engines = {
            omit: Engine(
                on_demand(),
                counter_for(""),
                chosen.policy if omit else replace(chosen.policy, omit=False),
                self._store,
                ledger,
            )
            for omit in (False, may_omit)
        }
        self.answers = chosen.proxy.retrieval
        self._may_offer, self._offered = may_omit, False
        self._ready = threading.Event()
        self._threads = ThreadPoolExecutor(2, "headroom-compress")
        self._lock = threading.Lock()
        self.saved = Saved()

    def warm(self) -> None:
        """Load what texts are compressed with. Results wait for it: no text pays for the start."""
        try:
            built_in()
            said = Block((), Kind.USER_TEXT, "warm")
            self._engines[False].decide(Conversation("", (Message("user", (said,)),)))
        finally:
            self._ready.set()

    def close(self) -> None:
        """Give the store's file back; what is still being decided is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._ledger.flush()
        if self._store is not None:
            self._store.close()

    def listed(self, line: bytes, *, theirs: bool) -> bytes:
        """An answer to `tools/list` with our tool behind the server's, on the last page. `theirs`
        tells that the server has a tool of that name itself."""
        result = _result_in(json_spans.parse(line))
        tools = result.get("tools")
        if not self._may_offer or theirs or result.get("nextCursor"):
            return line
        if not isinstance(tools, json_spans.Array):
            return line
        behind = tools.end - 1
        new = (b"," if tools else b"") + _definition()
        self._offered = True
        return json_spans.spliced(line, [Splice(behind, behind, new)])

    def shortened(self, line: bytes, asked: Asked) -> bytes:
        """An answer to `tools/call` with its texts shortened."""
        self._ready.wait()
        tree = json_spans.parse(line)
        engine = self._engines[self._may_offer and self._offered]
        per_line, per_mb = self._deadline
        until = time.monotonic() + (per_line + per_mb * len(line) / 1e6) / 1e3
        edits: list[Edit] = []
        for block in _texts(_result_in(tree).get("content"), asked.tool):
            result = self._result(engine.deciding(_talk(asked, block)), until)
            self._complain(result)
            edits += result.edits
        self._count(edits)
        return json_spans.spliced(line, json_spans.splices(tree, edits)) if edits else line

    def retrieved(self, asked: Asked) -> str:
        """What our tool says to a call of it."""
        # Who calls it has been offered it, be it on a connection before this one.
        self._offered = True
        if self._store is None:
            return _NO_STORE
        return tool_answer(self._store, asked.arguments)

    def _result(self, deciding: Deciding, until: float) -> Result[None]:
        """What holds for a text: known, decided in time, or left as it is for good."""
        settled = deciding.settled()
        if settled is not None:
            return settled
        working = self._threads.submit(deciding.decide, lambda: time.monotonic() > until)
        try:
            return working.result(max(0.0, until - time.monotonic()))
        except futures.TimeoutError:
            working.cancel()
            return deciding.leave()

    def _complain(self, result: Result[None]) -> None:
        for skip in result.skips:
            if skip.reason is Reason.FAILED:
                kind = skip.detail.strip().rpartition("\n")[2].partition(":")[0]
                self._say(f"a result passed as it was, for compressing it failed: {kind}")
            elif skip.reason is Reason.LATE:
                self._say("a result passed as it was, for there was no time to compress it")

    def _count(self, edits: list[Edit]) -> None:
        with self._lock:
            saved = self.saved
            self.saved = Saved(
                saved.results + 1,
                saved.shortened + bool(edits),
                saved.tokens_before + sum(edit.tokens_before for edit in edits),
                saved.tokens_after + sum(edit.tokens_after for edit in edits),
            )


def _usable(chosen: Settings, say: Say) -> SqliteStore | None:
    retention = Retention(days=chosen.store_days, max_bytes=chosen.store_bytes)
    store = SqliteStore(
        chosen.home, scope=chosen.project, retention=retention, busy_seconds=_BUSY_SECONDS
    )
    try:
        store.settled.get([_PROBE])
    except StoreError as error:
        say(f"{error}; so nothing is omitted from results, they are only written shorter")
        return None
    return store


def _definition() -> bytes:
    """Our tool as MCP spells it."""
    tool = retrieve_tool("anthropic")
    tool["inputSchema"] = tool.pop("input_schema")
    tool["annotations"] = {"readOnlyHint": True}
    tool["_meta"] = META
    return json.dumps(tool, separators=(",", ":")).encode("ascii")


def _result_in(tree: Any) -> dict[str, Any]:
    """The result of an answer; empty where it is not certain what that is."""
    result = tree.get("result") if isinstance(tree, dict) else None
    return result if isinstance(result, dict) else {}


def _texts(content: Any, tool: str) -> Iterator[Block]:
    """The texts of a result that a model reads."""
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if is_text_part(part) and len(part["text"]) >= LEAST and _is_for_models(part):
            path = ("result", "content", index, "text")
            yield Block(path, Kind.TOOL_RESULT, part["text"], tool, _CALL)


def _is_for_models(part: dict[str, Any]) -> bool:
    annotations = part.get("annotations")
    audience = annotations.get("audience") if isinstance(annotations, dict) else None
    return not isinstance(audience, list) or not audience or "assistant" in audience


def _talk(asked: Asked, block: Block) -> Conversation:
    """A result and its call as a conversation of their own: what came before on the connection
    may be gone from the client's."""
    arguments = json.dumps(_cut(asked.arguments), ensure_ascii=False)
    call = Block((), Kind.TOOL_CALL, arguments, asked.tool, _CALL)
    return Conversation("", (Message("assistant", (call,)), Message("tool", (block,))))


def _cut(value: Any, depth: int = 0) -> Any:
    """Arguments with strings of one line and bounded length, and not nested deep."""
    if isinstance(value, str):
        return value.partition("\n")[0][:_LONGEST_ARGUMENT]
    if depth < _DEEPEST_ARGUMENT:
        if isinstance(value, dict):
            return {key: _cut(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [_cut(item, depth + 1) for item in value]
    return None if isinstance(value, (dict, list)) else value
