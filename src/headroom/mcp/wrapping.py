"""Another MCP server run behind this process: its results shorter, all else as it is.

    client ──lines──▶ Relay ──▶ server          answers to calls of our own tool
    client ◀──lines── Relay ◀── server          answers to `tools/call` and `tools/list`, edited

A line that is not edited goes on at once, in its order. One that is edited is a thread's work,
and others overtake it, as answers may. The part that edits is loaded while the server starts.
"""

import importlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

from headroom.attempts import Failure, attempt
from headroom.markers import TOOL_NAME
from headroom.mcp.wrap_lines import Raw, Sink, pieces
from headroom.mcp.wrap_requests import CALL, CANCELLED, LIST, Asked, Waiting, answer, read_request

if TYPE_CHECKING:
    from headroom.mcp.wrap_editing import Editing

_EDITING = "headroom.mcp.wrap_editing"
_JOBS = 4
_KILLED = 128
SHORT = 96
"""Characters of a text below which no version compresses it; to know that, nothing is loaded."""
_FAILED = "The original cannot be read now. Go on without it, or produce the output again."


class Complaints:
    """What goes wrong, each in one line on stderr, and each once."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """One line, unless it was said before. A stderr that nobody reads is no trouble."""
        with self._lock, suppress(OSError, ValueError):
            if text not in self._said:
                self._said.add(text)
                self._stream.write(f"headroom mcp wrap: {text}\n")
                self._stream.flush()


class Relay:
    """The lines of one connection. `from_client` and `from_server` have a thread each."""

    def __init__(
        self,
        server: Sink,
        client: Sink,
        editing: "Future[Editing | None]",
        jobs: ThreadPoolExecutor,
        say: Callable[[str], None],
    ) -> None:
        self._server = server
        self._client = client
        self._editing = editing
        self._jobs = jobs
        self._say = say
        self._waiting = Waiting()
        self._has_tools, self._theirs = True, False

    def from_client(self, line: bytes) -> None:
        """Pass a client's line on, or answer it."""
        asked = read_request(line)
        if asked is None:
            self._server.pass_on(line)
        elif asked.method == CANCELLED:
            self._waiting.cancel(asked.id)
            self._server.pass_on(line)
        elif asked.tool == TOOL_NAME and not self._theirs:
            self._later(self._retrieve, asked, line)
        else:
            self._waiting.add(asked)
            self._server.pass_on(line)

    def from_server(self, line: bytes) -> None:
        """Pass a server's line on, or have it edited."""
        answered = self._waiting.answered(line)
        if answered is None:
            self._client.pass_on(line)
            return
        asked, result = answered
        if asked.method == CALL and _has_text(result):
            self._later(self._edit, line, lambda editing: editing.shortened(line, asked))
        elif asked.method == LIST and self._is_list(result):
            theirs = self._theirs
            self._later(self._edit, line, lambda editing: editing.listed(line, theirs=theirs))
        else:
            self._note_capabilities(asked, result)
            self._client.pass_on(line)

    def _is_list(self, result: Mapping[str, Any]) -> bool:
        """Whether a result is a list of tools that one may be added to."""
        tools = result.get("tools")
        if not isinstance(tools, list):
            return False
        if any(isinstance(tool, dict) and tool.get("name") == TOOL_NAME for tool in tools):
            self._theirs = True
        return self._has_tools

    def _note_capabilities(self, asked: Asked, result: Mapping[str, Any]) -> None:
        said = result.get("capabilities")
        if asked.method not in (CALL, LIST) and isinstance(said, dict):
            self._has_tools = "tools" in said

    def _later(self, job: Callable[..., None], *given: Any) -> None:
        # None are taken any more once the server has gone.
        with suppress(RuntimeError):
            self._jobs.submit(job, *given)

    def _edit(self, line: bytes, edit: "Callable[[Editing], bytes]") -> None:
        editing = self._editing.result()
        made = line if editing is None else attempt(partial(edit, editing))
        if isinstance(made, Failure):
            kind = made.detail.strip().rpartition("\n")[2].partition(":")[0]
            self._say(f"an answer passed as it was, for it could not be read: {kind}")
            made = line
        self._client.put(made)

    def _retrieve(self, asked: Asked, line: bytes) -> None:
        editing = self._editing.result()
        if editing is None or not editing.answers:
            self._server.put(line)
            return
        said = attempt(lambda: editing.retrieved(asked))
        self._client.put(answer(asked, _FAILED if isinstance(said, Failure) else said))


def _has_text(result: Mapping[str, Any]) -> bool:
    """Whether a result holds a text that is long enough to be looked at."""
    content = result.get("content")
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return any(isinstance(text, str) and len(text) >= SHORT for text in texts)


def run(
    command: Sequence[str], flags: Mapping[str, object], client: tuple[Raw, Raw], stderr: IO[str]
) -> int:
    """Run an MCP server until it ends, between a client's two pipes, and return its exit code,
    128 and the signal's number where it was killed.

    Raises:
        OSError: the command cannot be started.
    """
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    _pass_signals_to(child)
    say = Complaints(stderr).say
    with ThreadPoolExecutor(_JOBS, "headroom-wrap") as jobs:
        editing = jobs.submit(_loaded, flags, say)
        jobs.submit(_warmed, editing)
        incoming, outgoing = client
        to_server, to_client = Sink(_raw(child.stdin)), Sink(outgoing)
        relay = Relay(to_server, to_client, editing, jobs, say)
        threading.Thread(
            target=_pump, args=(incoming, to_server, relay.from_client, True), daemon=True
        ).start()
        serving = threading.Thread(
            target=_pump, args=(_raw(child.stdout), to_client, relay.from_server, False)
        )
        serving.start()
        serving.join()
    to_client.close()
    _finish(editing.result(), say)
    code = child.wait()
    return _KILLED - code if code < 0 else code


def _pump(source: Raw, sink: Sink, take: Callable[[bytes], None], closing: bool) -> None:
    """All of a stream, until it ends or nobody reads what is passed on; then whoever writes to it
    is told by its pipe."""
    try:
        for piece in pieces(source):
            take(piece.data) if piece.whole else sink.pass_on(piece.data)
            if sink.gone:
                break
    finally:
        sink.end()
        with suppress(OSError):
            source.close()
        if closing:
            sink.close()


def _loaded(flags: Mapping[str, object], say: Callable[[str], None]) -> "Editing | None":
    made = attempt(lambda: importlib.import_module(_EDITING).opened(flags, say))
    if isinstance(made, Failure):
        say(f"results pass as they are: {made.detail}")
        return None
    editing: Editing | None = made
    return editing


def _warmed(editing: "Future[Editing | None]") -> None:
    found = editing.result()
    if found is not None:
        attempt(found.warm)


def _finish(editing: "Editing | None", say: Callable[[str], None]) -> None:
    if editing is None:
        return
    attempt(editing.close)
    saved = editing.saved
    if saved.shortened:
        say(
            f"{saved.shortened:,} of {saved.results:,} results shortened, "
            f"{saved.tokens_before:,} → {saved.tokens_after:,} tokens"
        )


def _raw(pipe: Any) -> Raw:
    raw: Raw = pipe
    return raw


def _pass_signals_to(child: "subprocess.Popen[bytes]") -> None:
    """What is asked of this process is the server's to do, and to answer by its end."""
    windows = sys.platform == "win32"

    def forward(number: int, frame: FrameType | None) -> None:
        # A console tells all of its processes by itself.
        if number == signal.SIGTERM or not windows:
            child.send_signal(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, forward)
