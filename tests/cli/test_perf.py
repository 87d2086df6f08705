"""`headroom perf --hours`: what the last hours' requests took and came to."""

import json
import time

import pytest
from click.testing import CliRunner

from headroom.cli.perf import perf
from headroom.counting import Compression, Exchange, Tally
from headroom.wire._api import Usage


def run(*arguments, code=0):
    done = CliRunner().invoke(perf, arguments)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def traffic(home):
    """Two requests of today and one of two days ago."""
    tally = Tally(home)
    for age, model in ((0, "gpt-5"), (0, "own-model"), (2, "gpt-5")):
        tally.add(
            Exchange(
                time.time() - age * 86_400,
                200,
                provider="openai",
                model=model,
                compression=Compression(50_000, 20_000),
                our_seconds=0.003,
                first_byte_seconds=1.5,
                usage=Usage(fresh=250_000, cache_read=750_000),
                before=Usage(fresh=450_000, cache_read=750_000),
            )
        )
    tally.close()


@pytest.mark.usefixtures("traffic")
def test_the_last_hours_are_shown_with_their_times_and_their_bill_by_model():
    out = run("--hours", "24")
    assert "2 requests in the last 24 hours, 0 errors" in out
    assert "$0.4062 for 1 request instead of $0.6562: $0.2500 saved net (38.1 %)" in out
    assert "of 2 requests, 1 of unknown price (own-model)" in out
    for words in ("time we added", "95 % within", "75.0 %", "100,000 → 40,000"):
        assert words in out
    line = next(line for line in out.splitlines() if line.startswith(" gpt-5"))
    assert line.split()[1] == "1"
    assert line.split()[-2:] == ["$0.4062", "$0.2500"]


@pytest.mark.usefixtures("traffic")
def test_as_json_it_is_what_stats_says_by_model():
    said = json.loads(run("--hours", "100", "--json"))
    assert {name: group["requests"] for name, group in said["groups"].items()} == {
        "gpt-5": 2,
        "own-model": 1,
    }
    assert said["bill"]["unpriced"] == {"own-model": 1}


@pytest.mark.usefixtures("home")
def test_without_traffic_it_says_so():
    assert "No request has gone through the proxy since" in run("--hours", "1")


@pytest.mark.usefixtures("home")
def test_a_policy_has_no_meaning_for_what_has_gone_through():
    assert "leave it out with --hours" in run("--hours", "1", "--policy", "balanced", code=2)
