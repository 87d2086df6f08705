"""A model that copies what it was shown into a file, markers and all, and the client that it writes
with: it reads a long file, which is shortened, and is told to write it back."""

import http.client
import json
import random
import re
from typing import Any
from urllib.parse import urlsplit

from acting import Agent, Step, compact

from headroom.markers import omissions
from scripted_upstream import Reply, Request, ToolCall

_WORDS = ("buffer", "cache", "client", "config", "handler", "index", "parser", "queue", "reader")
_GUTTER = re.compile(r"^ *[0-9]+\t", re.MULTILINE)


def _file(functions: int = 60) -> str:
    chance = random.Random("a long file")
    out = ["import os", "", ""]
    for number in range(functions):
        name, other = chance.choice(_WORDS), chance.choice(_WORDS)
        out += [f"def {name}_{number}({other}, size={number * 7}):", f'    """Make a {name}."""']
        for at in range(chance.randrange(10, 20)):
            does, what = chance.choice(_WORDS), chance.randrange(999)
            out.append(f'    {does}_{at} = {other}.{does}({what}, size, "{name}\\t{at}")')
        out += [f"    return {other}", "", ""]
    return "\n".join(out)


FILE = _file()
NUMBERED = "\n".join(f"{number:6d}\t{line}" for number, line in enumerate(FILE.split("\n"), 1))
DONE = (
    "The file /a.py was written: 1 file changed, 1,840 lines added, 1,840 lines removed. The first of"
    " them is an import, the last of them gives back what it got. No other file was touched, and the"
    " formatter has left it as it is."
)
"""Long enough to be read in every API: Gemini's shorter results are no texts."""
TOOLS = ("Read", "Write")


def use(name: str, arguments: dict[str, Any]) -> str:
    """What the client's tools give."""
    return NUMBERED if name == "Read" else DONE


def writer(dialect: Any, url: str, **more: Any) -> Agent:
    """A client that reads and writes files."""
    return Agent(dialect, url, **{"tools": TOOLS, "use": use, **more})


def reads(**more: Any) -> Reply:
    """The model reads the file."""
    return Reply(tool_calls=[ToolCall("Read", {"file_path": "/a.py"}, id="call_read")], **more)


def copied(request: Request) -> str:
    """What the model was shown, without the line numbers."""
    text = _GUTTER.sub("", request.results[0])
    assert omissions(text), "nothing was omitted"
    return text


def call(content: str, ident: str = "call_write") -> ToolCall:
    """A call that writes a file."""
    return ToolCall("Write", {"file_path": "/a.py", "content": content}, id=ident)


def writes_back(ident: str = "call_write", **more: Any) -> Step:
    """The model writes what it was shown."""
    return lambda request: Reply(tool_calls=[call(copied(request), ident)], **more)


def marker(request: Request) -> str:
    """The first marker that the model was shown."""
    return next(line for line in copied(request).split("\n") if omissions(line))


def spoiled(request: Request) -> str:
    """A line of a file in whose middle a marker stands."""
    return f"x = 1  # {marker(request)} and so on"


def spoils(ident: str = "call_write", **more: Any) -> Step:
    """The model writes a marker into the middle of a line, where no lines can be put."""
    return lambda request: Reply(tool_calls=[call(spoiled(request), ident)], **more)


def written(agent: Agent) -> list[str]:
    """All that the client was told to write."""
    return [
        call.arguments["content"]
        for heard in agent.heard
        for call in heard.calls
        if call.name == "Write"
    ]


def found(url: str) -> dict[str, int]:
    """What `/stats` says that the guard found, by what it is."""
    return {each["what"]: each["count"] for each in stats(url)["guard"]}


def stats(url: str) -> Any:
    """What `/stats` says."""
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    client.request("GET", "/stats")
    said = json.loads(client.getresponse().read())
    client.close()
    return said


def raw_answer(url: str, agent: Agent, **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers and all bytes of the answer to an agent's next request, be it cut or not."""
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    body = compact(agent.dialect.body(agent.history, agent.tools, agent.streamed))
    sent = {"content-type": "application/json", "accept-encoding": "identity", **headers}
    client.request("POST", agent.dialect.path(agent.streamed), body, sent)
    answer = client.getresponse()
    try:
        data = answer.read()
    except http.client.IncompleteRead as cut:
        data = cut.partial
    finally:
        client.close()
    return {name.lower(): value for name, value in answer.getheaders()}, data
