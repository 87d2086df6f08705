"""A Responses API in miniature: a response as its events or its body, and clients of it."""

import json

RETRIEVE = "headroom_retrieve"


def reasoning(name, encrypted=True):
    item = {"type": "reasoning", "id": f"rs_{name}", "summary": []}
    return {**item, "encrypted_content": f"gAAAA{name}"} if encrypted else item


def message(name, text):
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {
        "type": "message",
        "id": f"msg_{name}",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def call(name, tool=RETRIEVE, arguments='{"ref":"k3f9a2c1"}', **more):
    return {
        "type": "function_call",
        "id": f"fc_{name}",
        "status": "completed",
        "arguments": arguments,
        "call_id": f"call_{name}",
        "name": tool,
        **more,
    }


def result(name, text):
    return {"type": "function_call_output", "call_id": f"call_{name}", "output": text}


def user(text):
    return {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": text}],
    }


def usage(fresh, cached, output):
    return {
        "input_tokens": fresh + cached,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": fresh + cached + output,
    }


def response(name, items, used=None, status="completed"):
    return {
        "id": f"resp_{name}",
        "object": "response",
        "status": status,
        "model": "gpt-x",
        "output": items,
        "usage": used or usage(10, 90, 5),
    }


def whole(*arguments, **named):
    return json.dumps(response(*arguments, **named)).encode()


def events(name, items, used=None, status="completed", **more):
    """The events of a response, as the API sends them; `more` stands in each."""
    ended = response(name, items, used, status)
    begun = {**ended, "status": "in_progress", "output": [], "usage": None}
    told = [{"type": f"response.{kind}", "response": begun} for kind in ("created", "in_progress")]
    for place, item in enumerate(items):
        told += _item_events(place, item)
    told.append({"type": f"response.{status}", "response": ended})
    return [
        json.dumps({"type": event.pop("type"), "sequence_number": number, **event, **more}).encode()
        for number, event in enumerate(told)
    ]


def _item_events(place, item):
    about = {"item_id": item.get("id", ""), "output_index": place}
    key, kind = "", ""
    if item["type"] == "message":
        key, kind, said = "content", "output_text", item["content"][0]["text"]
        about = {**about, "content_index": 0}
    elif item["type"] == "function_call":
        key, kind, said = "arguments", "function_call_arguments", item["arguments"]
    elif item["type"] == "custom_tool_call":
        key, kind, said = "input", "custom_tool_call_input", item["input"]
    begun = {**item, key: [] if key == "content" else ""} if key else item
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    for at in range(0, len(said) if kind else 0, 7):
        yield {"type": f"response.{kind}.delta", **about, "delta": said[at : at + 7]}
    if kind:
        yield {"type": f"response.{kind}.done", **about, "text": said}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def heard(answer, payloads):
    """What a client gets of `payloads`."""
    got = []
    for payload in payloads:
        given = answer.feed(payload)
        got += [payload] if given is None else given
    return got


def shown(payloads):
    """A stream as its client puts it together: the response that ended it. Fails on a stream
    that no API would send."""
    told = [json.loads(payload) for payload in payloads]
    kinds = [event["type"] for event in told]
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert kinds.count("response.created") == 1
    assert kinds[0] == "response.created"
    ends = [kind for kind in kinds if kind.removeprefix("response.") in ("completed", "failed")]
    assert ends == kinds[-1:]
    items = {}
    for event in told:
        if event["type"] == "response.output_item.added":
            assert event["output_index"] == len(items)
            items[event["output_index"]] = event["item"].get("id")
        elif "item_id" in event:
            assert items[event["output_index"]] == event["item_id"]
    ended = told[-1]["response"]
    done = [event["item"] for event in told if event["type"] == "response.output_item.done"]
    if kinds[-1] == "response.completed":
        assert done == ended["output"]
    return ended
