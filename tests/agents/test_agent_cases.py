"""What wrapping an agent does to a home folder, as golden cases.

A case is a folder `tests/cases/agents/AGENT/CASE` with the machine (`machine.toml`), the home
folder before (`before/`), the plan (`plan.json`) and the home folder after it (`after/`). In all
of them the home folder is called `/home/user`; `--update` rewrites the last two. machine.toml:

    system = "linux"          # or macos, windows
    programs = ["claude"]     # what is installed
    arguments = ["-p", "hi"]  # also show one run with these
    [environ]                 # the variables
    [options]                 # mcp, hook, model
    [links]                   # file = what it links to, below the home folder
    [modes]                   # file = its mode, octal
"""

import json
import os
import shutil
import stat
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from headroom.agents import AGENTS, Options, Proxy
from headroom.plans import Machine, PlanError, Runner, System

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent.parent / "cases" / "agents"
HOME = "/home/user"
KNOWN = {"system", "programs", "arguments", "environ", "options", "links", "modes"}
BY_NAME = {agent.name: agent for agent in AGENTS}


def found():
    return sorted(path.parent for path in CASES.glob("*/*/machine.toml"))


EACH = pytest.mark.parametrize(
    "folder", found(), ids=lambda path: f"{path.parent.name}/{path.name}"
)


@dataclass
class Case:
    """A case in a home folder of its own."""

    folder: Path
    home: Path
    about: dict

    def __post_init__(self):
        assert set(self.about) <= KNOWN, "machine.toml holds what nobody reads"
        self.agent = BY_NAME[self.folder.parent.name]
        self.runner = Runner(self.home.parent / "changes")
        self.home.mkdir()
        for name, content in tree(self.folder / "before").items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.replace(HOME.encode(), self.home.as_posix().encode()))
        for name, target in self.about.get("links", {}).items():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            (self.home / name).symlink_to(self.home / target)
        for name, mode in self.about.get("modes", {}).items():
            (self.home / name).chmod(int(mode, 8))

    @property
    def machine(self):
        environ = {key: self.here(said) for key, said in self.about.get("environ", {}).items()}

        def which(program):
            installed = program in self.about.get("programs", ())
            return Path("/usr/local/bin", program) if installed else None

        def read(path):
            try:
                return path.read_bytes()
            except OSError:
                return None

        return Machine(self.home, System(self.about.get("system", "linux")), environ, which, read)

    @property
    def proxy(self):
        settings = self.home / ".config/headroom/headroom.toml"
        return Proxy("http://127.0.0.1:8787", ("/usr/local/bin/headroom",), settings)

    @property
    def options(self):
        return Options(**self.about.get("options", {}))

    @property
    def plan(self):
        return self.agent.plan(self.machine, self.proxy, self.options)

    @property
    def patches(self):
        """The plan without its commands, which are not for a test to run."""
        return replace(self.plan, commands=())

    def here(self, text):
        return text.replace(HOME, self.home.as_posix())

    def files(self):
        """Every file of the home folder: its bytes as a case names the folder, its mode and what
        it links to."""
        return {
            name: (
                content.replace(self.home.as_posix().encode(), HOME.encode()),
                stat.S_IMODE((self.home / name).stat().st_mode),
                os.readlink(self.home / name) if (self.home / name).is_symlink() else "",
            )
            for name, content in tree(self.home).items()
        }

    def said(self):
        """All that the agent says of the machine, as JSON."""
        said = {"is_here": self.agent.is_here(self.machine)}
        try:
            plan = self.plan
            said |= {
                "title": plan.title,
                "patches": [self.spelled(patch) for patch in plan.patches],
                "commands": [" ".join(command.argv) for command in plan.commands],
                "providers": plan.providers,
                "notes": plan.notes,
            }
            self.runner.preview(self.patches)
        except PlanError as error:
            said["refused"] = str(error)
        project = self.home / "project"
        said["obstacles"] = self.agent.obstacles(self.machine, self.proxy, project)
        if "arguments" in self.about:
            said["session"] = self.session()
        text = json.dumps(said, indent=2, ensure_ascii=False)
        return text.replace(self.home.as_posix(), HOME) + "\n"

    def session(self):
        arguments = [self.here(argument) for argument in self.about["arguments"]]
        try:
            session = self.agent.session(self.machine, self.proxy, arguments, self.options)
        except PlanError as error:
            return str(error)
        return {
            "arguments": session.arguments,
            "environment": dict(session.environment),
            "notes": session.notes,
        }

    def spelled(self, patch):
        changes = {
            f"{'append to' if change.append else 'set'} {change.name}": change.value
            for change in patch.changes
        }
        path = patch.path.relative_to(self.home).as_posix()
        return {"file": path, "format": patch.format.value, "changes": changes, "why": patch.why}

    def apply(self):
        """What came of it, empty if the plan is refused as a whole."""
        try:
            return asdict(self.runner.apply(self.patches))
        except PlanError:
            return {}


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def case(folder, tmp_path):
    about = tomllib.loads((folder / "machine.toml").read_text("utf-8"))
    return Case(folder, tmp_path / "somebody", about)


def rewrite(folder, plan, after):
    (folder / "plan.json").write_bytes(plan)
    shutil.rmtree(folder / "after", ignore_errors=True)
    for name, content in after.items():
        path = folder / "after" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_every_agent_has_cases():
    assert {folder.parent.name for folder in found()} == set(BY_NAME)


@EACH
def test_an_agent_plans_this_and_the_files_are_then_these(case, folder, request):
    said = case.said().encode()
    before = case.files()
    case.apply()
    after = {name: content for name, (content, _, _) in case.files().items()}
    if request.config.getoption("--update"):
        rewrite(folder, said, after)
    assert said.decode() == (folder / "plan.json").read_text("utf-8")
    assert after == tree(folder / "after")
    for name, (_, mode, link) in case.files().items():
        if name in before:
            assert (mode, link) == before[name][1:], f"{name} is another kind of file now"


@EACH
def test_wrapping_twice_is_wrapping_once(case):
    case.apply()
    once = case.files()
    said = case.said()
    assert not any(
        change["before"] != change["after"] for change in case.apply().get("changes", ())
    )
    assert case.files() == once
    assert case.said() == said


@EACH
def test_unwrapping_leaves_every_file_as_it_was(case):
    before, folders = case.files(), sorted(case.home.rglob("*"))
    if not case.apply():
        assert case.files() == before
        return
    outcome = case.runner.revert(case.plan.name)
    assert outcome.problems == []
    assert case.files() == before
    assert sorted(case.home.rglob("*")) == folders
