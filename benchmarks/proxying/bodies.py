"""Bodies as agents send them, made of what ships with the project; each nonce gives new texts."""

import json
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "headroom"
_TOOL_WORDS = "Reads a file from disk and returns its lines with their numbers. "


def small(nonce: int) -> bytes:
    """A request without tools, of a few hundred bytes."""
    message = {"role": "user", "content": f"What is {nonce} times three? Answer with the number."}
    return _spelled({"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [message]})


def agent(nonce: int, size: int = 100_000) -> bytes:
    """A coding agent's request of about `size` bytes: tools, and reads, searches and listings."""
    tools = [
        {
            "name": f"tool_{n}",
            "description": _TOOL_WORDS * 16,
            "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
        }
        for n in range(12)
    ]
    messages: list[dict[str, object]] = [
        {"role": "user", "content": f"Task {nonce}: find out why the store refuses a put."}
    ]
    held = len(json.dumps(tools))
    for turn, text in enumerate(_results(nonce)):
        call = {"type": "tool_use", "id": f"call_{nonce}_{turn}", "name": "tool_1"}
        messages += [
            {"role": "assistant", "content": [{**call, "input": {"path": f"f{turn}"}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": call["id"], "content": text},
                ],
            },
        ]
        held += len(text) + 200
        if held > size:
            break
    body = {"model": "claude-sonnet-4-5", "max_tokens": 100, "tools": tools, "messages": messages}
    return _spelled(body)


def _results(nonce: int):  # type: ignore[no-untyped-def]
    files = sorted(SOURCES.rglob("*.py"))
    for turn, file in enumerate(files[nonce % 40 :] + files):
        lines = file.read_text("utf-8").splitlines()
        if turn % 3 == 0:
            yield "\n".join(f"{n}\t{line}" for n, line in enumerate(lines, 1))[:9_000]
        elif turn % 3 == 1:
            found = [f"{file.name}:{n}:{line}" for n, line in enumerate(lines, 1) if "def " in line]
            yield "\n".join(found * 3)[:6_000]
        else:
            yield "\n".join(
                f"2026-03-01 10:{s // 60:02d}:{s % 60:02d} INFO [{nonce}] "
                f"GET /{file.stem}/{s * 7} 200 {s} ms"
                for s in range(90)
            )


def _spelled(body: dict[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
