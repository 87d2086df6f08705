"""An agent of one file, on a machine in a temporary folder, with an own port for the proxy."""

import contextlib
import json
import socket
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from headroom import background, settings
from headroom.agents import Options, Session, gateway, once, upstream
from headroom.background.records import Records
from headroom.errors import HeadroomError
from headroom.plans import FileFormat, FilePatch, Machine, Plan, System, change, editing
from headroom.wrapping import Wrapping, users_settings


@dataclass(frozen=True)
class Toy:
    """Its base URL stands under `url` in a JSON file, or nowhere."""

    name: str = "toy"
    title: str = "Toy"
    program: str = "toy"
    client: str = "toy"
    can_be_led: bool = True

    def file(self, machine):
        return machine.home / f".{self.name}.json"

    def is_here(self, machine):
        return machine.exists(self.file(machine))

    def plan(self, machine, proxy, options):
        own = self.registration(machine, proxy) if options.mcp else ()
        if self.can_be_led:
            path = self.file(machine)
            before = editing.value(FileFormat.JSON, machine.read(path), "url")
            step = change("url", to=proxy.url)
            own = (FilePatch(path, FileFormat.JSON, (step,), "its requests"), *own)
            if onward := gateway(machine, proxy, "anthropic", before):
                own = (upstream(proxy, "anthropic", onward), *own)
        providers = ("anthropic",) if self.can_be_led else ()
        return Plan(self.name, self.title, own, notes=("a note",), providers=providers)

    def session(self, machine, proxy, arguments, options):
        said = editing.value(FileFormat.JSON, machine.read(self.file(machine)), "url")
        once.check(machine, proxy, "anthropic", said, self)
        return Session(
            ("--url", proxy.url, *arguments), {"CALLED": str(said), "MCP": str(options.mcp)}
        )

    def registration(self, machine, proxy):
        step = change("tools", to=[*proxy.headroom, "mcp", "serve"])
        return (FilePatch(self.file(machine), FileFormat.JSON, (step,), "its tools"),)

    def obstacles(self, machine, proxy, directory):
        return ("a stone lies there",) if (directory / "stone").exists() else ()


@pytest.fixture
def toy():
    return Toy()


@pytest.fixture
def doll():
    return Toy("doll", "Doll", "doll", "doll")


@pytest.fixture
def machine(tmp_path):
    folder = tmp_path / "user"
    folder.mkdir()

    def which(program):
        return Path("/bin/sh") if program == "toy" else None

    def read(path):
        return path.read_bytes() if path.is_file() else None

    return Machine(folder, System.LINUX, {}, which, read)


@pytest.fixture
def free_port():
    def found():
        with socket.create_server(("127.0.0.1", 0)) as probe:
            return probe.getsockname()[1]

    return found


@pytest.fixture
def port(free_port, home):
    """That of the user's settings file. Proxies that a test has started are ended."""
    number = free_port()
    path = settings.files()[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# mine\n[proxy]\nport = {number} # it is free\n", "utf-8")
    yield number
    path.write_text("", "utf-8")
    environ = {"HEADROOM_HOME": str(home)}
    for known in {number, *Records(home).ports()}:
        with contextlib.suppress(HeadroomError):
            background.stop(settings.load(environ, home, {"port": known}))


@pytest.fixture
def wrapping(machine, port):
    return lambda **given: Wrapping(machine, users_settings(given), given)


@pytest.fixture
def wrap(wrapping):
    """Wraps an agent as the command does."""

    def done(agent, mcp=True, **given):
        found = wrapping(**given)
        return found.wrap(agent, found.plans(agent, Options(mcp=mcp)))

    return done


@pytest.fixture
def url_of(machine):
    def said(agent):
        path = agent.file(machine)
        return json.loads(path.read_bytes()).get("url") if path.exists() else None

    return said


@pytest.fixture
def files(machine):
    """Every file of the user's, settings included, with its bytes."""

    def found():
        paths = [*machine.home.rglob("*"), settings.files()[0]]
        return {path: path.read_bytes() for path in paths if path.is_file()}

    return found


@pytest.fixture
def unled(toy):
    return replace(toy, can_be_led=False)
