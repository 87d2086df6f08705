"""The Messages API as both sides see it: a model that speaks from a script, a client that
collects what it is shown, and the proxy's part between them."""

import json

from headroom.wire import ANTHROPIC_MESSAGES, json_spans
from headroom.wire._api import read

RETRIEVAL = ANTHROPIC_MESSAGES.retrieval
ASKED = [{"role": "user", "content": "why does it fail?"}]
DELTAS = {"text": "text_delta", "thinking": "thinking_delta", "signature": "signature_delta"}


def text(said):
    return {"type": "text", "text": said}


def thinking(said):
    return {"type": "thinking", "thinking": said, "signature": f"signed:{said}"}


def call(number, name="read"):
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {"path": number}}


def hidden(number):
    return {**call(number, "headroom_retrieve"), "input": {"ref": "k3f9a2c1"}}


def result(number, said="found"):
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": said}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def stop_of(blocks):
    return "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"


def whole(blocks, number=1, stop=None, usage=None):
    """A leg as a JSON body."""
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": blocks,
        "stop_reason": stop or stop_of(blocks),
        "stop_sequence": None,
        "usage": usage or {"input_tokens": 100 * number, "output_tokens": 10 * number},
    }


def events(blocks, number=1, stop=None):
    """A leg as a stream's events."""
    message = whole(blocks, number, stop)
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(blocks):
        kept = {"text": "", "thinking": "", "signature": "", "input": {}}
        start = {name: kept.get(name, value) for name, value in block.items()}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        yield {"type": "ping"}
        for delta in deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    usage = {"output_tokens": 10 * number}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": usage}
    yield {"type": "message_stop"}


def deltas(block):
    for name in block.keys() & DELTAS.keys():
        for at in range(0, len(block[name]), 4):
            yield {"type": DELTAS[name], name: block[name][at : at + 4]}
    if "input" in block:
        spelled = json.dumps(block["input"])
        for piece in ("", spelled[:7], spelled[7:]):
            yield {"type": "input_json_delta", "partial_json": piece}


class Client:
    """Collects a stream as an SDK does, and refuses one that is not in order."""

    def __init__(self):
        self.message = None
        self.ended = False
        self._open = None
        self._spelled = ""

    def hear(self, event):
        kind = event["type"]
        assert not self.ended, f"{kind} after the end"
        if kind == "message_start":
            assert self.message is None, "two starts"
            self.message = json.loads(json.dumps(event["message"]))
        elif kind.startswith("content_block"):
            self._block(kind, event)
        elif kind == "message_delta":
            self.message["stop_reason"] = event["delta"]["stop_reason"]
            self.message["usage"].update(event["usage"])
        elif kind == "message_stop":
            assert self._open is None
            self.ended = True

    def _block(self, kind, event):
        content = self.message["content"]
        if kind == "content_block_start":
            assert self._open is None, "two blocks at once"
            assert event["index"] == len(content), "a gap in the indices"
            self._open, self._spelled = event["index"], ""
            content.append(dict(event["content_block"]))
            return
        assert event["index"] == self._open
        block = content[-1]
        if kind == "content_block_stop":
            self._open = None
            if self._spelled:
                block["input"] = json.loads(self._spelled)
            return
        for name, value in event["delta"].items():
            if name == "partial_json":
                self._spelled += value
            elif name != "type":
                block[name] += value


class Proxy:
    """What stands between: it remembers over requests, and keeps what it sent upstream."""

    def __init__(self, stream):
        self.stream = stream
        self.memory = {}
        self.sent = []

    def request(self, body):
        """The request as it goes upstream."""
        tree = read(body)
        anchors = RETRIEVAL.anchors(tree)
        known = {anchor: self.memory[anchor] for anchor in anchors if anchor in self.memory}
        self.sent.append(json_spans.spliced(body, RETRIEVAL.restore(tree, known)))
        return self.sent[-1]

    def ask(self, messages, legs, named=True):
        """The message that the client is shown in answer to `messages`; the model says `legs`."""
        body = compact({"messages": messages})
        sent = self.request(body)
        seen = read(body) if named else None
        answer = RETRIEVAL.answer(stream=self.stream, intercept=True, body=seen)
        shown = []
        for number, blocks in enumerate(legs, 1):
            shown += self.leg(answer, blocks, number)
            turn = answer.end()
            if turn is None:
                break
            results = [f"result of {said.id}" for said in turn.calls]
            answer.resume(turn, results)
            if not turn.alone:
                break
            sent = json_spans.spliced(sent, RETRIEVAL.carry_on(read(sent), turn, results))
            self.sent.append(sent)
        self.memory.update((memory.anchor, memory.data) for memory in answer.memories())
        self.usage = answer.usage
        return self.collected(shown)

    def leg(self, answer, blocks, number):
        made = events(blocks, number) if self.stream else [whole(blocks, number)]
        for payload in map(compact, made):
            given = answer.feed(payload)
            yield from [payload] if given is None else given

    def collected(self, shown):
        heard = [json.loads(payload) for payload in shown]
        if not self.stream:
            (message,) = heard
            return message
        client = Client()
        for event in heard:
            client.hear(event)
        assert client.ended
        return client.message

    def sent_messages(self):
        return json.loads(self.sent[-1])["messages"]


def answered(message):
    """The client's next turn: its calls' results, or another question."""
    blocks = message["content"]
    calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": made, "content": "ok"} for made in calls]
    return {"role": "user", "content": results or "go on"}


def replies(proxy, legs, normalise=lambda blocks: blocks, asked=ASKED):
    """The client's next request, with what it was shown sent back as it spells it."""
    message = proxy.ask(asked, legs)
    content = normalise(message["content"])
    sent_back = [{"role": "assistant", "content": content}] if content else []
    return [*asked, *sent_back, answered(message)]
