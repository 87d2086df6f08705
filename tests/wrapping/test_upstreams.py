"""No agent's key reaches the gateway of another: the proxy has one upstream of each provider."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from headroom import background, settings
from headroom.agents import AGENTS, Options, upstream
from headroom.plans import PlanError
from headroom.wrapping import runner_of, unwrap, users_settings

GATEWAY = "https://gateway.example.org"
ARE = {agent.name: agent for agent in AGENTS}
ONE_RUN = Options(mcp=False, hook=False, model="claude-sonnet-4-5")


@pytest.fixture
def calls(machine):
    """Has a toy call a gateway."""

    def done(agent, url=GATEWAY):
        agent.file(machine).write_text(json.dumps({"url": url}), "utf-8")

    return done


def runner():
    return runner_of(users_settings({}).home)


def onward(provider="anthropic"):
    return getattr(users_settings({}).proxy.upstreams, provider)


def test_agents_with_different_gateways_cannot_share_the_proxy(wrap, toy, doll, calls, files):
    calls(toy)
    calls(doll, "https://doll.example.org")
    wrap(toy)
    before = files()
    said = (
        f"Doll calls https://doll.example.org, and Toy, which is wrapped, {GATEWAY}\\. .*"
        r"anthropic_upstream .*headroom unwrap toy.*same gateway.*leave Doll unwrapped"
    )
    with pytest.raises(PlanError, match=said):
        wrap(doll)
    assert files() == before


def test_an_agent_of_the_provider_itself_does_not_follow_anothers_gateway(
    wrap, toy, doll, calls, files, url_of
):
    calls(toy)
    wrap(toy)
    before = files()
    said = f"Doll calls the API of anthropic itself, and Toy, which is wrapped, {GATEWAY}"
    with pytest.raises(PlanError, match=said):
        wrap(doll)
    assert files() == before
    unwrap(runner(), "toy")
    assert wrap(doll).proxy.restarted, "the one that runs still goes on to the gateway"
    assert not wrap(doll).proxy.restarted
    assert url_of(doll) == users_settings({}).proxy.url
    assert onward() == "https://api.anthropic.com"


def test_a_gateway_does_not_get_the_keys_of_who_is_wrapped_already(
    wrap, toy, doll, calls, files, url_of
):
    wrap(doll)
    calls(toy)
    before = files()
    said = (
        f"Toy calls {GATEWAY}, and Doll, which is wrapped, the API of anthropic itself.*unwrap doll"
    )
    with pytest.raises(PlanError, match=said):
        wrap(toy)
    assert files() == before
    unwrap(runner(), "doll")
    wrap(toy)
    assert onward() == GATEWAY


def test_agents_of_one_gateway_share_it_until_the_last_is_taken_back(wrap, toy, doll, calls, files):
    calls(toy)
    calls(doll)
    before = files()
    wrap(toy)
    wrap(doll)
    assert wrap(toy).changes == wrap(doll).changes == ()
    unwrap(runner(), "toy")
    assert onward() == GATEWAY
    unwrap(runner(), "doll")
    assert files() == before


def test_an_upstream_that_the_user_has_written_is_for_all(wrap, toy, doll, files):
    path = settings.files()[0]
    path.write_text(path.read_text("utf-8") + f'anthropic_upstream = "{GATEWAY}"\n', "utf-8")
    before = files()
    wrap(toy)
    wrap(doll)
    assert onward() == GATEWAY
    unwrap(runner(), None)
    assert files() == before


def test_one_that_he_writes_later_is_no_conflict_either(wrap, toy, doll):
    wrap(toy)
    path = settings.files()[0]
    path.write_text(path.read_text("utf-8") + f'anthropic_upstream = "{GATEWAY}"\n', "utf-8")
    wrap(doll)
    wrap(toy)
    assert onward() == GATEWAY


def test_a_broken_file_of_one_agent_keeps_no_other_from_being_wrapped(
    wrap, toy, doll, machine, url_of
):
    wrap(toy)
    toy.file(machine).write_text("{ broken", "utf-8")
    assert url_of(doll) is None
    wrap(doll)
    assert url_of(doll) == users_settings({}).proxy.url


def test_one_run_is_refused_where_the_proxy_goes_to_anothers_gateway(
    wrap, wrapping, toy, doll, calls
):
    calls(doll)
    wrap(doll)
    said = (
        f"Toy calls the API of anthropic itself, .* {GATEWAY}, for Doll: the key would reach .*"
        r"headroom unwrap doll"
    )
    with pytest.raises(PlanError, match=said):
        wrapping().session(toy, (), Options())
    calls(toy)
    wrapping().session(toy, (), Options())
    wrap(toy)
    wrapping().session(toy, (), Options())


def test_one_run_does_not_meet_a_proxy_that_still_goes_to_the_gateway_of_before(
    wrap, wrapping, toy, doll, calls
):
    calls(doll)
    old = wrap(doll).proxy.process
    unwrap(runner(), "doll")
    wrapping().session(toy, (), Options())
    wrapping().ready()
    new = background.find(users_settings({})).process
    assert new != old
    wrapping().ready()
    assert background.find(users_settings({})).process == new


def test_nor_where_the_settings_file_went_with_the_agent(wrapping, toy, port, calls, monkeypatch):
    settings.files()[0].unlink()
    monkeypatch.setenv("HEADROOM_PORT", str(port))
    calls(toy)
    found = wrapping()
    found.runner.apply(found.plans(toy, Options())[-1])
    found.ready()
    old = background.find(users_settings({})).process
    unwrap(runner(), "toy")
    assert not settings.files()[0].exists()
    wrapping().ready()
    assert background.find(users_settings({})).process != old


def somebody(machine, **environ):
    """The machine of someone with every program, keys and a Gemini login."""
    path = machine.home / ".gemini" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"security": {"auth": {"selectedType": "gemini-api-key"}}}', "utf-8")
    keys = {"ANTHROPIC_API_KEY": "sk-none", "OPENAI_API_KEY": "sk-none", "GEMINI_API_KEY": "none"}
    return replace(machine, environ={**keys, **environ}, which=lambda program: Path("/bin/sh"))


THROUGH = {
    "anthropic": ("claude", "aider", "opencode", "copilot"),
    "openai": ("codex", "aider", "opencode"),
    "chatgpt": ("codex",),
    "gemini": ("gemini", "aider", "opencode"),
    "bedrock": (),
}
EACH = pytest.mark.parametrize(
    ("provider", "name"),
    [(provider, name) for provider in THROUGH for name in sorted({*sum(THROUGH.values(), ())})],
)


@pytest.fixture
def foreign(wrapping, machine, doll):
    """The proxy goes on to the gateway of Doll, whose provider is the one given."""

    def done(provider):
        found = replace(wrapping(), machine=somebody(machine))
        plan = found.plans(doll, Options())[-1]
        patches = (*plan.patches, upstream(found.proxy, provider, GATEWAY))
        found.runner.apply(replace(plan, patches=patches, providers=(provider,)))
        return found

    return done


@EACH
def test_every_agent_is_kept_from_anothers_gateway_and_from_no_other(foreign, provider, name):
    found = foreign(provider)
    deeds = (found.plans, lambda agent, options: found.session(agent, (), options))
    for deed in deeds:
        if name in THROUGH[provider]:
            with pytest.raises(PlanError, match=f"{provider} itself.*headroom unwrap doll"):
                deed(ARE[name], ONE_RUN)
        else:
            deed(ARE[name], ONE_RUN)


def test_wrapping_again_in_a_shell_that_has_our_variables_is_wrapping_once(wrapping, machine):
    own = {"SHELL": "/bin/bash", "COPILOT_MODEL": "gpt-5.5"}

    def plans(url):
        shell = somebody(machine, COPILOT_PROVIDER_BASE_URL=url, **own)
        found = replace(wrapping(), machine=shell)
        return found, found.plans(ARE["copilot"], Options())[-1]

    found, first = plans(f"{GATEWAY}/v1")
    found.runner.apply(first)
    assert plans(found.proxy.openai)[1].patches == first.patches
    assert onward("openai") == f"{GATEWAY}/v1"
