"""Clients of the APIs whose messages are content blocks: Anthropic's Messages, the same through
Bedrock's invoke, and Bedrock's Converse."""

import base64
import json
from typing import Any

from botocore.eventstream import EventStreamBuffer
from dialect_parts import SCHEMA, Call, Heard, arguments_of, sse

MARK = {"type": "ephemeral"}


class Messages:
    """Anthropic's Messages. The newest message bears a cache mark, as agents do it."""

    name = "anthropic_messages"
    key = "messages"
    spent = "output_tokens"

    def path(self, streamed):
        return "/v1/messages"

    def body(self, history, tools, streamed):
        body = {
            "model": "claude-opus-5-5",
            "max_tokens": 1024,
            "system": [{"type": "text", "text": "You are an agent.", "cache_control": MARK}],
            "messages": [*history[:-1], _marked(history[-1])],
            "stream": streamed,
        }
        if tools:
            body["tools"] = [
                {"name": name, "description": f"Does {name}.", "input_schema": SCHEMA}
                for name in tools
            ]
        return body

    def asked(self, text):
        return {"role": "user", "content": [{"type": "text", "text": text}]}

    def answered(self, calls, outputs):
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": output}
            for call, output in zip(calls, outputs, strict=True)
        ]
        return [{"role": "user", "content": results}]

    def whole(self, body):
        assert body["type"] == "message"
        blocks = body["content"]
        calls = [
            Call(block["id"], block["name"], block["input"])
            for block in blocks
            if block["type"] == "tool_use"
        ]
        text = "".join(block["text"] for block in blocks if block["type"] == "text")
        said = [{"role": "assistant", "content": blocks}] if blocks else []
        return Heard(text, tuple(calls), said, body["stop_reason"], body["id"], body["usage"])

    def stream(self, data):
        return self.whole(assembled_message(sse(data)))

    def around(self, body):
        return body.get("tools"), body["system"]


class Invoke(Messages):
    """The same bodies and events by way of Bedrock."""

    name = "invoke"
    _MODEL = "/model/anthropic.claude-opus-5-5-v1%3A0"

    def path(self, streamed):
        return f"{self._MODEL}/invoke{'-with-response-stream' if streamed else ''}"

    def body(self, history, tools, streamed):
        body = super().body(history, tools, streamed)
        del body["model"], body["stream"]
        return {"anthropic_version": "bedrock-2023-05-31", **body}

    def stream(self, data):
        events = [
            json.loads(base64.b64decode(event["bytes"])) for name, event in event_stream(data)
        ]
        return self.whole(assembled_message(events))


class Converse:
    """Bedrock's Converse."""

    name = "bedrock_converse"
    key = "messages"
    spent = "outputTokens"

    def path(self, streamed):
        return f"/model/amazon.nova-pro-v1%3A0/converse{'-stream' if streamed else ''}"

    def body(self, history, tools, streamed):
        body: dict[str, Any] = {"messages": list(history), "system": [{"text": "You are."}]}
        if tools:
            specs = [
                {"toolSpec": {"name": name, "inputSchema": {"json": SCHEMA}}} for name in tools
            ]
            body["toolConfig"] = {"tools": specs}
        return body

    def asked(self, text):
        return {"role": "user", "content": [{"text": text}]}

    def answered(self, calls, outputs):
        results = [
            {"toolResult": {"toolUseId": call.id, "content": [{"text": output}]}}
            for call, output in zip(calls, outputs, strict=True)
        ]
        return [{"role": "user", "content": results}]

    def whole(self, body):
        message = body["output"]["message"]
        uses = [block["toolUse"] for block in message["content"] if "toolUse" in block]
        calls = tuple(Call(use["toolUseId"], use["name"], use["input"]) for use in uses)
        text = "".join(block.get("text", "") for block in message["content"])
        said = [message] if message["content"] else []
        return Heard(text, calls, said, body["stopReason"], "", body["usage"])

    def stream(self, data):
        events = event_stream(data)
        names = [name for name, _ in events]
        assert names[0] == "messageStart", names
        assert names[-2:] == ["messageStop", "metadata"], names
        assert names.count("messageStart") == names.count("messageStop") == 1
        content: list[dict[str, Any]] = []
        for name, event in events[1:-2]:
            at = event["contentBlockIndex"]
            if name == "contentBlockStart" or at == len(content):
                assert at == len(content), "an index was left out"
                content.append({"start": event.get("start", {}), "pieces": [], "open": True})
            assert at == len(content) - 1, "not the newest block"
            assert content[at]["open"], "a block that is not open"
            if name == "contentBlockDelta":
                content[at]["pieces"].append(event["delta"])
            elif name == "contentBlockStop":
                content[at]["open"] = False
        assert not any(block["open"] for block in content)
        message = {"role": "assistant", "content": [_converse_block(block) for block in content]}
        stop, usage = events[-2][1]["stopReason"], events[-1][1]["usage"]
        return self.whole({"output": {"message": message}, "stopReason": stop, "usage": usage})

    def around(self, body):
        return body.get("toolConfig"), body["system"]


def event_stream(data: bytes) -> list[tuple[str, Any]]:
    """The messages of an AWS event stream; an exception fails."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    found = []
    for message in buffer:
        assert message.headers[":message-type"] == "event", message.payload
        found.append((message.headers[":event-type"], json.loads(message.payload)))
    return found


def assembled_message(events: list[Any]) -> dict[str, Any]:
    """The message that Anthropic's events build."""
    events = [event for event in events if event["type"] != "ping"]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "message_start", kinds
    assert kinds.count("message_start") == 1, kinds
    assert kinds[-2:] == ["message_delta", "message_stop"], kinds
    assert kinds.count("message_delta") == 1
    message = dict(events[0]["message"])
    content: list[dict[str, Any]] = []
    is_open = False
    for event in events[1:-2]:
        if event["type"] == "content_block_start":
            assert not is_open, event
            assert event["index"] == len(content), "an index was left out"
            content.append({**event["content_block"], "pieces": ""})
            is_open = True
            continue
        assert is_open, event
        assert event["index"] == len(content) - 1, event
        if event["type"] == "content_block_delta":
            _grow(content[-1], event["delta"])
        else:
            is_open = False
    assert not is_open
    message["content"] = [_anthropic_block(block) for block in content]
    message["stop_reason"] = events[-2]["delta"]["stop_reason"]
    message["usage"] = {**message["usage"], **events[-2]["usage"]}
    return message


def _grow(block, delta):
    if delta["type"] == "input_json_delta":
        block["pieces"] += delta["partial_json"]
        return
    name = delta["type"].removesuffix("_delta")
    block[name] += delta[name]


def _anthropic_block(block):
    pieces = block.pop("pieces")
    return {**block, "input": arguments_of(pieces)} if block["type"] == "tool_use" else block


def _converse_block(block):
    pieces = block["pieces"]
    if use := block["start"].get("toolUse"):
        text = "".join(piece["toolUse"]["input"] for piece in pieces)
        return {"toolUse": {**use, "input": arguments_of(text)}}
    if "reasoningContent" in pieces[0]:
        inner = [piece["reasoningContent"] for piece in pieces]
        sealed = {"text": "".join(piece.get("text", "") for piece in inner)}
        sealed["signature"] = "".join(piece.get("signature", "") for piece in inner)
        return {"reasoningContent": {"reasoningText": sealed}}
    return {"text": "".join(piece["text"] for piece in pieces)}


def _marked(message):
    content = message["content"]
    return {**message, "content": [*content[:-1], {**content[-1], "cache_control": MARK}]}
