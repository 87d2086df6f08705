"""What surely costs more, asked after every session."""

import math
import random

import pytest
from benchmarks.holdout import SESSIONS, lognormal, trial, trips

from headroom.trials.arms import COMPRESSED, HELD_OUT, SWITCHED_OFF
from headroom.trials.losses import (
    CHANCE,
    HOLDOUT,
    LEAST_LEDGER_SESSIONS,
    LEDGER,
    log_stake,
    losses,
)
from headroom.trials.session_costs import REST_SECONDS, Group, Session

CLAUDE, CODEX = Group("claude-code", "opus"), Group("codex", "gpt")


def counted(place, before, quotient, group=CLAUDE, arm=""):
    return Session(group, arm, before * quotient, before, 10, 0, 0, place, place)


def ever(sessions):
    """The first losses that are found when the question is asked after every session."""
    for look in range(1, len(sessions) + 1):
        if found := losses(sessions[:look], look + REST_SECONDS):
            return look, found
    return None, []


@pytest.mark.parametrize("seed", range(8))
def test_a_policy_that_doubles_the_cost_is_switched_off(seed):
    assert trips(trial(seed, 0.5, 2.0, lognormal(0.6)))


@pytest.mark.parametrize("seed", range(8))
def test_a_policy_that_helps_is_never_switched_off(seed):
    assert not trips(trial(seed, 0.5, 0.5, lognormal(0.8)))


def test_a_policy_that_does_nothing_is_switched_off_no_more_often_than_stated():
    count = 40
    assert sum(trips(trial(seed, 0.5, 1.0, lognormal(0.8))) for seed in range(count)) <= (
        CHANCE * count
    )


def test_of_two_agents_the_one_that_loses_is_named():
    chance = random.Random(5)
    sessions = []
    for place in range(300):
        group = (CLAUDE, CODEX)[place % 2]
        arm = (HELD_OUT, COMPRESSED)[chance.random() < 0.5]
        effect = 2.5 if (group, arm) == (CODEX, COMPRESSED) else 1.0
        cost = chance.lognormvariate(0.0, 0.6) * effect
        sessions.append(Session(group, arm, cost, cost, 10, 0, 0, place, place))
    found = losses(sessions, 300 + REST_SECONDS)
    assert [(loss.group, loss.found_by) for loss in found] == [(CODEX, HOLDOUT)]
    assert found[0].loss > 0.5


def test_without_a_holdout_the_ledgers_own_net_tells():
    chance = random.Random(1)
    sessions = [
        counted(place, chance.lognormvariate(0.0, 1.2), chance.uniform(1.1, 1.3))
        for place in range(60)
    ]
    look, (loss,) = ever(sessions)
    assert LEAST_LEDGER_SESSIONS <= look <= 45
    assert (loss.group, loss.found_by, loss.sessions) == (CLAUDE, LEDGER, look)
    assert loss.loss == pytest.approx(0.2, abs=0.05)


def test_a_ledger_with_few_sessions_is_not_judged_whatever_it_says():
    sessions = [counted(place, 1.0, 5.0) for place in range(LEAST_LEDGER_SESSIONS)]
    assert not losses(sessions[:-1], 99 + REST_SECONDS)
    assert losses(sessions, 99 + REST_SECONDS)


def test_small_losses_with_a_rare_large_gain_are_not_taken_for_a_loss():
    """Nine of ten sessions lose 3 %, one saves 27 %: on the whole nothing is lost."""
    wrong = 0
    for seed in range(40):
        chance = random.Random(seed)
        sessions = [
            counted(place, 1.0, 0.73 if chance.random() < 0.1 else 1.03)
            for place in range(SESSIONS)
        ]
        wrong += ever(sessions)[0] is not None
    assert wrong <= CHANCE * 40


def test_what_our_own_tool_costs_is_no_loss_to_act_on():
    sessions = [counted(place, 1.0, 1.008) for place in range(2_000)]
    assert not losses(sessions, 2_000 + REST_SECONDS)


def test_a_loss_in_small_sessions_alone_is_none_of_the_bill():
    sessions = [
        counted(place, *((1_000.0, 0.7) if place % 10 == 0 else (1.0, 1.5)))
        for place in range(SESSIONS)
    ]
    assert not losses(sessions, SESSIONS + REST_SECONDS)


def test_agents_too_seldom_used_to_be_judged_are_judged_together():
    sessions = [counted(place, 1.0, 1.3, Group(f"agent {place % 30}", "m")) for place in range(90)]
    (loss,) = losses(sessions, 90 + REST_SECONDS)
    assert (loss.group, loss.sessions) == (None, 90)


def test_running_held_out_and_switched_off_sessions_are_not_the_ledgers():
    for arm in (HELD_OUT, SWITCHED_OFF, "mixed"):
        sessions = [counted(place, 1.0, 2.0, arm=arm) for place in range(80)]
        assert not losses(sessions, 80 + REST_SECONDS)
    sessions = [counted(place, 1.0, 2.0) for place in range(80)]
    assert not losses(sessions, REST_SECONDS - 1)


def test_a_stake_on_what_is_fair_does_not_grow():
    assert log_stake([1.01] * 1_000) == pytest.approx(0.0, abs=1e-9)
    assert log_stake([1.0] * 1_000) < 0.0
    assert log_stake([]) == 0.0
    assert log_stake([0.0] * 100) < -3.0
    # Alone the best of the seven bets would have made 1.09 ** 40 of it.
    assert log_stake([1.11] * 40) == pytest.approx(40 * math.log(1.09), abs=2.0)
