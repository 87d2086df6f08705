import json
from pathlib import Path

import pytest

from headroom.agents import Options, Proxy, start_line
from headroom.agents.claude import Claude
from headroom.plans import Machine, PlanError, System

PROXY = Proxy("http://127.0.0.1:8787", ("headroom",), Path("/home/user/headroom.toml"))
HOME = Path("/home/user")


def machine(files=None, system=System.LINUX, environ=None):
    held = {Path(path): json.dumps(said).encode() for path, said in (files or {}).items()}
    return Machine(HOME, system, environ or {}, lambda program: None, held.get)


@pytest.mark.parametrize(
    ("system", "path"),
    [
        (System.LINUX, "/etc/claude-code/managed-settings.json"),
        (System.MACOS, "/Library/Application Support/ClaudeCode/managed-settings.json"),
        (System.WINDOWS, "C:/Program Files/ClaudeCode/managed-settings.json"),
    ],
)
def test_what_an_organization_has_set_is_told_of(system, path):
    managed = {path: {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"}}}
    (said,) = Claude().obstacles(machine(managed, system), PROXY, HOME)
    assert path in said
    assert "https://llm.example.com" in said


def test_a_project_that_leads_past_the_proxy_is_told_of():
    local = {"/work/shop/.claude/settings.local.json": {"env": {"CLAUDE_CODE_USE_VERTEX": "true"}}}
    (said,) = Claude().obstacles(machine(local), PROXY, Path("/work/shop"))
    assert "Vertex AI" in said
    assert Claude().obstacles(machine(local), PROXY, Path("/work/other")) == ()


def test_in_the_home_folder_the_wrapped_settings_are_no_obstacle():
    wrapped = {HOME / ".claude/settings.json": {"env": {"ANTHROPIC_BASE_URL": PROXY.url}}}
    assert Claude().obstacles(machine(wrapped), PROXY, HOME) == ()


def test_settings_without_a_value_are_refused():
    with pytest.raises(PlanError, match="needs a file or JSON"):
        Claude().session(machine(), PROXY, ["-p", "--settings"], Options())


def test_a_gateway_in_the_arguments_is_refused_for_one_run():
    given = '--settings={"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"}}'
    with pytest.raises(PlanError, match="anthropic_upstream"):
        Claude().session(machine(), PROXY, [given], Options())


def test_a_hooks_line_is_one_that_every_shell_of_the_system_reads_alike():
    spaced = Proxy(PROXY.url, ("C:\\My Programs\\headroom.exe",), PROXY.settings_file)
    assert start_line(spaced, System.WINDOWS) == '"C:/My Programs/headroom.exe" proxy start --quiet'
    spaced = Proxy(PROXY.url, ("/opt/my programs/headroom",), PROXY.settings_file)
    assert start_line(spaced, System.LINUX) == "'/opt/my programs/headroom' proxy start --quiet"
