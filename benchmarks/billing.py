"""Recorded sessions against a simulated provider, each straight and through the proxy: both bills,
and what our own counts say of them.

    HEADROOM_EVAL_DATA=… python -m benchmarks.billing

Bills are in units: tokens of fresh input, a read being 0.1 of it, a write 1.25 (for an hour 2.0,
of OpenAI 1.0), output 5. The difference is of tokens, over all requests and price tiers: zero
where our counts are the provider's. The second table idles for two hours before the last third.
"""

import gzip
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import data
from headroom.wire import Usage

sys.path.extend(
    str(Path(__file__).parents[1] / name) for name in ("examples", "tests", "tests/proxy")
)

from acting import post
from bills import TIERS, Clock, Played, played

from scripted_upstream import Reply, checks

SETS = ("swe-agent", "openhands", "claude-code", "pi-sonnet", "tau-airline")
SESSIONS = 2
"""Of each set, the longest of the first ones."""
OF_FIRST = 8
APIS = {"/v1/messages": "anthropic", "/v1/chat/completions": "chat", "/v1/responses": "responses"}
PAUSE, IDLE = 20.0, 7_200.0
"""Seconds between two requests, and of the gap."""
_FOR_A_GAP = 6
"""Requests from which on a session is long enough to have one."""
MARK = {"type": "ephemeral"}

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """The requests of one session in order, all of one API."""

    name: str
    path: str
    bodies: Sequence[Body]

    def play(self, url: str, clock: Clock, gap: float = 0.0) -> None:
        """Send them all, with a gap before the last third."""
        for at, body in enumerate(self.bodies):
            clock.wait(PAUSE)
            if gap and at == len(self.bodies) * 2 // 3:
                clock.wait(gap)
            post(url, self.path, json.dumps(body, separators=(",", ":")).encode())


def recorded() -> Iterator[Session]:
    """What real clients sent."""
    root = data.folder()
    named = os.environ.get("HEADROOM_CLIENT_FIXTURES")
    folder = Path(named) if named else root.parent / "clients" / "fixtures" if root else None
    for file in sorted(folder.glob("*.jsonl.gz")) if folder else ():
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found = [record for record in map(json.loads, lines) if record["path"] in APIS]
        bodies = [record["body"] for record in found if record["method"] == "POST"]
        if bodies:
            yield Session(file.name.removesuffix(".jsonl.gz"), found[0]["path"], bodies)


def trajectories() -> Iterator[Session]:
    """Recorded agents, as Claude Code and as an OpenAI client would have sent them."""
    for name in SETS if data.folder() else ():
        few = [record["messages"] for record in data.records(f"trajectories/{name}.jsonl.gz")]
        longest = sorted(few[:OF_FIRST], key=len, reverse=True)[:SESSIONS]
        for number, messages in enumerate(longest, 1):
            turns = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
            asked = [messages[:turn] for turn in turns if turn]
            tools = _tools(messages)
            marked = [_as_anthropic(history, tools) for history in asked]
            plain = [_as_chat(history, tools) for history in asked]
            for path, bodies in (("/v1/messages", marked), ("/v1/chat/completions", plain)):
                taken = list(_taken(APIS[path], bodies))
                yield Session(f"{name} {number}, {APIS[path]}", path, taken)


def _tools(messages: Sequence[Body]) -> list[str]:
    called = [call for message in messages for call in message.get("tool_calls") or ()]
    return sorted({call["function"]["name"] for call in called})


def _as_chat(history: Sequence[Body], tools: Sequence[str]) -> Body:
    offered = [
        {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
        for name in tools
    ]
    return {"model": "gpt-5.5", "tools": offered, "messages": list(history)}


def _as_anthropic(history: Sequence[Body], tools: Sequence[str]) -> Body:
    """With a breakpoint behind the system prompt and one that moves with the last message."""
    system = [_text(message["content"]) for message in history if message["role"] == "system"]
    messages: list[Body] = []
    for message in history:
        if message["role"] == "system":
            continue
        blocks = list(_blocks(message))
        role = "assistant" if message["role"] == "assistant" else "user"
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    for marked in (system, messages[-1]["content"]):
        if marked:
            marked[-1]["cache_control"] = MARK
    offered = [{"name": name, "input_schema": {"type": "object"}} for name in tools]
    model = "claude-opus-5-5"
    return {
        "model": model,
        "max_tokens": 64,
        "system": system,
        "tools": offered,
        "messages": messages,
    }


def _blocks(message: Body) -> Iterator[Body]:
    if message["role"] == "tool":
        said = message["content"] or "(nothing)"
        yield {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": said}
    elif message.get("content"):
        yield _text(message["content"])
    for call in message.get("tool_calls") or ():
        said = json.loads(call["function"]["arguments"] or "{}")
        yield {
            "type": "tool_use", "id": call["id"], "name": call["function"]["name"], "input": said,
        }  # fmt: skip


def _text(said: str) -> Body:
    return {"type": "text", "text": said}


def run(session: Session, gap: float = 0.0, **proxy: Any) -> Played:
    """One session, straight and through a proxy with a new store."""
    with tempfile.TemporaryDirectory() as folder:
        return played(
            lambda url, clock: session.play(url, clock, gap),
            [Reply(text="Noted.")],
            Path(folder),
            log_level="error",
            **proxy,
        )


def units(usage: Usage, api: str) -> float:
    """A bill in tokens of fresh input."""
    read = usage.fresh + 0.1 * usage.cache_read + 5 * usage.output
    if api != "anthropic":
        return read + usage.cache_write
    return read + 1.25 * usage.cache_write + 0.75 * usage.cache_write_long


def difference(ran: Played) -> int:
    """Tokens by which our counts are off."""
    wrong = sum(
        abs(getattr(each.before, tier) - getattr(true, tier))
        for each, true in zip(ran.counted, ran.straight, strict=True)
        for tier in TIERS
    )
    return wrong + sum(abs(getattr(ran.after, t) - getattr(ran.ours.bill, t)) for t in TIERS)


def main() -> None:
    """Print both tables."""
    sessions = [*recorded(), *trajectories()]
    if not sessions:
        print("no recorded sessions: HEADROOM_EVAL_DATA names no folder")
        return
    print("| session | requests | straight | with us | our net | saved | tokens off |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for session in sessions:
        _print_bill(session)
    print("\n| session, two hours idle | straight | without epochs | with epochs | tokens off |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for session in sessions:
        if len(session.bodies) >= _FOR_A_GAP:
            _print_gap(session)


def _print_bill(session: Session) -> None:
    ran, api = run(session), APIS[session.path]
    straight, ours = units(ran.bill, api), units(ran.ours.bill, api)
    bills = f"{len(session.bodies)} | {straight:,.0f} | {ours:,.0f}"
    if not all(each.reported for each in ran.counted):
        # A stream of OpenAI's says what it used only to a client that asks for it.
        print(f"| {session.name} | {bills} | not reported | | |", flush=True)
        return
    net = units(ran.before, api) - units(ran.after, api)
    saved = f"{net:,.0f} | {1 - ours / straight:.1%} | {difference(ran):,}"
    print(f"| {session.name} | {bills} | {saved} |", flush=True)


def _print_gap(session: Session) -> None:
    without, having = (run(session, IDLE, epochs=on) for on in (False, True))
    api = APIS[session.path]
    bills = (units(bill, api) for bill in (without.bill, without.ours.bill, having.ours.bill))
    figures = " | ".join(f"{bill:,.0f}" for bill in bills)
    print(f"| {session.name} | {figures} | {difference(having):,} |", flush=True)


def _taken(api: str, bodies: Sequence[Body]) -> Iterator[Body]:
    """Those up to the first that a provider refuses: a recording may have lost a result."""
    return itertools.takewhile(lambda body: not checks.of(api)(body), bodies)


if __name__ == "__main__":
    main()
