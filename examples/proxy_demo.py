"""A coding agent's session through `headroom proxy`, and the same without it; `make demo` runs it.

The provider is a scripted one on this machine: it bills a prompt cache as real ones do, and its
model sees nothing but the requests. All figures are counted while it runs.
"""

import contextlib
import functools
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent_session import Turn, model, play
from headroom.markers import TOOL_NAME, parse_reference
from headroom.tokens import TokenCounter
from scripted_upstream import Request, Upstream, in_thread

WIDTH = 110
_START_SECONDS = 10.0
_WROTE, _READ = 1.25, 0.1


def main() -> None:
    """Play the session both ways, and show what went upstream."""
    console = Console(highlight=False, width=WIDTH)
    with in_thread(model) as upstream:
        straight = play(upstream.url)
        cost = billed(upstream)
    with (
        tempfile.TemporaryDirectory() as home,
        in_thread(model) as upstream,
        proxy(upstream.url, Path(home)) as url,
    ):
        console.print("[bold]headroom proxy[/] between an agent and its provider\n")
        turns = play(url)
        show_turns(console, turns, upstream.requests)
        show_retrieval(console, turns, upstream.requests)
        show_answers(console, straight, turns)
        show_totals(console, cost, billed(upstream), stats(url))


@contextlib.contextmanager
def proxy(upstream: str, home: Path) -> Iterator[str]:
    """The installed command, started on a free port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "headroom", "proxy", "--port", str(port)]
    command += ["--deadline-ms", "5000"]  # the same figures on a machine that is busy
    command += ["--anthropic-upstream", upstream, "--log-level", "error"]
    environ = {**os.environ, "HEADROOM_HOME": str(home), "HEADROOM_CONFIG": ""}
    with (home / "proxy.log").open("w+b") as said:
        process = subprocess.Popen(command, env=environ, cwd=home, stdout=said, stderr=said)
        try:
            url = f"http://127.0.0.1:{port}"
            if not is_ready(url, process):
                said.seek(0)
                raise SystemExit(f"the proxy did not start: {said.read().decode()}")
            yield url
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def is_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether the proxy serves; waits for it while it starts."""
    until = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=1):
                return True
        except OSError:
            time.sleep(0.02)
    return False


def stats(url: str) -> dict[str, Any]:
    """What the proxy counted."""
    with urllib.request.urlopen(f"{url}/stats", timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


@functools.cache
def tokens(text: str) -> int:
    """Tokens of a text, in o200k."""
    return TokenCounter().count(text)


def size(body: dict[str, Any]) -> int:
    """Tokens of a request: of its tools, its system prompt and all its messages."""
    parts = [body.get("tools"), body.get("system"), *map(unmarked, body["messages"])]
    return sum(tokens(json.dumps(part, ensure_ascii=False)) for part in parts)


def unmarked(message: dict[str, Any]) -> dict[str, Any]:
    """A message without the marks of the prompt cache, which move with every request."""
    blocks = [
        {key: value for key, value in block.items() if key != "cache_control"}
        for block in message["content"]
    ]
    return {**message, "content": blocks}


def show_turns(console: Console, turns: list[Turn], requests: list[Request]) -> None:
    """A line for each request of the agent."""
    table = Table("#", "the agent has read", box=None, header_style="bold")
    table.add_column("agent sent", justify="right")
    table.add_column("→ upstream", justify="right")
    table.add_column("what was done")
    table.add_column("prefix")
    first_legs = [request for request in requests if not retrieved(request)]
    for number, (turn, request) in enumerate(zip(turns, first_legs, strict=True), 1):
        table.add_row(
            str(number),
            escape(turn.read[:44]),
            f"{size(turn.body):,}",
            f"{size(request.json):,}",
            what_was_done(turn, request),
            "stable" if extends(request, requests) else "[red]CHANGED[/]",
        )
    console.print(table)
    console.print(
        "[dim]tokens (o200k) of the whole request; stable: it begins with all that the request "
        "before it had[/]"
    )


def retrieved(request: Request) -> bool:
    """Whether the request goes on after a hidden retrieval."""
    messages = request.json["messages"]
    called = messages[-2]["content"] if len(messages) > 1 else []
    return any(block.get("name") == TOOL_NAME for block in called)


def extends(request: Request, requests: list[Request]) -> bool:
    """Whether a request begins with all messages of the one before it."""
    at = requests.index(request)
    if at == 0:
        return True
    before = [unmarked(message) for message in requests[at - 1].json["messages"]]
    now = [unmarked(message) for message in request.json["messages"]]
    return now[: len(before)] == before


def what_was_done(turn: Turn, request: Request) -> str:
    """The newest text that the agent sent, against what went upstream for it."""
    sent = turn.body["messages"][-1]["content"][-1].get("content")
    if sent is None:
        return ""
    before, after = tokens(sent), tokens(request.results[-1])
    if request.results[-1] == sent:
        return f"[dim]as it is: {before:,}[/]"
    return f"[green]{kind_of(request.results[-1])}: {before:,} → {after:,}[/]"


def kind_of(shortened: str) -> str:
    """What a shortened text is, in a word or two."""
    if any(parse_reference(line) for line in shortened.split("\n")):
        return "seen before"
    kind = re.match(r"\[(\w[\w ]*):", shortened)
    return kind[1] if kind else "records"


def show_retrieval(console: Console, turns: list[Turn], requests: list[Request]) -> None:
    """The call that the client never saw."""
    for request in filter(retrieved, requests):
        call = request.json["messages"][-2]["content"][-1]
        lines = request.results[-1].split("\n")
        asked = ", ".join(f"{name}={value!r}" for name, value in call["input"].items())
        console.print(f"\n[bold]The model asked for more:[/] {TOOL_NAME}({escape(asked)})")
        for line in lines[:3]:
            console.print(f"  [dim]{escape(line[: WIDTH - 4])}[/]")
        seen = TOOL_NAME in json.dumps([turn.answer for turn in turns])
        told = "[red]the agent saw the call[/]" if seen else "the agent saw nothing of it"
        console.print(f"  answered by the proxy with {len(lines)} lines; {told}.")


def show_answers(console: Console, straight: list[Turn], turns: list[Turn]) -> None:
    """What the model said, with and without the proxy."""
    console.print()
    for turn, without in zip(turns, straight, strict=True):
        if turn.text:
            same = "same" if turn.text == without.text else f"[red]without: {without.text}[/]"
            console.print(f"[bold]answer[/] {escape(turn.text)}  [dim]({same})[/]")


def billed(upstream: Upstream) -> float:
    """Input tokens at the price of fresh ones, as the provider bills its prompt cache."""
    return sum(
        spent.fresh + spent.written * _WROTE + spent.read * _READ for spent in upstream.spent
    )


def show_totals(console: Console, without: float, with_: float, counted: dict[str, Any]) -> None:
    """The bill both ways, and the proxy's own count."""
    console.print(
        f"\n[green bold]{100 * (1 - with_ / without):.0f} % off the bill for input:[/] "
        f"{without:,.0f} → {with_:,.0f} tokens [dim](the provider's count; read from its cache "
        f"×{_READ}, written ×{_WROTE}; the retrieval and the tool are in it)[/]"
    )
    console.print(
        f"/stats: {counted['requests']} requests, {counted['tokens_before']:,} → "
        f"{counted['tokens_after']:,} tokens, {counted['retrievals']} retrieval, "
        f"{counted['failures']} failures; {1000 * counted['ours']['median']:.1f} ms added "
        "before sending (median)."
    )


if __name__ == "__main__":
    main()
