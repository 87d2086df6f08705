"""Clients of every API, as agents speak them."""

from typing import Any

from dialect_parts import SCHEMA, Call, Dialect, Heard, arguments_of, sse
from dialects_of_blocks import Converse, Invoke, Messages


class Chat:
    """OpenAI's chat completions."""

    name = "openai_chat"
    key = "messages"
    spent = "completion_tokens"

    def path(self, streamed):
        return "/v1/chat/completions"

    def body(self, history, tools, streamed):
        system = {"role": "system", "content": "You are an agent."}
        body = {"model": "gpt-5.5", "messages": [system, *history], "stream": streamed}
        if streamed:
            body["stream_options"] = {"include_usage": True}
        if tools:
            body["tools"] = [
                {"type": "function", "function": {"name": name, "parameters": SCHEMA}}
                for name in tools
            ]
        return body

    def asked(self, text):
        return {"role": "user", "content": text}

    def answered(self, calls, outputs):
        return [
            {"role": "tool", "tool_call_id": call.id, "content": output}
            for call, output in zip(calls, outputs, strict=True)
        ]

    def whole(self, body):
        (choice,) = body["choices"]
        message = choice["message"]
        calls = tuple(
            Call(call["id"], call["function"]["name"], arguments_of(call["function"]["arguments"]))
            for call in message.get("tool_calls") or ()
        )
        kept = ("role", "content", "tool_calls")
        said = {name: message[name] for name in kept if message.get(name)}
        text = message.get("content") or ""
        stop = choice["finish_reason"]
        return Heard(text, calls, [said], stop, body["id"], body["usage"])

    def stream(self, data):
        *chunks, done = sse(data)
        assert done == "[DONE]"
        assert len({chunk["id"] for chunk in chunks}) == 1, "the id changes"
        *chunks, last = chunks
        assert last["choices"] == [], "the usage comes last"
        message: dict[str, Any] = {"role": "", "content": "", "tool_calls": []}
        finish = []
        for chunk in chunks:
            (choice,) = chunk["choices"]
            assert choice["index"] == 0
            assert not finish, "something follows the end"
            delta = choice["delta"]
            message["role"] += delta.get("role") or ""
            message["content"] += delta.get("content") or ""
            for call in delta.get("tool_calls") or ():
                _grow(message["tool_calls"], call)
            finish += [choice["finish_reason"]] if choice["finish_reason"] else []
        assert message["role"] == "assistant", "one beginning"
        choice = {"message": message, "finish_reason": finish[0]}
        return self.whole({"id": last["id"], "choices": [choice], "usage": last["usage"]})

    def around(self, body):
        return body.get("tools")


class Responses:
    """OpenAI's Responses over HTTP, with the whole history each time, as Codex sends it."""

    name = "openai_responses"
    key = "input"
    spent = "output_tokens"

    def path(self, streamed):
        return "/v1/responses"

    def body(self, history, tools, streamed):
        body = {
            "model": "gpt-5.5",
            "instructions": "You are an agent.",
            "input": list(history),
            "store": False,
            "include": ["reasoning.encrypted_content"],
            "stream": streamed,
        }
        if tools:
            body["tools"] = [
                {"type": "function", "name": name, "parameters": SCHEMA, "strict": False}
                for name in tools
            ]
        return body

    def asked(self, text):
        content = [{"type": "input_text", "text": text}]
        return {"type": "message", "role": "user", "content": content}

    def answered(self, calls, outputs):
        return [
            {"type": "function_call_output", "call_id": call.id, "output": output}
            for call, output in zip(calls, outputs, strict=True)
        ]

    def whole(self, body):
        output = body["output"]
        calls = tuple(
            Call(item["call_id"], item["name"], arguments_of(item["arguments"]))
            for item in output
            if item["type"] == "function_call"
        )
        messages = [item for item in output if item["type"] == "message"]
        text = "".join(part["text"] for item in messages for part in item["content"])
        return Heard(text, calls, output, body["status"], body["id"], body["usage"])

    def stream(self, data):
        return self.events(sse(data))

    def events(self, events):
        """The events of one response, from a stream or from a socket's frames."""
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        kinds = [event["type"] for event in events]
        assert kinds[0] == "response.created"
        assert kinds.count("response.created") == 1
        assert kinds[-1] in ("response.completed", "response.incomplete"), kinds
        added = [event for event in events if event["type"] == "response.output_item.added"]
        done = [event for event in events if event["type"] == "response.output_item.done"]
        assert [event["output_index"] for event in added] == list(range(len(added)))
        whole = events[-1]["response"]
        assert [event["item"] for event in done] == whole["output"]
        assert whole["id"] == events[0]["response"]["id"], "the id changes"
        pieces = [e["delta"] for e in events if e["type"] == "response.output_text.delta"]
        heard = self.whole(whole)
        assert "".join(pieces) == heard.text
        return heard

    def around(self, body):
        return body.get("tools"), body["instructions"]


class Gemini:
    """Google's generateContent."""

    name = "gemini"
    key = "contents"
    spent = "candidatesTokenCount"

    def path(self, streamed):
        verb = "streamGenerateContent?alt=sse" if streamed else "generateContent"
        return f"/v1beta/models/gemini-3-pro:{verb}"

    def body(self, history, tools, streamed):
        body = {
            "contents": list(history),
            "systemInstruction": {"parts": [{"text": "You are an agent."}]},
        }
        if tools:
            declared = [{"name": name, "parameters": SCHEMA} for name in tools]
            body["tools"] = [{"functionDeclarations": declared}]
        return body

    def asked(self, text):
        return {"role": "user", "parts": [{"text": text}]}

    def answered(self, calls, outputs):
        parts = []
        for call, output in zip(calls, outputs, strict=True):
            answer = {"name": call.name, "response": {"output": output}}
            ident = {"id": call.id} if call.id else {}
            parts.append({"functionResponse": {**ident, **answer}})
        return [{"role": "user", "parts": parts}]

    def whole(self, body):
        (candidate,) = body["candidates"]
        parts = candidate["content"].get("parts", [])
        made = [part["functionCall"] for part in parts if "functionCall" in part]
        calls = tuple(Call(call.get("id", ""), call["name"], call["args"]) for call in made)
        text = "".join(part.get("text", "") for part in parts if not part.get("thought"))
        said = [{"role": "model", "parts": parts}] if parts else []
        stop, usage = candidate["finishReason"], body["usageMetadata"]
        return Heard(text, calls, said, stop, body["responseId"], usage)

    def stream(self, data):
        chunks = sse(data)
        assert len({chunk["responseId"] for chunk in chunks}) == 1, "the id changes"
        candidates = [chunk["candidates"][0] for chunk in chunks]
        assert all("finishReason" not in candidate for candidate in candidates[:-1])
        parts: list[dict[str, Any]] = []
        for candidate in candidates:
            for part in candidate["content"].get("parts", ()):
                text = part.get("text")
                if text is not None and parts and _goes_on(parts[-1], part):
                    parts[-1] = {**parts[-1], "text": parts[-1]["text"] + text}
                elif text != "":
                    parts.append(part)
        last = {**candidates[-1], "content": {"role": "model", "parts": parts}}
        return self.whole({**chunks[-1], "candidates": [last]})

    def around(self, body):
        return body.get("tools"), body["systemInstruction"]


def _grow(calls, delta):
    if delta["index"] == len(calls):
        calls.append({key: value for key, value in delta.items() if key != "index"})
        return
    assert delta["index"] == len(calls) - 1, "an index was left out"
    function = calls[-1]["function"]
    calls[-1] = {
        **calls[-1],
        "function": {
            **function,
            "arguments": function["arguments"] + delta["function"]["arguments"],
        },
    }


def _goes_on(last, part):
    """Whether a piece of text belongs to the part before it, as Google's client joins them."""
    return "text" in last and last.get("thought") == part.get("thought")


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (Messages(), Chat(), Responses(), Gemini(), Converse(), Invoke())
}
