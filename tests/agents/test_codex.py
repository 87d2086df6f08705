import sys
from pathlib import Path

import pytest

from headroom.agents import Options, Proxy
from headroom.agents.codex import Codex
from headroom.plans import Machine, System

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROXY = Proxy("http://127.0.0.1:8787", ("C:\\a b\\headroom.exe",), Path("/home/user/headroom.toml"))
HOME = Path("/home/user")


def machine(files=None, system=System.LINUX):
    held = {Path(path): text.encode() for path, text in (files or {}).items()}
    return Machine(HOME, system, {}, lambda program: None, held.get)


def test_what_it_is_told_on_its_command_line_is_toml():
    arguments = Codex().session(machine(), PROXY, ["exec", "-c", "x=1"], Options()).arguments
    told = "\n".join(arguments[1:-3:2])
    assert set(arguments[:-3:2]) == {"-c"}
    assert arguments[-3:] == ("exec", "-c", "x=1")
    assert tomllib.loads(told) == {
        "openai_base_url": "http://127.0.0.1:8787/v1",
        "mcp_servers": {"headroom": {"command": "C:\\a b\\headroom.exe", "args": ["mcp", "serve"]}},
    }


def test_what_an_organization_has_set_is_told_of():
    managed = {"/etc/codex/managed_config.toml": 'openai_base_url = "https://llm.example.com/v1"'}
    (said,) = Codex().obstacles(machine(managed), PROXY, HOME)
    assert "https://llm.example.com/v1" in said
    assert Codex().obstacles(machine(managed, System.WINDOWS), PROXY, HOME) == ()


@pytest.mark.parametrize(
    "arguments", [["-p", "team"], ["--profile", "team"], ["--profile=team"], ["exec", "-p", "team"]]
)
def test_a_run_with_a_profile_leads_the_profiles_provider(arguments):
    files = {
        HOME / ".codex/config.toml": '[model_providers.team]\nname = "Team"\n',
        HOME / ".codex/team.config.toml": 'model_provider = "team"\n',
    }
    words = Codex().session(machine(files), PROXY, arguments, Options(mcp=False)).arguments
    assert words[1] == 'model_providers.team.base_url="http://127.0.0.1:8787/v1"'


@pytest.mark.parametrize("arguments", [["-p"], ["exec", "--", "-p", "team"], []])
def test_without_a_profile_its_own_provider_is_led(arguments):
    words = Codex().session(machine(), PROXY, arguments, Options(mcp=False)).arguments
    assert words[1] == 'openai_base_url="http://127.0.0.1:8787/v1"'
