"""What all SDKs' tests share: what agents read, and the models that read it."""

import functools
import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, Request, ToolCall

KEY = "sk-not-a-key"
QUESTION = "Did the service start, and is anything wrong with it?"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
LOG_LINES = 680
FACT = "request 700413 of user 313 served in 77 ms"
RARE = "pool: max_connections changed from 100 to 10 by deploy-bot"
FOLLOW_UP = "And what else?"


@functools.cache
def log() -> str:
    """A server's log of about 20,000 tokens; one line tells all, and one holds `FACT`."""
    lines = []
    for number in range(LOG_LINES):
        served = f"request {number * 7919 % 600_000} of user {number * 31 % 300} served in"
        lines.append(f"http: {served} {number * 13 % 76} ms")
    lines[613] = RARE
    lines[350] = f"http: {FACT}"
    stamp = "2026-03-01 10:{:02d}:{:02d} INFO  "
    return "\n".join(stamp.format(n // 60, n % 60) + line for n, line in enumerate(lines))


def log_reader(request: Request) -> Reply:
    """A model that reads the log by a tool of the client, and says what is rare in it."""
    if any(RARE in result for result in request.results):
        return Reply(text=f"Yes: {RARE}.")
    return Reply(tool_calls=[ToolCall("read_log", {"name": "app"})])


def reader(request: Request) -> Reply:
    """A model that reads the log by a tool of the client, and looks for `FACT` until it has it."""
    return _seeker(request, beside=False)


def busy_reader(request: Request) -> Reply:
    """The same, but it asks for what was omitted beside another call of the client's tool."""
    return _seeker(request, beside=True)


def _seeker(request: Request, *, beside: bool) -> Reply:
    results = request.results
    if not results:
        return Reply(text="I read the log.", tool_calls=[ToolCall("read_log", {"name": "app"})])
    if any(FACT in result for result in results):
        return Reply(text=f"Found: {FACT}.")
    if len(results) > 4:
        return Reply(text="I could not find it.")
    refs = [found.ref for found in omissions(results[0])]
    calls = [ToolCall(TOOL_NAME, {"ref": refs[0], "match": "request 700413 "})] if refs else []
    if beside:
        calls.append(ToolCall("read_log", {"name": "small"}))
    return Reply(thinking="Something is left out.", tool_calls=calls)


def tool_output(name: str) -> str:
    """What the client's own tool gives."""
    return log() if name == "app" else "nothing here"


def refusal(kind: type[Exception], ask: Callable[[], Any]) -> tuple[Any, ...]:
    """The error that an SDK makes of upstream's refusal."""
    with pytest.raises(kind) as caught:
        ask()
    error: Any = caught.value
    return type(error), error.status_code, error.body, error.response.headers["retry-after"]


def broken_off(read: Callable[[list[Any]], None], *kinds: type[Exception]) -> tuple[Any, ...]:
    """What `read` had put into its list when a stream broke off, and the error of it; of these
    `kinds` with its words."""
    seen: list[Any] = []
    try:
        read(seen)
    except kinds as error:
        return seen, type(error), str(error)
    except Exception as error:  # noqa: BLE001 (the HTTP library's own, whatever it is)
        return seen, type(error)
    return seen, None


def without(value: Any, *names: str) -> Any:
    """`value` without the fields called so, wherever they stand."""
    if isinstance(value, Mapping):
        return {key: without(item, *names) for key, item in value.items() if key not in names}
    if isinstance(value, (list, tuple)):
        return [without(item, *names) for item in value]
    return value


def packed(body: bytes) -> bytes:
    """`body` in gzip, the same every time."""
    return gzip.compress(body, mtime=0)
