"""The kill switch: what it turns off, for whom, and until when."""

import os
import sqlite3
import stat
from dataclasses import replace

import pytest
from benchmarks.holdout import SESSIONS, lognormal, trial

from headroom.errors import StoreError
from headroom.trials.arms import HELD_OUT
from headroom.trials.losses import LEDGER
from headroom.trials.session_costs import REST_SECONDS, Group, Session
from headroom.trials.switch import Switch
from headroom.trials.switch_file import FILE_NAME, OFF_SECONDS

CLAUDE, CODEX = Group("claude-code", "opus"), Group("codex", "gpt")
LOSING = 1.5


class Clock:
    """A time that tests move."""

    def __init__(self):
        self.time = 1_000_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def switch(home, clock):
    return Switch(home, now=clock, clock=clock)


def sessions(clock, quotient=LOSING, group=CLAUDE, count=40):
    start = clock.time - REST_SECONDS - count
    return [
        Session(group, "", quotient, 1.0, 10, 0, 0, start + place, start + place)
        for place in range(count)
    ]


def test_what_costs_more_is_off_for_new_sessions_of_its_group_alone(switch, clock):
    assert not switch.is_off(*CLAUDE)
    (trip,) = switch.review([*sessions(clock), *sessions(clock, 0.8, CODEX)])
    assert (trip.loss.group, trip.loss.found_by, trip.loss.sessions) == (CLAUDE, LEDGER, 40)
    clock.time += 2.0
    assert switch.is_off(*CLAUDE)
    assert not switch.is_off(*CODEX)
    assert not switch.is_off("claude-code", "haiku")
    assert switch.trips() == [trip]


def test_other_workers_see_it_within_two_seconds(switch, home, clock):
    other = Switch(home, now=clock, clock=clock)
    assert not other.is_off(*CLAUDE)
    switch.review(sessions(clock))
    clock.time += 1.9
    assert not other.is_off(*CLAUDE)
    clock.time += 0.1
    assert other.is_off(*CLAUDE)
    switch.resume()
    clock.time += 2.0
    assert not other.is_off(*CLAUDE)


def test_between_two_looks_no_file_is_touched(switch, clock):
    switch.review(sessions(clock))
    assert switch.is_off(*CLAUDE)
    switch.path.unlink()
    clock.time += 1.0
    assert switch.is_off(*CLAUDE)
    clock.time += 1.0
    assert not switch.is_off(*CLAUDE)


def test_after_a_week_it_is_tried_anew_with_new_sessions(switch, clock):
    old = sessions(clock)
    (trip,) = switch.review(old)
    clock.time = trip.until - 1.0
    assert switch.is_off(*CLAUDE)
    assert switch.review(old) == []
    clock.time = trip.until
    assert not switch.is_off(*CLAUDE)
    assert switch.trips() == []
    clock.time += 1.0
    assert switch.review(old) == []
    clock.time += REST_SECONDS + 100.0
    assert [again.loss.group for again in switch.review([*old, *sessions(clock)])] == [CLAUDE]
    assert trip.until == trip.since + OFF_SECONDS


def test_a_user_resumes_one_agent_or_model_or_all(switch, clock):
    haiku = CLAUDE._replace(model="haiku")
    groups = (CLAUDE, haiku, CODEX)
    switch.review([one for group in groups for one in sessions(clock, group=group, count=60)])
    assert {trip.loss.group for trip in switch.trips()} == set(groups)
    assert switch.resume(agent="nobody") == []
    assert [trip.loss.group for trip in switch.resume(model="haiku")] == [haiku]
    assert [trip.loss.group for trip in switch.resume("claude-code")] == [CLAUDE]
    assert [trip.loss.group for trip in switch.resume()] == [CODEX]
    assert switch.trips() == switch.resume() == []


def test_what_was_resumed_is_not_switched_off_by_the_same_sessions(switch, clock):
    old = sessions(clock)
    switch.review(old)
    switch.resume()
    assert switch.review(old) == []


def test_overall_it_is_off_for_everybody_and_resumed_as_a_whole(switch, clock):
    many = [
        replace(one, group=Group(f"agent {place % 30}", "m"))
        for place, one in enumerate(sessions(clock, count=90))
    ]
    (trip,) = switch.review(many)
    assert trip.loss.group is None
    clock.time += 2.0
    assert switch.is_off("anybody", "anything")
    assert switch.review(sessions(clock, group=CODEX)) == []
    assert switch.resume("agent 1") == []
    assert switch.resume() == [trip]
    clock.time += 2.0
    assert not switch.is_off("anybody", "anything")


@pytest.mark.parametrize(("effect", "is_off"), [(0.5, False), (1.0, False), (2.0, True)])
@pytest.mark.parametrize("seed", range(3))
def test_asked_after_every_session_it_trips_only_where_compression_hurts(
    home, clock, seed, effect, is_off
):
    switch = Switch(home, now=clock, clock=clock)
    start = clock.time
    counted = [
        replace(one, first=start + one.first, last=start + one.last)
        for one in trial(seed, 0.5, effect, lognormal(0.6))
    ]
    tripped = []
    for look in range(1, SESSIONS + 1):
        clock.time = start + look + REST_SECONDS
        tripped += switch.review(counted[:look])
    assert bool(tripped) == is_off
    assert any(one.arm == HELD_OUT for one in counted)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
def test_the_file_is_the_users_alone(switch, clock):
    switch.review(sessions(clock))
    assert stat.S_IMODE(switch.path.stat().st_mode) == 0o600


def test_a_damaged_file_is_told_to_the_user_and_stops_no_request(switch, home, clock):
    switch.review(sessions(clock))
    assert switch.is_off(*CLAUDE)
    (home / FILE_NAME).write_bytes(b"not a database, but long enough to be read as one" * 99)
    clock.time += 2.0
    assert switch.is_off(*CLAUDE)
    assert switch.troubles == 1
    for call in (switch.trips, switch.resume, lambda: switch.review(sessions(clock))):
        with pytest.raises(StoreError, match="kill switch"):
            call()


def test_a_file_of_a_newer_version_is_left_alone(switch, clock):
    switch.review(sessions(clock))
    connection = sqlite3.connect(switch.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer headroom"):
        switch.resume()


def test_a_locked_file_does_not_hold_up_who_asks(switch, home, clock):
    switch.review(sessions(clock))
    connection = sqlite3.connect(home / FILE_NAME, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert not switch.is_off(*CLAUDE)
    assert switch.troubles == 1
    connection.execute("COMMIT")
    connection.close()
    clock.time += 2.0
    assert switch.is_off(*CLAUDE)


class Meanwhile(list):
    """Sessions during whose reading something else happens."""

    def __init__(self, sessions, happens):
        super().__init__(sessions)
        self._happens = happens

    def __iter__(self):
        self._happens()
        return super().__iter__()


def test_workers_that_find_the_same_loss_switch_it_off_once(switch, home, clock):
    other, lost = Switch(home, now=clock, clock=clock), sessions(clock)
    found = []
    assert switch.review(Meanwhile(lost, lambda: found.extend(other.review(lost)))) == []
    assert [trip.loss.group for trip in found] == [CLAUDE]


def test_what_a_user_resumes_during_a_review_stays_on(switch, home, clock):
    first, second = sessions(clock), sessions(clock, group=CODEX)
    switch.review(second)
    clock.time += OFF_SECONDS
    lost = [replace(one, first=clock.time, last=clock.time) for one in second]
    clock.time += REST_SECONDS

    def resumes():
        other = Switch(home, now=clock, clock=clock)
        other.review(lost)
        clock.time += 1.0
        other.resume()

    assert switch.review(Meanwhile([*first, *lost], resumes)) != []
    assert [trip.loss.group for trip in switch.trips()] == [CLAUDE]
