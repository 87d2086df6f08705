"""A session of a coding agent for `proxy_demo.py`: what its tools read is real, what the model
says is scripted, from nothing but what the request shows it.

The log and the linter's report ship with the package; files and matches are the package's own.
"""

import http.client
import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import headroom
from headroom.markers import TOOL_NAME, omissions
from headroom.perf import built_in
from scripted_upstream import Reply, Request, ToolCall

Message = dict[str, Any]
MODEL = "claude-opus-5-5"
LOG = "tail -n 700 /var/log/postgresql/postgresql.log"
LINT = "ruff check --output-format json"
SEARCH = "grep -rn StoreError headroom"
SOURCE = "headroom/ledger.py"
QUESTIONS = (
    "Queries fail and reports got slow. What happened, and when?",
    "Which statement was the slowest, exactly?",
    "Which findings of the linter can be fixed?",
    "Where is StoreError used? Add a constant to the ledger, and check the file.",
)
_TOOLS = {
    "Bash": ("Runs a command.", {"command": {"type": "string"}}),
    "Read": ("Reads a file.", {"file_path": {"type": "string"}}),
    "Edit": (
        "Changes a file.",
        {name: {"type": "string"} for name in ("file_path", "old_string", "new_string")},
    ),
}
_SYSTEM = "You are a coding agent. Read what you need by your tools, and answer in one sentence."
_MARK = {"type": "ephemeral"}


class Tools:
    """The agent's tools, over the package's own files and data."""

    def __init__(self) -> None:
        outputs = {load.name: load.messages(0)[-1]["content"] for load in built_in()}
        self._log = "\n".join(outputs["postgres-log"].split("\n")[1_500:2_200])
        self._report = json.dumps(json.loads(outputs["ruff-report"])[:120], indent=2)
        self._source = resources.files("headroom").joinpath("ledger.py").read_text("utf-8")

    def run(self, name: str, arguments: dict[str, str]) -> str:
        """What a call gives."""
        if name == "Edit":
            old, new = arguments["old_string"], arguments["new_string"]
            self._source = self._source.replace(old, new, 1)
            return f"The file {arguments['file_path']} has been updated."
        if name == "Read":
            lines = self._source.split("\n")
            return "\n".join(f"{number}\t{line}" for number, line in enumerate(lines, 1))
        outputs = {LOG: self._log, LINT: self._report}
        return outputs.get(arguments["command"]) or _matches("StoreError")


def _matches(word: str) -> str:
    """What `grep -rn` says of the package."""
    root = Path(headroom.__file__).parent
    return "\n".join(
        f"{path.relative_to(root.parent).as_posix()}:{number}:{line}"
        for path in sorted(root.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if word in line
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of the agent: what it read last, the body it sent, and the answer."""

    read: str
    body: dict[str, Any]
    answer: dict[str, Any]

    @property
    def text(self) -> str:
        """What the model said to the user."""
        return " ".join(block.get("text", "") for block in self.answer["content"]).strip()


def play(url: str) -> list[Turn]:
    """The whole session against the API at `url`."""
    tools = Tools()
    history: list[Message] = []
    turns: list[Turn] = []
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    for question in QUESTIONS:
        read = f"“{question}”"
        history.append({"role": "user", "content": [{"type": "text", "text": question}]})
        while True:
            body = _body(history)
            answer = _asked(connection, body)
            turns.append(Turn(read, body, answer))
            history.append({"role": "assistant", "content": answer["content"]})
            calls = [block for block in answer["content"] if block["type"] == "tool_use"]
            if not calls:
                break
            read = ", ".join(f"{call['name']}: {first(call['input'])}" for call in calls)
            history.append({"role": "user", "content": [_result(tools, call) for call in calls]})
    connection.close()
    return turns


def first(arguments: dict[str, str]) -> str:
    """The first argument of a call."""
    return next(iter(arguments.values()))


def _result(tools: Tools, call: Message) -> Message:
    content = tools.run(call["name"], call["input"])
    return {"type": "tool_result", "tool_use_id": call["id"], "content": content}


def _body(history: list[Message]) -> dict[str, Any]:
    """A request as coding agents write it: the marks of the prompt cache stand on the system
    prompt and on the last block."""
    *before, last = history
    *blocks, final = last["content"]
    marked = {**last, "content": [*blocks, {**final, "cache_control": _MARK}]}
    tools = [
        {
            "name": name,
            "description": about,
            "input_schema": {"type": "object", "properties": properties},
        }
        for name, (about, properties) in _TOOLS.items()
    ]
    return {
        "model": MODEL,
        "max_tokens": 4_096,
        "system": [{"type": "text", "text": _SYSTEM, "cache_control": _MARK}],
        "tools": tools,
        "messages": [*before, marked],
    }


def _asked(connection: http.client.HTTPConnection, body: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "x-api-key": "demo",
        "user-agent": "demo-agent/1.0",
    }
    connection.request("POST", "/v1/messages", json.dumps(body).encode(), headers)
    with connection.getresponse() as response:
        answer: dict[str, Any] = json.loads(response.read())
    if response.status != 200:
        raise SystemExit(f"the proxy answered {response.status}: {answer}")
    return answer


def model(request: Request) -> Reply:
    """The scripted model."""
    messages = request.json["messages"]
    start = max(at for at, message in enumerate(messages) if _question(message))
    question = QUESTIONS.index(_question(messages[start]))
    asked = sum(
        block["type"] == "tool_use" and block["name"] != TOOL_NAME
        for message in messages[start:]
        for block in message["content"]
    )
    return (_what_happened, _slowest, _fixable, _edited)[question](request.results, asked)


def _question(message: Message) -> str:
    """The question that a message is; empty for any other."""
    blocks = message["content"] if message["role"] == "user" else []
    return next((block["text"] for block in blocks if block["type"] == "text"), "")


def _bash(command: str) -> Reply:
    return Reply(tool_calls=[ToolCall("Bash", {"command": command})])


def _what_happened(results: list[str], asked: int) -> Reply:
    if not asked:
        return _bash(LOG)
    found = re.search(r"(\S+) UTC.*(parameter \"work_mem\" changed to \S+)", results[-1])
    return Reply(text=f"At {found[1]} {found[2]}: sorts spill to disk." if found else "Not seen.")


def _slowest(results: list[str], _asked: int) -> Reply:
    """Answers from the whole log: what is not shown is retrieved."""
    shown = next(result for result in results if "work_mem" in result)
    seen = shown
    if hidden := omissions(shown):
        last = results[-1]
        if "duration: " not in last or last == shown:
            wanted = {"ref": hidden[0].ref, "match": "duration: "}
            return Reply(tool_calls=[ToolCall(TOOL_NAME, wanted)])
        seen = last
    took = re.findall(r"duration: ([\d.]+) ms +statement: (.+)", seen)
    time, statement = max(took, key=lambda one: float(one[0]))
    return Reply(text=f"{statement.strip()} took {time} ms.")


def _fixable(results: list[str], asked: int) -> Reply:
    if not asked:
        return _bash(LINT)
    kinds = sorted(set(re.findall(r"\bUP\d{3}\b", results[-1])))
    return Reply(text=f"Those of {', '.join(kinds)}, among others.")


def _edited(results: list[str], asked: int) -> Reply:
    steps = (
        _bash(SEARCH),
        Reply(tool_calls=[ToolCall("Read", {"file_path": SOURCE})]),
        Reply(
            tool_calls=[
                ToolCall(
                    "Edit",
                    {
                        "file_path": SOURCE,
                        "old_string": "\nimport ",
                        "new_string": "\nEDITED = True\nimport ",
                    },
                )
            ]
        ),
        Reply(tool_calls=[ToolCall("Read", {"file_path": SOURCE})]),
    )
    if asked < len(steps):
        return steps[asked]
    return Reply(text="Done." if "EDITED = True" in results[-1] else "The edit is missing.")
