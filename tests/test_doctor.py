"""What the doctor finds, and what it says to do about it."""

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from headroom import __version__, service, settings
from headroom.agents import AGENTS, Options, Proxy
from headroom.counting import Exchange, Tally
from headroom.doctor import Doctor, State
from headroom.plans import Machine, Plan, System
from headroom.proxy.sessions import agent_of
from headroom.trials import Trip, switch_file
from headroom.trials.losses import LEDGER, Loss
from headroom.trials.session_costs import Group
from headroom.wire._api import Usage
from headroom.wrapping import headroom_argv, runner_of
from other_program import listening

ARE = {agent.name: agent for agent in AGENTS}
SENT = {
    "claude": {"user-agent": "claude-cli/2.1.330 (external, cli)"},
    "codex": {"user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64)"},
    "copilot": {"user-agent": "Anthropic/JS 0.94.0", "x-initiator": "agent"},
    "opencode": {"user-agent": "opencode/1.18.33 ai-sdk/provider-utils/3.0.17"},
    "gemini": {"user-agent": "GeminiCLI/0.61.0/gemini-3-pro (linux; x64)"},
}


@dataclass
class Patient:
    """A user with agents, whose proxy would be on `port`."""

    home: Path
    user: Path
    port: int
    environ: dict[str, str] = field(default_factory=dict)
    little_disk: int = 1

    @property
    def chosen(self):
        return settings.load({"HEADROOM_HOME": str(self.home), **self.environ}, self.home)

    @property
    def runner(self):
        return runner_of(self.chosen.home)

    @property
    def machine(self):
        def which(program):
            return Path("/bin/sh") if program == "claude" else None

        def read(path):
            return path.read_bytes() if path.is_file() else None

        return Machine(self.user, System.LINUX, self.environ, which, read)

    @property
    def proxy(self):
        file = settings.files()[0]
        return Proxy(self.chosen.proxy.url, headroom_argv(self.machine), file)

    def looked(self):
        doctor = Doctor(self.machine, self.chosen, self.proxy, self.user, self.little_disk)
        return doctor.look()

    def found(self, about):
        (one,) = [finding for finding in self.looked() if finding.about == about]
        return one

    def wrap(self, name="claude"):
        plan = ARE[name].plan(self.machine, self.proxy, Options())
        self.runner.apply(plan)
        return plan

    def count(self, **said):
        tally = Tally(self.home)
        tally.add(Exchange(**{"time": time.time(), "status": 200, **said}))
        tally.close()


@pytest.fixture
def patient(home, tmp_path, monkeypatch):
    for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path = settings.files()[0]
    path.parent.mkdir(parents=True)
    path.write_text(f"[proxy]\nport = {port}\n", "utf-8")
    (tmp_path / "user").mkdir()
    return Patient(home, tmp_path / "user", port)


def said(finding):
    return finding.state, finding.mend


def test_a_fresh_machine_is_told_what_to_start_with_and_nothing_is_made(patient):
    found = {finding.about: finding for finding in patient.looked()}
    assert said(found[f"proxy on {patient.port}"]) == (State.BAD, "headroom proxy start")
    assert said(found["service"]) == (State.INFO, "headroom service install")
    assert said(found["Claude Code"]) == (State.INFO, "headroom wrap claude")
    assert "Codex" not in found
    assert found["store"].says.startswith("nothing is kept yet")
    good = {name for name, finding in found.items() if finding.state is State.GOOD}
    assert good == {"versions", "store", "conflicts"}
    assert not patient.home.exists()


def test_what_is_not_installed_is_said(patient, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert "without the extras mcp" in patient.found("versions").says
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    bad = (State.BAD, "pip install 'headroom-ai[proxy]'")
    assert said(patient.found("versions")) == bad


def test_another_program_on_the_port_is_not_taken_for_the_proxy(patient):
    with listening(patient.port):
        found = patient.found(f"proxy on {patient.port}")
    assert found.state is State.BAD
    assert "another program has port" in found.says


def test_a_proxy_of_this_version_is_well_and_an_older_one_is_not(patient):
    about = f"proxy on {patient.port}"
    with listening(patient.port, {"version": __version__, "process": 7}):
        found = patient.found(about)
        assert found.state is State.GOOD
        assert f"version {__version__}, process 7" in found.says
    with listening(patient.port, {"version": "0.0.1", "process": 7}):
        found = patient.found(about)
        assert said(found) == (State.WARNING, "headroom proxy start")
        assert "outdated" in found.says


def test_what_the_proxy_complains_of_is_passed_on(patient):
    health = {"version": __version__, "process": 7, "problems": ["the disk is full"]}
    with listening(patient.port, health):
        told = [f for f in patient.looked() if f.about == f"proxy on {patient.port}"]
    assert [(finding.state, finding.says) for finding in told[1:]] == [
        (State.WARNING, "the disk is full")
    ]


def test_an_agent_is_only_well_when_its_requests_came_since_it_was_wrapped(patient):
    patient.count(agent="claude-code", time=time.time() - 3_600)
    patient.wrap()
    found = patient.found("Claude Code")
    assert said(found) == (State.INFO, "run claude")
    assert found.says == "wrapped just now, and no request came through since"
    patient.count(agent="codex")
    assert patient.found("Claude Code").state is State.INFO
    patient.count(agent="claude-code")
    found = patient.found("Claude Code")
    assert (found.state, found.says) == (State.GOOD, "wrapped, its last request just now")


@pytest.mark.parametrize("name", SENT)
def test_an_agents_requests_are_counted_under_the_name_that_is_looked_for(name):
    assert agent_of(SENT[name]) == ARE[name].client


def test_of_an_agent_whose_requests_carry_no_name_only_the_wrapping_is_told(patient):
    patient.wrap("aider")
    patient.count(agent="litellm")
    found = patient.found("aider")
    assert said(found) == (State.INFO, "")
    assert found.says == "wrapped; its requests carry no name of their own"


def test_an_agent_whose_files_were_changed_since_is_to_be_wrapped_again(patient):
    (path, *_) = [patch.path for patch in patient.wrap().patches]
    path.write_text("{}", "utf-8")
    found = patient.found("Claude Code")
    assert said(found) == (State.WARNING, "headroom wrap claude")
    assert "changed since" in found.says


def test_an_agent_that_calls_another_port_is_to_be_wrapped_again(patient):
    patient.wrap()
    old = patient.proxy.url
    settings.files()[0].write_text("[proxy]\nport = 1\n", "utf-8")
    found = patient.found("Claude Code")
    assert said(found) == (State.WARNING, "headroom wrap claude")
    assert found.says == f"wrapped for {old}, and the proxy's place is http://127.0.0.1:1"


def test_what_leads_an_agent_elsewhere_is_told_with_it(patient):
    project = patient.user / ".claude" / "settings.local.json"
    patient.wrap()
    project.write_text('{"env": {"ANTHROPIC_BASE_URL": "https://example.org"}}', "utf-8")
    told = [finding for finding in patient.looked() if finding.about == "Claude Code"]
    assert told[1].state is State.WARNING
    assert "https://example.org" in told[1].says


def test_a_token_shuts_wrapped_agents_out(patient):
    patient.wrap()
    patient.environ["HEADROOM_PROXY_TOKEN"] = "s3cr3t"
    assert said(patient.found("Claude Code")) == (State.WARNING, "unset HEADROOM_PROXY_TOKEN")


def test_an_agent_that_has_only_tools_is_not_said_to_be_led(patient):
    agent = ARE["claude"]
    patches = agent.registration(patient.machine, patient.proxy)
    patient.runner.apply(Plan(agent.name, agent.title, patches))
    found = patient.found("Claude Code")
    assert found.state is State.GOOD
    assert "go as before" in found.says


def test_a_service_in_force_is_seen(patient):
    patient.runner.apply(Plan(service.NAME, "The service"))
    assert said(patient.found("service")) == (State.GOOD, "")


@pytest.mark.parametrize(
    ("broken", "about", "words"),
    [
        ("changes/journal.json", "agents", "cannot be read"),
        ("store.db", "store", "store.db"),
        ("counts.db", "provider's cache", "the counts in"),
    ],
)
def test_what_is_broken_hides_nothing_else(patient, broken, about, words):
    patient.wrap()
    path = patient.home / broken
    path.write_bytes(b"\x00 no database, no JSON" * 400)
    told = patient.looked()
    bad = [finding for finding in told if finding.state is State.BAD]
    assert [finding.about for finding in bad] == [f"proxy on {patient.port}", about]
    assert words in bad[-1].says
    assert told[-1].about == "conflicts"


def test_little_disk_is_a_warning(patient):
    patient.little_disk = 10**18
    found = patient.found("store")
    assert found.state is State.WARNING
    assert "free disk space" in found.mend


def test_a_cache_that_is_hardly_read_is_a_warning_once_there_were_enough_requests(patient):
    about = "provider's cache"
    assert patient.found(about).state is State.INFO
    patient.count(usage=Usage(fresh=90, cache_read=10))
    assert (patient.found(about).state, patient.found(about).says[:3]) == (State.GOOD, "10%")
    for _ in range(20):
        patient.count(usage=Usage(fresh=90, cache_read=10))
    assert said(patient.found(about)) == (State.WARNING, "headroom stats --by agent")


def test_what_the_kill_switch_turned_off_is_told_with_how_to_turn_it_on(patient):
    assert not any(finding.about == "kill switch" for finding in patient.looked())
    trip = Trip(Loss(Group("codex", "gpt-5.5"), LEDGER, 0.2, 45), time.time())
    with switch_file.changing(patient.home / switch_file.FILE_NAME) as connection:
        switch_file.switch_off(connection, [trip], switch_file.State())
    found = patient.found("kill switch")
    assert said(found) == (State.WARNING, "headroom holdout resume")
    assert "codex with gpt-5.5: 45 sessions cost 20 % more" in found.says


def test_a_variable_that_points_at_another_program_here_is_a_conflict(patient):
    patient.environ["OPENAI_BASE_URL"] = f"{patient.proxy.url}/v1"
    assert patient.found("conflicts").state is State.GOOD
    patient.environ["ANTHROPIC_BASE_URL"] = "http://localhost:4000"
    assert said(patient.found("conflicts")) == (State.WARNING, "unset ANTHROPIC_BASE_URL")


def run(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "headroom", "doctor", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_shows_what_to_do_and_its_exit_code_says_whether_there_is_something(
    patient, tmp_path
):
    own = {"HOME": str(patient.user), "PATH": str(tmp_path)}
    done = run(**own)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("✗ proxy on"))
    assert lines[at].endswith(f"none runs at http://127.0.0.1:{patient.port}")
    assert re.fullmatch(r" +→ headroom proxy start", lines[at + 1])
    with listening(patient.port, {"version": __version__, "process": 7}):
        assert run(**own).returncode == 0
        found = run("--json", **own)
    assert found.returncode == 0
    assert '"state": "good"' in found.stdout
