"""What the providers refuse: histories in which calls and results do not belong together.

A proxy that puts turns into a conversation is caught here as it would be there. Each check gives
the words of the refusal, or nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scripted_upstream.anthropic_messages import signature

_MARKS = 4
Body = Mapping[str, Any]


def anthropic(body: Body) -> str:
    """Every call is answered in the next message, nothing else is, and thinking is as it was."""
    names = [tool.get("name") for tool in body.get("tools") or ()]
    if len(names) != len(set(names)):
        return "tools: Tool names must be unique."
    if str(body).count("'cache_control': {") > _MARKS:
        return f"A maximum of {_MARKS} blocks with cache_control may be provided."
    messages = [message for message in body.get("messages") or () if message["role"] != "system"]
    called: list[str] = []
    for number, message in enumerate(messages):
        blocks = message["content"] if isinstance(message["content"], list) else []
        answered = [block["tool_use_id"] for block in _of(blocks, "tool_result")]
        if missing := [ident for ident in called if ident not in answered]:
            return (
                f"messages.{number - 1}: `tool_use` ids were found without `tool_result` blocks "
                f"immediately after: {', '.join(missing)}."
            )
        if strange := [ident for ident in answered if ident not in called]:
            return (
                f"messages.{number}: unexpected `tool_use_id` found in `tool_result` blocks: "
                f"{', '.join(strange)}."
            )
        if any(_changed(block) for block in _of(blocks, "thinking")):
            return f"messages.{number}: Invalid `signature` in `thinking` block"
        called = [block["id"] for block in _of(blocks, "tool_use")]
        if called and not names:
            return "Requests which include `tool_use` or `tool_result` blocks must define tools"
    return "messages: the last `tool_use` has no `tool_result`" if called else ""


def _changed(block: Body) -> bool:
    said = str(block.get("signature", ""))
    return said.startswith("sig") and said != signature(block["thinking"])


def _of(blocks: list[Any], kind: str) -> Iterator[dict[str, Any]]:
    return (block for block in blocks if isinstance(block, dict) and block.get("type") == kind)


def chat(body: Body) -> str:
    """Tool messages follow the calls that they answer, all of them and no others."""
    waiting: list[str] = []
    asked = False
    for message in body.get("messages") or ():
        if message.get("role") == "tool":
            if not asked or message.get("tool_call_id") not in waiting:
                return (
                    "messages with role 'tool' must be a response to a preceding message with "
                    "'tool_calls'."
                )
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            break
        waiting = [call["id"] for call in message.get("tool_calls") or ()]
        asked = bool(waiting)
    if not waiting:
        return ""
    return (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(waiting)}"
    )


def responses(items: list[Any]) -> str:
    """Every call has its output behind it, and every output its call before it."""
    waiting: list[str] = []
    for item in items:
        kind = str(item.get("type", ""))
        if kind in ("function_call", "custom_tool_call"):
            waiting.append(item["call_id"])
        elif kind in ("function_call_output", "custom_tool_call_output"):
            if item["call_id"] not in waiting:
                return (
                    f"No tool call found for function call output with call_id {item['call_id']}."
                )
            waiting.remove(item["call_id"])
    return f"No tool output found for function call {waiting[0]}." if waiting else ""


def gemini(body: Body) -> str:
    """A turn of calls is followed by a turn with as many answers, and answers by nothing else."""
    called = 0
    for content in body.get("contents") or ():
        parts = content.get("parts") or ()
        answered = sum("functionResponse" in part for part in parts)
        if answered != called:
            return (
                "Please ensure that the number of function response parts is equal to the number "
                "of function call parts of the function call turn."
            )
        called = sum("functionCall" in part for part in parts)
    return "Please ensure that function call turn comes before a response turn." if called else ""


def converse(body: Body) -> str:
    """Every call is answered in the next message, and nothing else is."""
    called: set[str] = set()
    for number, message in enumerate(body.get("messages") or ()):
        blocks = message.get("content") or ()
        answered = {block["toolResult"]["toolUseId"] for block in blocks if "toolResult" in block}
        if answered != called:
            return (
                f"Expected toolResult blocks at messages.{number}.content for the following Ids: "
                f"{', '.join(sorted(called)) or 'none'}"
            )
        called = {block["toolUse"]["toolUseId"] for block in blocks if "toolUse" in block}
        if called and not body.get("toolConfig"):
            return "The toolConfig field must be defined when using toolUse content blocks."
    return "The last toolUse has no toolResult." if called else ""


def of(api: str) -> Callable[[Body], str]:
    """The check for an API's bodies; of the Responses one the items are checked."""
    known: dict[str, Callable[[Body], str]] = {
        "anthropic": anthropic,
        "invoke": anthropic,
        "chat": chat,
        "gemini": gemini,
        "converse": converse,
    }
    return known.get(api, lambda _body: "")
