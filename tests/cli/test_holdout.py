"""`headroom holdout`, as a user sees it."""

import json
import time
from dataclasses import replace

from benchmarks.holdout import SESSIONS, lognormal, trial
from click.testing import CliRunner

from headroom.cli.holdout import holdout
from headroom.counting import Compression, Exchange, Tally
from headroom.trials import HELD_OUT, Switch
from headroom.trials.session_costs import REST_SECONDS
from headroom.wire import Usage

AGES = 86_400.0


def run(*arguments, code=0):
    done = CliRunner().invoke(holdout, arguments)
    assert done.exit_code == code, done.output
    return done.output


def count(home, sessions, model="claude-sonnet-4-5"):
    """Sessions of a trial as the proxy would have counted them."""
    tally = Tally(home)
    start = time.time() - AGES
    for place, one in enumerate(sessions):
        usage = Usage(fresh=int(10_000 * one.cost), cache_read=5_000)
        asked = Exchange(
            start + 40 * place,
            200,
            session=f"s{place}",
            agent=one.group.agent,
            provider="anthropic",
            model=model,
            arm=one.arm,
            compression=Compression(1, 1),
            usage=usage,
            before=Usage(fresh=int(10_000 * one.before), cache_read=5_000),
        )
        tally.add(asked)
    tally.close()


def test_before_any_session_it_says_how_to_hold_some_out():
    out = run()
    assert "nothing to compare with" in out
    assert "headroom proxy --holdout 0.1" in out
    assert json.loads(run("--json"))["verdict"] == "too early"


def test_both_arms_the_intervals_and_the_verdict_are_shown(home):
    count(home, trial(1, 0.5, 0.5, lognormal(0.6)))
    out = run()
    for word in (HELD_OUT, "compressed", "$ a session", "95 % from", "Compression saves "):
        assert word in out
    said = json.loads(run("--json"))
    assert said["verdict"] == "saves"
    assert sum(arm["sessions"] for arm in said["arms"].values()) == SESSIONS
    assert said["cost"]["low_percent"] < -50 + 20
    assert 0 < said["arms"]["held out"]["cache_hit_percent"] < 100


def test_models_of_unknown_price_are_compared_in_units(home):
    count(home, trial(1, 0.5, 2.0, lognormal(0.6)), model="of-nobody")
    out = run()
    assert "units a session" in out
    assert "more with compression" in out


def test_the_last_hours_or_days_can_be_asked_for(home):
    count(home, trial(1, 0.5, 0.5, lognormal(0.6)))
    assert json.loads(run("--hours", "1", "--json"))["verdict"] == "too early"
    assert json.loads(run("--days", "2", "--json"))["verdict"] == "saves"
    assert "not both" in run("--days", "2", "--hours", "3", code=2)


def test_what_is_switched_off_is_shown_with_the_way_back(home):
    lost = trial(1, 0.5, 2.5, lognormal(0.6))
    switch = Switch(home)
    now = time.time() - REST_SECONDS - SESSIONS
    trips = switch.review([_at(one, now) for one in lost])
    assert trips
    out = " ".join(run().split())
    assert "Switched off since" in out
    assert "than sessions held out" in out
    assert "headroom holdout resume" in out
    assert len(json.loads(run("--json"))["switched_off"]) == len(trips)
    assert "goes by these names" in run("resume", "--agent", "nobody")
    assert run("resume").count("compressed again:") == len(trips)
    assert "Nothing is switched off." in run("resume")
    assert json.loads(run("resume", "--json")) == {"resumed": []}


def _at(session, start):
    return replace(session, first=start + session.first, last=start + session.last)
