"""`headroom stats`, run as a user runs it."""

import json
import subprocess
import sys
import time

import pytest

from headroom.counting import Compression, EditCount, Event, Exchange, Tally
from headroom.counting.sqlite import FILE_NAME
from headroom.wire._api import Usage


def run(*arguments, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "headroom", "stats", *arguments], capture_output=True
    )
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def counted(home):
    """Three requests: two of today, one of four days ago."""
    tally = Tally(home)
    edits = (EditCount("log", "recoverable", 19_000, 400),)
    for age, model in ((0, "gpt-5"), (0, "[/red]"), (4, "gpt-5")):
        tally.add(
            Exchange(
                time.time() - age * 86_400,
                200,
                model=model,
                compression=Compression(20_000, 1_400, True, edits, {"too_small": 3}),
                our_seconds=0.003,
                first_byte_seconds=1.5,
                retrievals=1,
                retrieved_tokens=600,
            )
        )
    tally.close()


@pytest.fixture
def billed(home):
    """Two requests of a model with a price and one of a model without."""
    tally = Tally(home)
    usage = Usage(fresh=10_000, cache_read=100_000, cache_write=20_000, output=4_000)
    event = Event("bust", "the system prompt holds a time", 1, 90_000)
    for provider, model, arm in (
        ("anthropic", "claude-sonnet-4-5-20250929", ""),
        ("anthropic", "claude-sonnet-4-5", "held out"),
        ("openai", "own-[bold]-7b", ""),
    ):
        tally.add(
            Exchange(
                time.time(),
                200,
                provider=provider,
                model=model,
                usage=usage,
                before=None if arm else usage + Usage(cache_write=40_000),
                arm=arm,
                events=(event,),
            )
        )
    tally.close()


@pytest.mark.usefixtures("billed")
def test_the_bill_leads_with_what_it_would_have_been_and_what_is_saved_net():
    out, _ = run()
    # Each: 0.03 fresh, 0.03 read, 0.075 written, 0.06 output; 0.15 more was to be written once.
    assert out.startswith("$0.3900 for 2 requests instead of $0.5400: $0.1500 saved net (27.8 %)\n")
    assert "of 3 requests, 1 of unknown price (own-[bold]-7b)" in out
    assert "prices: genai-prices " in out
    for words in ("input, written to cache", "140,000", "60,000", "the system prompt holds a time"):
        assert words in out
    said = json.loads(run("--json")[0])
    assert said["bill"]["net_saved"] == 0.15
    assert said["bill"]["unpriced"] == {"own-[bold]-7b": 1}
    assert said["busts"] == [
        {"cause": "the system prompt holds a time", "count": 3, "tokens": 270_000}
    ]


@pytest.mark.usefixtures("billed")
def test_a_group_of_unknown_price_says_unknown_and_never_zero():
    line = next(line for line in run("--by", "model")[0].splitlines() if line.startswith(" own-"))
    assert line.split().count("unknown") == 2
    assert "$" not in line
    group = json.loads(run("--by", "model", "--json")[0])["groups"]["own-[bold]-7b"]
    assert group["bill"]["cost_after"] is group["bill"]["net_saved"] is None


@pytest.mark.usefixtures("billed")
def test_arms_are_told_apart_by_their_words():
    out, _ = run("--by", "arm")
    assert "held out" in out
    assert "compressed" in out
    assert "* without its requests of unknown price" in out


@pytest.mark.usefixtures("billed")
def test_a_price_in_the_settings_file_is_taken(tmp_path, monkeypatch):
    file = tmp_path / "own.toml"
    file.write_text('[prices."own-*"]\ninput = 1.0\noutput = 2.0\n')
    monkeypatch.setenv("HEADROOM_CONFIG", str(file))
    assert "unknown" not in run("--by", "model")[0]
    said = json.loads(run("--json")[0])
    assert said["bill"]["unpriced"] == {}
    assert said["prices"]["overridden"] == ["own-*"]
    assert said["bill"]["cost_after"] == pytest.approx(0.39 + 0.01 + 0.01 + 0.02 + 0.008)


def test_where_all_prices_are_unknown_what_is_saved_is_said_in_tokens(home):
    tally = Tally(home)
    usage = Usage(fresh=1_000)
    tally.add(Exchange(time.time(), 200, model="own", usage=usage, before=Usage(fresh=3_000)))
    tally.add(Exchange(time.time(), 200, model="own", usage=usage, before=Usage(fresh=500)))
    tally.close()
    out, _ = run()
    assert out.startswith(
        "2 requests of unknown price (own): 1,500 tokens of input saved net (42.9 %)\n"
    )
    assert "$" not in out


def test_what_cost_more_than_it_saved_is_said_so(home):
    tally = Tally(home)
    tally.add(
        Exchange(
            time.time(),
            200,
            provider="openai",
            model="gpt-5",
            usage=Usage(fresh=2_000_000),
            before=Usage(fresh=1_000_000),
        )
    )
    tally.close()
    assert (
        "$2.50 for 1 request instead of $1.25: $1.25 more than without Headroom (100.0 %)"
        in (run()[0])
    )


def test_before_the_first_request_it_says_how_to_begin():
    out, _ = run()
    assert out == (
        "No request has gone through the proxy yet. Start it: headroom proxy --port 8787\n"
    )
    assert json.loads(run("--json")[0])["requests"] == 0


@pytest.mark.usefixtures("counted")
def test_tokens_edits_and_times_are_shown():
    out, _ = run()
    assert "60,000 → 4,200 tokens in 3 requests, 93.0 % saved" in out
    for word in ("net saved tokens", "54,000", "log", "recoverable", "too small", "about"):
        assert word in out


@pytest.mark.usefixtures("counted")
def test_the_last_days_or_hours_can_be_asked_for():
    assert json.loads(run("--days", "2", "--json")[0])["requests"] == 2
    assert json.loads(run("--hours", "120", "--json")[0])["requests"] == 3
    assert "not both" in run("--days", "2", "--hours", "3", code=2)[1]


@pytest.mark.usefixtures("counted")
def test_groups_are_shown_apart_whatever_they_are_called():
    out, _ = run("--by", "model")
    assert "gpt-5" in out
    assert "[/red]" in out
    groups = json.loads(run("--by", "model", "--json")[0])["groups"]
    assert {name: group["requests"] for name, group in groups.items()} == {"gpt-5": 2, "[/red]": 1}


@pytest.mark.usefixtures("counted")
def test_by_compressor_shows_what_each_did():
    assert "97.9%" in run("--by", "compressor")[0].partition("edits")[2]


def test_counts_that_cannot_be_read_are_said_plainly(home):
    home.mkdir()
    (home / FILE_NAME).write_bytes(b"no database at all" * 99)
    _, error = run(code=1)
    assert "counts.db are damaged" in error
    assert "Traceback" not in error
