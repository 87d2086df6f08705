"""Real agents, each in a home folder of its own, before the scripted upstream.

An agent is installed from its registry into the folder that HEADROOM_CLIENTS_DIR names (it stays
there), else into a temporary one. Nothing but this machine is called when it runs: its key is no
key, and its upstream is a script.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripted_upstream import Reply, Request, Upstream, in_thread

NPM = {
    "claude": "@anthropic-ai/claude-code@2.1.197",
    "codex": "@openai/codex@0.169.0",
    "copilot": "@github/copilot@1.0.102",
    "gemini": "@google/gemini-cli@0.61.0",
    "opencode": "opencode-ai@1.18.33",
}
PYPI = {"aider": "aider-chat==0.86.2"}
INSTALLS_WITHIN = 900.0
ANSWERS_WITHIN = 120.0
_BIN = Path(sys.executable).parent


def installed(folder: Path, program: str) -> Path:
    """The program in this folder, installed there if it is not; skips where it cannot be had."""
    if program in PYPI:
        return _from_pypi(folder / program, program)
    found = folder / "node_modules" / ".bin" / program
    if not found.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip(f"npm, which installs {program}, is not installed")
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        _install([npm, "install", *quiet, "--prefix", str(folder), NPM[program]])
    return found


def _from_pypi(folder: Path, program: str) -> Path:
    found = folder / "bin" / program
    if not found.exists():
        _install([sys.executable, "-m", "venv", str(folder)])
        _install([str(folder / "bin" / "pip"), "install", "--quiet", PYPI[program]])
    return found


def _install(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALLS_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"`{command[-1]}` was not installed within {INSTALLS_WITHIN:.0f} s")
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        pytest.skip(f"`{command[-1]}` cannot be installed: {said[-1] if said else 'no reason'}")


@dataclass(slots=True)
class Turns:
    """The model: `replies` in their order, for the requests that bring the agent's tools; a word
    for others, such as those for a title. A reply may be a function of the request."""

    replies: Sequence[Reply | Callable[[Request], Reply]]
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if not brings_tools(request):
            return Reply(text="A title")
        self.asked.append(request)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        return reply(request) if callable(reply) else reply


def brings_tools(request: Request) -> bool:
    """Whether this is a request of the agent's loop."""
    items = request.json.get("input") if isinstance(request.json, dict) else None
    items = items if isinstance(items, list) else []
    continued = bool(request.json.get("previous_response_id"))
    return (
        continued or bool(request.tools) or any(i.get("type") == "additional_tools" for i in items)
    )


@dataclass(slots=True)
class User:
    """Somebody's home folder, with a project and an own port for the proxy. `environ` is all that
    the programs run with."""

    home: Path
    project: Path
    port: int
    environ: dict[str, str]
    bin: Path = _BIN

    @property
    def url(self) -> str:
        """Where the proxy is, or will be."""
        return f"http://127.0.0.1:{self.port}"

    def run(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """A program as the user would run it, without a terminal; killed if it does not end."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.project,
            env={**self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWERS_WITHIN,
            check=False,
        )

    def headroom(self, *arguments: str) -> str:
        """What `headroom` prints; it must succeed."""
        done = self.run(self.bin / "headroom", *arguments)
        assert done.returncode == 0, f"headroom {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def wrap(self, agent: str, *options: str) -> str:
        """`headroom wrap AGENT`."""
        return self.headroom("wrap", agent, *options)

    def unwrap(self, agent: str) -> str:
        """`headroom unwrap AGENT`."""
        return self.headroom("unwrap", agent)

    def write(self, name: str, text: str) -> Path:
        """A file of the home folder."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def files(self) -> dict[str, bytes]:
        """Every file of the home folder with its bytes."""
        return {
            path.relative_to(self.home).as_posix(): path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_symlink()
        }

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line typed into a new shell, which reads the user's profile."""
        return self.run("/bin/bash", "-i", "-c", line)


@contextmanager
def somebody(folder: Path, upstream: Upstream, *programs: Path) -> Iterator[User]:
    """A user whose proxy will call `upstream`, with these programs on the PATH. Whatever proxy
    was started is ended."""
    home, project = folder / "somebody", folder / "somebody" / "project"
    project.mkdir(parents=True)
    port = free_port()
    path = [*dict.fromkeys(str(program.parent) for program in programs), str(_BIN)]
    environ = {
        "HOME": str(home),
        "PATH": os.pathsep.join([*path, "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "USER": "somebody",
        "SHELL": "/bin/bash",
        "HEADROOM_PORT": str(port),
        "HEADROOM_DEADLINE_MS": "5000",  # the same edits on a machine that is busy
    }
    for name in ("ANTHROPIC", "OPENAI", "CHATGPT", "GEMINI", "BEDROCK"):
        environ[f"HEADROOM_{name}_UPSTREAM"] = upstream.url
    user = User(home, project, port, environ)
    user.run("git", "init", "--quiet")
    try:
        yield user
    finally:
        user.run(user.bin / "headroom", "proxy", "stop")
        _end_what_is_left(home)


@contextmanager
def asked(
    replies: Sequence[Reply | Callable[[Request], Reply]],
) -> Iterator[tuple[Upstream, Turns]]:
    """The scripted upstream whose model says this."""
    turns = Turns(replies)
    with in_thread(turns) as upstream:
        yield upstream, turns


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _end_what_is_left(home: Path) -> None:
    """End the processes that run with this home folder, which has no other user."""
    mark = f"HOME={home}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def texts(value: Any) -> str:
    """All strings in a JSON value, a line each."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(map(texts, value.values()))
    return "\n".join(map(texts, value)) if isinstance(value, list) else ""
