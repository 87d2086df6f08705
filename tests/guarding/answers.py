"""Answers of five APIs in which one call is made, whole and in pieces; and what a client reads."""

import json
from dataclasses import dataclass
from itertools import pairwise

from headroom.guarding import GuardedAnswer
from headroom.wire import by_name


@dataclass(frozen=True)
class Spoken:
    """One call as a model says it: `arguments` is JSON text, or a plain text."""

    tool: str
    arguments: str
    call_id: str = "call_1"
    plain: bool = False


def pieces(text, cuts):
    edges = [0, *sorted(cut for cut in set(cuts) if 0 < cut < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def dumped(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Anthropic:
    form = "anthropic_messages"

    def whole(self, said):
        use = {"type": "tool_use", "id": said.call_id, "name": said.tool}
        use["input"] = json.loads(said.arguments)
        text = {"type": "text", "text": "I write [… it]."}
        return dumped({"type": "message", "content": [text, use], "stop_reason": "tool_use"})

    def stream(self, said, cuts):
        use = {"type": "tool_use", "id": said.call_id, "name": said.tool, "input": {}}
        yield {"type": "message_start", "message": {"id": "m", "content": []}}
        yield {"type": "content_block_start", "index": 0, "content_block": use}
        for piece in ["", *pieces(said.arguments, cuts)]:
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}
        yield {"type": "message_stop"}

    def read(self, events):
        if events[0].get("type") == "message":
            return [json.dumps(events[0]["content"][1]["input"])]
        deltas = (event.get("delta", {}) for event in events)
        return ["".join(delta.get("partial_json", "") for delta in deltas)]


class Chat:
    form = "openai_chat"

    def _call(self, said):
        kind, body = ("custom", "input") if said.plain else ("function", "arguments")
        return kind, body, {"id": said.call_id, "type": kind, kind: {"name": said.tool, body: ""}}

    def whole(self, said):
        kind, body, call = self._call(said)
        call[kind][body] = said.arguments
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
        return dumped({"id": "c", "object": "chat.completion", "choices": [choice]})

    def stream(self, said, cuts):
        kind, body, call = self._call(said)
        deltas = [{"role": "assistant", "tool_calls": [{"index": 0, **call}]}]
        for piece in pieces(said.arguments, cuts):
            deltas.append({"tool_calls": [{"index": 0, kind: {body: piece}}]})
        for delta in [*deltas, {}]:
            choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "tool_calls"}
            yield {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}

    def read(self, events):
        text = ""
        for event in events:
            [choice] = event["choices"]
            for call in (choice.get("delta") or choice.get("message") or {}).get("tool_calls", ()):
                told = call.get("function") or call.get("custom")
                text += told.get("arguments", told.get("input"))
        return [text]


class Responses:
    form = "openai_responses"

    def _item(self, said, text):
        kind, body = ("custom_tool_call", "input") if said.plain else ("function_call", "arguments")
        return {"type": kind, "id": "i", "call_id": said.call_id, "name": said.tool, body: text}

    def _response(self, said):
        item = self._item(said, said.arguments)
        return {"id": "r", "object": "response", "status": "completed", "output": [item]}

    def whole(self, said):
        return dumped(self._response(said))

    def stream(self, said, cuts):
        name = "custom_tool_call_input" if said.plain else "function_call_arguments"
        where = {"item_id": "i", "output_index": 0}
        item = self._item(said, said.arguments)
        body = "input" if said.plain else "arguments"
        events = [
            {"type": "response.created", "response": {"id": "r", "output": []}},
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": self._item(said, ""),
            },
            *(
                {"type": f"response.{name}.delta", **where, "delta": piece}
                for piece in pieces(said.arguments, cuts)
            ),
            {"type": f"response.{name}.done", **where, body: said.arguments},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": self._response(said)},
        ]
        for number, event in enumerate(events):
            yield {**event, "sequence_number": number}

    def read(self, events):
        """All the times that the arguments are told."""
        if "output" in events[0]:
            return [self._text(events[0]["output"][0])]
        deltas = [event["delta"] for event in events if "delta" in event]
        *_, done, item, completed = events
        whole = [done, item["item"], completed["response"]["output"][0]]
        return ["".join(deltas), *map(self._text, whole)]

    def _text(self, node):
        return node.get("arguments", node.get("input"))


class Gemini:
    form = "gemini"

    def _chunk(self, parts, finish=None):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        return {"candidates": [{**candidate, **({"finishReason": finish} if finish else {})}]}

    def _part(self, said):
        return {"functionCall": {"name": said.tool, "args": json.loads(said.arguments)}}

    def whole(self, said):
        return dumped(self._chunk([{"text": "So [= it] is."}, self._part(said)], "STOP"))

    def stream(self, said, cuts):
        yield self._chunk([{"text": "So [= it] is."}])
        yield self._chunk([self._part(said)])
        yield self._chunk([{"text": ""}], "STOP")

    def read(self, events):
        parts = [part for event in events for part in event["candidates"][0]["content"]["parts"]]
        return [json.dumps(p["functionCall"]["args"]) for p in parts if "functionCall" in p]


class Converse:
    form = "bedrock_converse"

    def whole(self, said):
        use = {"toolUseId": said.call_id, "name": said.tool, "input": json.loads(said.arguments)}
        message = {"role": "assistant", "content": [{"text": "[…"}, {"toolUse": use}]}
        return dumped({"output": {"message": message}, "stopReason": "tool_use"})

    def stream(self, said, cuts):
        start = {"toolUse": {"toolUseId": said.call_id, "name": said.tool}}
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": start, "contentBlockIndex": 0}}
        for piece in pieces(said.arguments, cuts):
            delta = {"toolUse": {"input": piece}}
            yield {"contentBlockDelta": {"contentBlockIndex": 0, "delta": delta, "p": "abc"}}
        yield {"contentBlockStop": {"contentBlockIndex": 0}}
        yield {"messageStop": {"stopReason": "tool_use"}}

    def read(self, events):
        if "output" in events[0]:
            return [json.dumps(events[0]["output"]["message"]["content"][1]["toolUse"]["input"])]
        deltas = (event.get("contentBlockDelta", {}).get("delta", {}) for event in events)
        return ["".join(delta.get("toolUse", {}).get("input", "") for delta in deltas)]


APIS = {api.form: api for api in (Anthropic(), Chat(), Responses(), Gemini(), Converse())}


@dataclass(frozen=True)
class Heard:
    """What came of an answer: every time the arguments were told, and what the guard found."""

    texts: list
    findings: dict
    notes: list
    unchanged: bool


def hear(api, said, edits, cuts=None):
    """The answer as the client hears it: whole, or with `cuts` as a stream in pieces."""
    stream = cuts is not None
    inner = by_name(api.form).retrieval.answer(stream=stream, intercept=True, body=None)
    answer = GuardedAnswer(inner, api.form, edits)
    payloads = [dumped(each) for each in api.stream(said, cuts)] if stream else [api.whole(said)]
    out, unchanged = [], True
    for payload in payloads:
        given = answer.feed(payload)
        unchanged = unchanged and given is None
        out += [payload] if given is None else given
    assert answer.end() is None
    assert list(answer.release()) == []
    findings = {}
    for finding in answer.findings:
        findings[finding.what] = findings.get(finding.what, 0) + finding.count
    return Heard(api.read([json.loads(each) for each in out]), findings, answer.notes(), unchanged)
