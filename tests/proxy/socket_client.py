"""A client that speaks Responses over a WebSocket, one connection at a time."""

import json
from contextlib import contextmanager

from acting import compact
from dialects import DIALECTS, Responses
from materials import given
from websockets.sync.client import connect

RESPONSES = Responses()
TOOLS = DIALECTS["openai_responses"].body([], ("read_log", "status"), True)["tools"]


class Connection:
    """A client's WebSocket. `items` is all that it said and heard, as it has to send it again on
    another connection."""

    def __init__(self, socket):
        self._socket = socket
        self._last = ""
        self.items = []
        self.heard = []

    def send(self, *items, **more):
        """A frame with new items; what is heard until its answer has ended."""
        self.begin(*items, **more)
        events = []
        while not events or events[-1]["type"] not in ("response.completed", "error"):
            events.append(json.loads(self._socket.recv(timeout=20)))
        assert events[-1]["type"] != "error", events[-1]
        heard = RESPONSES.events(events)
        self.items += [*items, *heard.said]
        self.heard.append(heard)
        self._last = heard.id
        return heard

    def begin(self, *items, **more):
        """A frame with new items, whose answer nobody waits for."""
        frame = {"type": "response.create", "model": "gpt-5.5", "store": False, "tools": TOOLS}
        if self._last:
            frame["previous_response_id"] = self._last
        frame |= {"input": list(items), **more}
        self._socket.send(compact(frame).decode())

    def ask(self, text):
        """A person's words, and all that follows until the model is done."""
        heard = self.send(RESPONSES.asked(text))
        while heard.calls:
            outputs = [given(call.name, call.arguments) for call in heard.calls]
            heard = self.send(*RESPONSES.answered(heard.calls, outputs))
        return heard


@contextmanager
def connection(url):
    with connect(url.replace("http", "ws") + "/v1/responses", max_size=None) as socket:
        yield Connection(socket)
