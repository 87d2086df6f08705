"""An agent is led to a proxy that runs, or nothing is changed."""

import json
import sys
from dataclasses import replace

import pytest

from headroom import background, settings
from headroom.agents import Options
from headroom.errors import HeadroomError
from headroom.plans import Command, PlanError
from headroom.wrapping import OWN, runner_of, unwrap, users_settings
from other_program import listening


def settings_file():
    return settings.files()[0]


def test_an_agent_is_led_to_a_proxy_that_runs_and_twice_is_once(wrap, toy, url_of, files, port):
    done = wrap(toy)
    assert url_of(toy) == done.proxy.url == f"http://127.0.0.1:{port}"
    assert done.proxy.started
    assert background.find(users_settings({})).process == done.proxy.process
    assert [change.path.name for change in done.changes] == [".toy.json"]
    assert (done.is_here, done.problems, done.notes) == (False, (), ("a note",))
    before = files()
    again = wrap(toy)
    assert (again.changes, again.proxy.started, again.is_here) == ((), False, False)
    assert files() == before


def test_what_stands_in_the_way_is_told(wrap, toy, tmp_path, monkeypatch):
    (tmp_path / "stone").touch()
    monkeypatch.chdir(tmp_path)
    assert wrap(toy).problems == ("a stone lies there",)


def test_where_the_proxy_cannot_be_started_nothing_is_changed(wrap, toy, machine, files, home):
    toy.file(machine).write_bytes(b'// mine\n{"url": "https://gateway.example.org"}')
    home.mkdir()
    (home / "logs").write_text("no folder", "utf-8")
    before = files()
    with pytest.raises(HeadroomError, match=r"cannot write .*\nNothing was changed\.$"):
        wrap(toy, policy="safe")
    assert files() == before
    assert runner_of(users_settings({}).home).applied() == {}


def test_what_a_failed_wrapping_could_not_take_back_is_told(wrap, toy, home):
    class Stubborn(type(toy)):
        def plan(self, *about):
            done = Command((sys.executable, "-c", ""), undo=("no-such-program-here",))
            return replace(super().plan(*about), commands=(done,))

    home.mkdir()
    (home / "logs").write_text("no folder", "utf-8")
    with pytest.raises(HeadroomError) as failed:
        wrap(Stubborn())
    assert "Not all that was changed is taken back:\n`no-such-program-here`" in str(failed.value)
    assert "Nothing was changed" not in str(failed.value)


def test_where_a_second_wrapping_fails_the_first_stays_in_force(
    wrap, toy, files, home, free_port, url_of
):
    first = wrap(toy)
    before = files()
    (home / "logs").rename(home / "elsewhere")
    (home / "logs").write_text("no folder", "utf-8")
    with pytest.raises(HeadroomError, match="Nothing was changed"):
        wrap(toy, mcp=False, port=free_port())
    assert files() == before
    assert background.find(users_settings({})).process == first.proxy.process


def test_a_port_that_another_program_has_is_refused_before_a_file_is_touched(
    wrap, toy, files, port
):
    before = files()
    with listening(port), pytest.raises(HeadroomError, match=f"another program has port {port}"):
        wrap(toy)
    assert files() == before
    assert runner_of(users_settings({}).home).applied() == {}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HEADROOM_PROXY_TOKEN": "s3cr3t"}, "HEADROOM_PROXY_TOKEN is set"),
        ({"HEADROOM_HOST": "0.0.0.0"}, "can be reached from other machines"),
        ({"HEADROOM_HOST": "0.0.0.0", "HEADROOM_PROXY_TOKEN": "s3cr3t"}, "which agents do not"),
    ],
)
def test_a_proxy_that_would_refuse_the_agent_is_none_for_it(
    wrap, toy, url_of, monkeypatch, variables, said
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(HeadroomError, match=said) as caught:
        wrap(toy)
    assert "s3cr3t" not in str(caught.value)
    assert url_of(toy) is None


def test_options_last_and_go_with_the_last_agent(wrap, toy, doll, free_port, files):
    before, other = files(), free_port()
    assert wrap(toy, port=other).proxy.url == f"http://127.0.0.1:{other}"
    wrap(doll)
    wrap(toy, policy="safe")
    chosen = users_settings({})
    assert (chosen.proxy.port, chosen.policy.name) == (other, "safe")
    assert "# it is free" in settings_file().read_text("utf-8")
    runner = runner_of(chosen.home)
    assert [*unwrap(runner, "toy")] == ["toy"]
    assert users_settings({}).proxy.port == other
    assert [*unwrap(runner, "doll")] == ["doll", OWN]
    assert files() == before


def test_an_option_wins_over_the_flag_that_the_running_proxy_was_started_with(wrap, toy):
    background.ensure(users_settings({}), {"policy": "aggressive"})
    done = wrap(toy, policy="safe")
    assert done.proxy.restarted
    assert done.proxy.flags["policy"] == "safe"


def test_a_place_that_only_a_variable_names_is_written_down(
    wrap, toy, url_of, free_port, monkeypatch
):
    other = free_port()
    monkeypatch.setenv("HEADROOM_PORT", str(other))
    wrap(toy)
    monkeypatch.delenv("HEADROOM_PORT")
    assert url_of(toy) == users_settings({}).proxy.url == f"http://127.0.0.1:{other}"


def test_an_option_that_a_variable_would_beat_is_refused(wrap, toy, monkeypatch, url_of):
    monkeypatch.setenv("HEADROOM_PORT", "9123")
    with pytest.raises(PlanError, match=r"HEADROOM_PORT is 9123 here .* leave out --port"):
        wrap(toy, port=9124)
    assert url_of(toy) is None


def test_a_proxy_of_ours_is_no_gateway_of_the_users(
    wrap, wrapping, toy, doll, free_port, url_of, monkeypatch
):
    old = wrap(doll).proxy.url
    wrap(toy)
    new = wrap(toy, port=free_port())
    assert url_of(toy) == new.proxy.url != old
    assert "upstream" not in settings_file().read_text("utf-8")
    assert new.problems == (f"Doll still calls {old}; lead it here too: headroom wrap doll",)
    assert wrap(doll).problems == ()
    assert url_of(doll) == new.proxy.url


def test_a_gateway_of_the_users_stays_where_requests_go(wrap, toy, machine, port):
    gateway = "https://gateway.example.org"
    toy.file(machine).write_text(json.dumps({"url": gateway}), "utf-8")
    background.ensure(users_settings({}), {})
    done = wrap(toy)
    assert done.proxy.restarted
    assert users_settings({}).proxy.upstreams.anthropic == gateway
    assert wrap(toy).changes == ()
    assert users_settings({}).proxy.port == port


def test_an_agent_that_cannot_be_led_gets_its_tools_and_no_proxy(wrap, unled, machine, free_port):
    done = wrap(unled, port=free_port())
    assert done.proxy is None
    assert [change.path for change in done.changes] == [unled.file(machine)]
    assert background.find(users_settings({})) is None


def test_nothing_to_do_is_not_written_down_as_done(wrap, unled, files):
    before = files()
    runner = runner_of(users_settings({}).home)
    assert wrap(unled, mcp=False).changes == ()
    assert runner.applied() == {}
    wrap(unled)
    assert [*runner.applied()] == ["toy"]
    wrap(unled, mcp=False)
    assert runner.applied() == {}
    assert files() == before


def test_without_the_sdk_no_server_is_registered_that_could_not_start(
    wrapping, toy, machine, monkeypatch
):
    monkeypatch.setitem(sys.modules, "mcp", None)
    (plan,) = wrapping().plans(toy, Options())
    assert [step.name for patch in plan.patches for step in patch.changes] == ["url"]
    assert "pip install 'headroom-ai[mcp]'" in plan.notes[-1]
    _, session = wrapping().session(toy, (), Options())
    assert session.environment["MCP"] == "False"


def test_without_the_proxys_packages_that_is_said(wrap, toy, monkeypatch, url_of):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(PlanError, match=r"pip install 'headroom-ai\[proxy\]'"):
        wrap(toy)
    assert url_of(toy) is None


def test_a_projects_settings_neither_steer_nor_hinder(wrap, toy, tmp_path, monkeypatch):
    (tmp_path / "headroom.toml").write_text("nonsense = 1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert wrap(toy).proxy.started


def test_one_run_changes_no_file(wrapping, toy, files):
    before = files()
    program, session = wrapping().session(toy, ("-p", "hi"), Options())
    assert (program.name, session.arguments[2:]) == ("sh", ("-p", "hi"))
    assert wrapping().ready() == ""
    assert background.find(users_settings({})) is not None
    assert files() == before
    assert "with policy balanced" in wrapping(policy="safe").ready()
    assert wrapping(policy="balanced").ready() == ""


def test_one_run_on_another_port_does_not_take_the_wrapped_one_for_a_gateway(
    wrap, wrapping, toy, free_port
):
    url = wrap(toy).proxy.url
    assert wrapping().session(toy, (), Options())[1].environment["CALLED"] == url
    found = wrapping(port=free_port()).session(toy, (), Options())
    assert found[1].environment["CALLED"] == "None"


def test_one_run_needs_the_program_and_starts_nothing_without(wrapping, doll, toy):
    for agent in (doll, replace(toy, program="")):
        with pytest.raises(PlanError, match="was not found on the PATH"):
            wrapping().session(agent, (), Options())
    assert background.find(users_settings({})) is None
