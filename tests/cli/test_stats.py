"""`headroom stats`, run as a user runs it."""

import json
import subprocess
import sys
import time

import pytest

from headroom.counting import Compression, EditCount, Exchange, Tally
from headroom.counting.sqlite import FILE_NAME


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
