"""What the agents look at: a log, one line of which is the fact that is asked for; and how somebody
is placed before it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness import Turns, User, asked, somebody

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, Request, ToolCall

FACT = "job 83755 took 18 ms"
_WHEN = "10:03:20"
SHOW = """
for at in range({lines}):
    time = f"2026-03-01 10:{{at // 60:02}}:{{at % 60:02}}"
    print(f"{{time}} INFO worker-{{at % 7}} job {{at * 7919 % 100_003}} took {{at % 91}} ms")
raise SystemExit({code})
"""

Script = Reply | Callable[[Request], Reply]


def show_in(user: User, lines: int = 400, code: int = 0) -> None:
    """Puts `show.py`, which prints the log, into somebody's project."""
    (user.project / "show.py").write_text(SHOW.format(lines=lines, code=code), "utf-8")


@contextmanager
def before_a_model(
    folder: Path, program: Path, file: str, content: str
) -> Iterator[Callable[..., tuple[User, Turns]]]:
    """Gives somebody with an agent and this file, before a model that says what it is called
    with; and what the model was asked."""
    with ExitStack() as opened:

        def begin(*replies: Script) -> tuple[User, Turns]:
            upstream, turns = opened.enter_context(asked(replies))
            user = opened.enter_context(somebody(folder, upstream, program))
            show_in(user)
            user.write(file, content)
            return user, turns

        yield begin


def fact_of(request: Request) -> Reply:
    """What a model says that looks for the fact in what it was shown last."""
    return Reply(text=f"Found: {FACT}." if FACT in request.results[-1] else "It is not shown.")


def retrieval(name: str = TOOL_NAME) -> Callable[[Request], Reply]:
    """What a model says that asks for what was left out of the last result."""

    def said(request: Request) -> Reply:
        hidden = omissions(request.results[-1])
        wanted = {"ref": hidden[0].ref, "match": _WHEN} if hidden else {"ref": "none"}
        return Reply(tool_calls=[ToolCall(name, wanted)])

    return said


def as_it_was(user: User, before: dict[str, bytes]) -> bool:
    """Whether every file that there was has the bytes it had."""
    after = user.files()
    return {name: after.get(name) for name in before} == before


def wrapped_behind_a_corporate_proxy(user: User, agent: str) -> dict[str, str]:
    """The variables of a proxy that nobody answers at, in force when the agent was wrapped; our
    own proxy was started without them."""
    nobody = "http://127.0.0.1:9"
    corporate = {"HTTP_PROXY": nobody, "HTTPS_PROXY": nobody, "no_proxy": "intern.example"}
    user.environ |= corporate
    user.wrap(agent)
    user.headroom("proxy", "stop")
    for name in corporate:
        del user.environ[name]
    user.headroom("proxy", "start")
    return corporate
