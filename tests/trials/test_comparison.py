"""Both arms compared, and what is said of them."""

import math
from dataclasses import replace

import pytest
from benchmarks.holdout import SESSIONS, lognormal, trial

from headroom.trials.arms import COMPRESSED, HELD_OUT
from headroom.trials.comparison import LEAST_SESSIONS, Verdict, compare
from headroom.trials.report import Report, as_json, verdict_of
from headroom.trials.session_costs import REST_SECONDS

DONE = SESSIONS + REST_SECONDS
SEEDS = range(10)


def compared(seed, effect, share=0.5):
    return compare(trial(seed, share, effect, lognormal(0.8)), DONE)


def told(comparison, share=0.5):
    return verdict_of(Report(share, True, "USD", comparison))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_policy_that_halves_the_cost_is_seen_to_save(seed):
    found = compared(seed, 0.5)
    assert found.verdict is Verdict.SAVES
    assert found.cost.low < -0.5 + 0.2
    assert found.cost.high < 0.0
    assert told(found).startswith("Compression saves ")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_policy_that_doubles_the_cost_is_seen_to_cost_more(seed):
    found = compared(seed, 2.0)
    assert found.verdict is Verdict.COSTS_MORE
    assert 0.0 < found.cost.low < 1.0
    assert " more with compression" in told(found)


def test_of_a_policy_that_does_nothing_a_difference_is_seldom_seen():
    found = [compared(seed, 1.0) for seed in range(60)]
    wrong = sum(one.verdict is not Verdict.NO_DIFFERENCE for one in found)
    assert wrong <= 6
    assert sum(one.is_settled for one in found) <= 1


@pytest.mark.parametrize(("effect", "share"), [(0.8, 0.2), (1.0, 0.5), (1.2, 0.5)])
def test_the_interval_holds_the_truth_in_19_of_20_trials(effect, share):
    found = [compared(seed, effect, share) for seed in range(80)]
    held = sum(one.cost.low <= effect - 1.0 <= one.cost.high for one in found)
    # 95 % of 80 are 76; fewer than 70 come by chance in one of 200 such counts.
    assert held >= 70


def test_too_early_says_how_many_sessions_are_missing():
    sessions = trial(3, 0.1, 1.0, lognormal(0.8))[:40]
    found = compare(sessions, DONE)
    held = sum(one.arm == HELD_OUT for one in sessions)
    assert found.verdict is Verdict.TOO_EARLY
    assert (found.missing_held, found.missing_compressed) == (LEAST_SESSIONS - held, 0)
    assert told(found) == f"Too early: it takes {LEAST_SESSIONS - held} more held out."


def test_sessions_that_are_not_over_are_not_compared():
    sessions = trial(3, 0.5, 1.0, lognormal(0.8))
    found = compare(sessions, 150 + REST_SECONDS)
    assert found.running == 49
    assert found.held.sessions + found.compressed.sessions == 151


def test_only_drawn_sessions_are_in_an_arm():
    sessions = [replace(one, arm="") for one in trial(3, 0.5, 1.0, lognormal(0.8))]
    found = compare(sessions, DONE)
    assert (found.held.sessions, found.compressed.sessions, found.running) == (0, 0, 0)
    assert "nothing to compare with" in told(found, share=0.0)


def test_turns_are_compared_as_costs_are():
    sessions = [
        replace(one, requests=12 if one.arm == COMPRESSED else 10)
        for one in trial(3, 0.5, 1.0, lognormal(0.8))
    ]
    found = compare(sessions, DONE)
    assert found.turns.estimate == pytest.approx(0.2)
    assert found.compressed.turns_per_session == 12.0


def test_seldom_used_agents_are_compared_together():
    sessions = trial(3, 0.5, 2.0, lognormal(0.4))
    rare = [
        replace(one, group=one.group._replace(agent=f"agent {place % 60}"))
        for place, one in enumerate(sessions)
    ]
    found = compare(rare, DONE)
    assert found.verdict is Verdict.COSTS_MORE
    assert found.held.sessions + found.compressed.sessions == SESSIONS


def test_no_difference_says_how_many_sessions_would_show_one():
    found = compared(2, 1.0)
    assert found.verdict is Verdict.NO_DIFFERENCE
    assert f"about {found.needed:,} sessions" in told(found)
    assert 200 < found.needed < 3_000


def test_the_report_is_plain_values():
    found = compared(1, 2.0)
    said = as_json(Report(0.5, True, "USD", found))
    assert said["verdict"] == "costs more"
    assert said["arms"]["held out"]["sessions"] == found.held.sessions
    assert said["cost"]["low_percent"] == pytest.approx(100 * found.cost.low, abs=0.01)
    assert said["cost_always"]["low_percent"] < said["cost"]["low_percent"]
    assert said["missing"] == {"held out": 0, "compressed": 0}
    endless = replace(found, cost=replace(found.cost, high=math.inf))
    assert as_json(Report(0.5, True, "USD", endless))["cost"]["high_percent"] is None
    early = as_json(Report(0.1, False, "units", compare([], DONE)))
    assert (early["cost"], early["verdict"]) == (None, "too early")
