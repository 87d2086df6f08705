"""Sessions that pass as they came: a holdout's, and those of whom compression was switched off."""

import sqlite3
import time
from collections import Counter

import pytest
from acting import Agent, compact, using
from click.testing import CliRunner
from dialects import DIALECTS
from scenes import assert_stable, scene
from socket_client import connection

from headroom.cli.holdout import holdout
from headroom.markers import TOOL_NAME
from headroom.trials import COMPRESSED, HELD_OUT, SWITCHED_OFF, arm_of, switch_file
from headroom.trials.losses import LEDGER, Loss
from headroom.trials.session_costs import Group
from scripted_upstream import Reply

MESSAGES = DIALECTS["anthropic_messages"]
CLAUDE = "claude-cli/2.0.1 (external, cli)"
GROUP = Group("claude-code", "claude-opus-5-5")
every_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)


def reads_once(request):
    """Whoever asks, the model reads a log first."""
    return Reply(text="It is long.") if request.results else using("read_log")


class Session(Agent):
    """A named session that knows what it has sent."""

    def __init__(self, url, name, dialect=MESSAGES, **more):
        headers = {"x-claude-code-session-id": name, "user-agent": CLAUDE, **more}
        super().__init__(dialect, url, headers=headers)
        self.sent = []

    def repeat(self, streamed):
        self.sent.append(compact(self.dialect.body(self.history, self.tools, streamed)))
        return super().repeat(streamed)


def bodies(run, *, since=0):
    return [request.body for request in run.requests[since:]]


def arms(folder):
    """The arm of each request that was counted, in order."""
    connection = sqlite3.connect(folder / "home" / "counts.db")
    rows = connection.execute("SELECT session, arm FROM exchanges ORDER BY id").fetchall()
    connection.close()
    return rows


def is_untouched(run, session):
    """Whether upstream got what the client has sent, in the last requests."""
    return bodies(run)[-len(session.sent) :] == session.sent


def test_of_forty_sessions_some_go_to_the_byte_as_they_came(tmp_path):
    untouched = {}
    with scene(reads_once, folder=tmp_path, holdout=0.5) as run:
        for number in range(40):
            session = Session(run.url, f"session {number}")
            session.ask("Did it start?")
            untouched[number] = is_untouched(run, session)
            offered = any(TOOL_NAME in request.tools for request in run.requests[-2:])
            assert offered is not untouched[number]
    counted = arms(tmp_path)
    assert len(counted) == 80
    assert [arm == HELD_OUT for _, arm in counted[::2]] == list(untouched.values())
    assert [arm for _, arm in counted] == [arm_of(name, 0.5) for name, _ in counted]
    count = Counter(arm for _, arm in counted)
    assert count.keys() == {HELD_OUT, COMPRESSED}
    assert min(count.values()) >= 20


@every_dialect
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_whatever_the_api_a_held_out_session_is_untouched(dialect, streamed):
    with scene(reads_once, holdout=0.99) as run:
        session = Session(run.url, "one", dialect)
        session.streamed = streamed
        session.ask("Did it start?")
        assert is_untouched(run, session)


def test_a_session_over_a_websocket_is_held_out_too(tmp_path):
    with scene(reads_once, folder=tmp_path, holdout=0.99) as run, connection(run.url) as client:
        client.ask("Did it start?")
    frames = [request for request in run.requests if request.on_socket and request.body]
    assert not any(TOOL_NAME in frame.tools for frame in frames)
    assert [arm for _, arm in arms(tmp_path)] == [HELD_OUT, HELD_OUT]


@pytest.mark.parametrize("later", [0.0, 0.05, 0.95])
def test_a_session_stays_in_its_arm_over_a_restart_and_another_share(later, tmp_path):
    with scene(reads_once, folder=tmp_path, holdout=0.5) as run:
        sessions = [Session(run.url, f"session {number}") for number in range(12)]
        for session in sessions:
            session.ask("Did it start?")
        first = [arm for _, arm in arms_of(run, tmp_path)]
        earlier = list(run.requests)
    with scene(Reply(text="Yes."), folder=tmp_path, holdout=later) as run:
        for session in sessions:
            session.url = run.url
            session.ask("Sure?")
        requests = list(run.requests)
    assert [arm for _, arm in arms(tmp_path)][24:] == first[::2]
    for number, (session, arm) in enumerate(zip(sessions, first[::2], strict=True)):
        if arm == HELD_OUT:
            assert requests[number].body == session.sent[-1]
        else:
            assert_stable([*earlier[2 * number : 2 * number + 2], requests[number]], MESSAGES)


def arms_of(run, folder):
    """The arms so far, of a proxy that still runs."""
    run.proxy.stop()
    return arms(folder)


def test_sub_agents_are_in_the_arm_of_the_session_that_they_work_for(tmp_path):
    with scene(reads_once, folder=tmp_path, holdout=0.5) as run:
        for number in range(12):
            names = [{"x-claude-code-agent-id": f"agent {at}"} for at in range(2)]
            for more in ({}, *names) if number % 2 else (*names, {}):
                session = Session(run.url, f"session {number}", **more)
                session.ask(f"Did it start, {more}?")
    counted = arms(tmp_path)
    families = {}
    for name, arm in counted:
        families.setdefault(name.partition(".")[0], set()).add(arm)
    assert len({name for name, _ in counted}) == 36
    assert len(families) == 12
    assert all(len(found) == 1 for found in families.values())
    assert set.union(*families.values()) == {HELD_OUT, COMPRESSED}


def test_without_a_holdout_a_session_is_in_no_arm(tmp_path):
    with scene(reads_once, folder=tmp_path) as run:
        Session(run.url, "one").ask("Did it start?")
    assert [arm for _, arm in arms(tmp_path)] == ["", ""]


def test_what_ran_before_the_holdout_is_not_held_out(tmp_path):
    with scene(reads_once, folder=tmp_path) as run:
        sessions = [Session(run.url, f"session {number}") for number in range(6)]
        for session in sessions:
            session.ask("Did it start?")
        earlier = list(run.requests)
    with scene(Reply(text="Yes."), folder=tmp_path, holdout=0.9) as run:
        for session in sessions:
            session.url = run.url
            session.ask("Sure?")
        for number in range(6):
            assert_stable([*earlier[2 * number :][:2], run.requests[number]], MESSAGES)
    assert {arm for _, arm in arms(tmp_path)} == {""}


def switch_off(folder, group=GROUP):
    """A loss was found for a group."""
    path = folder / "home" / switch_file.FILE_NAME
    trip = switch_file.Trip(Loss(group, LEDGER, 0.2, 30), time.time())
    with switch_file.changing(path) as connection:
        switch_file.switch_off(connection, [trip], switch_file.state_of(connection))


def test_what_is_switched_off_is_so_for_new_sessions_alone(tmp_path):
    with scene(reads_once, folder=tmp_path) as run:
        running = Session(run.url, "running")
        running.ask("Did it start?")
        earlier = list(run.requests)
    switch_off(tmp_path)
    with scene(reads_once, folder=tmp_path) as run:
        running.url = run.url
        running.ask("Sure?")
        assert_stable([*earlier, *run.requests], MESSAGES)
        begun = Session(run.url, "new")
        begun.ask("Did it start?")
        assert is_untouched(run, begun)
    assert [arm for _, arm in arms(tmp_path)] == ["", "", "", SWITCHED_OFF, SWITCHED_OFF]


def test_other_agents_and_models_are_compressed_as_before(tmp_path):
    switch_off(tmp_path)
    with scene(reads_once, folder=tmp_path) as run:
        other = Session(run.url, "agent", **{"user-agent": "aider/1.0"})
        model = Session(run.url, "model", DIALECTS["openai_chat"])
        for session in (other, model):
            session.ask("Did it start?")
            assert not is_untouched(run, session)
    assert {arm for _, arm in arms(tmp_path)} == {""}


def test_once_resumed_new_sessions_are_compressed_and_the_others_stay(tmp_path):
    switch_off(tmp_path)
    with scene(reads_once, folder=tmp_path) as run:
        stays = Session(run.url, "stays")
        stays.ask("Did it start?")
    environ = {"HEADROOM_HOME": str(tmp_path / "home")}
    resumed = CliRunner().invoke(holdout, ["resume", "--agent", "claude-code"], env=environ)
    assert resumed.exit_code == 0, resumed.output
    assert "compressed again" in resumed.output
    with scene(reads_once, folder=tmp_path) as run:
        stays.url = run.url
        stays.ask("Sure?")
        assert run.requests[-1].body == stays.sent[-1]
        begun = Session(run.url, "new")
        begun.ask("Did it start?")
        assert not is_untouched(run, begun)


def test_another_conversation_does_not_switch_off_the_session_that_it_is_in(tmp_path):
    with scene(reads_once, folder=tmp_path) as run:
        running = Session(run.url, "running")
        running.ask("Did it start?")
        earlier = list(run.requests)
    switch_off(tmp_path)
    with scene(reads_once, folder=tmp_path) as run:
        Session(run.url, "running").ask("What is a good title?")
        running.url = run.url
        running.ask("Sure?")
        assert_stable([*earlier, run.requests[-1]], MESSAGES)


def test_a_switch_that_the_settings_disable_switches_nothing_off(tmp_path):
    switch_off(tmp_path)
    with scene(reads_once, folder=tmp_path, kill_switch=False) as run:
        session = Session(run.url, "one")
        session.ask("Did it start?")
        assert not is_untouched(run, session)


def test_what_is_held_out_is_not_mended_either(tmp_path):
    with scene(reads_once, folder=tmp_path, holdout=0.99, fix_cache=True) as run:
        session = Session(run.url, "one")
        session.tools = ("status", "read_log", "run_tests")
        session.ask("Did it start?")
        assert is_untouched(run, session)
