"""`headroom prices`: what a model costs, and where that is from."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from headroom.billing import Prices
from headroom.cli.prices import prices


def run(*arguments, code=0):
    done = CliRunner().invoke(prices, arguments)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A settings file with a price of the user's own."""
    file = tmp_path / "own.toml"
    file.write_text('[prices."my-proxy/*"]\ninput = 2.5\noutput = 10.0\ncache_read = 0.5\n')
    monkeypatch.setenv("HEADROOM_CONFIG", str(file))


@pytest.mark.usefixtures("home")
def test_the_table_tells_its_source_its_date_and_its_age():
    out = run()
    known = Prices.load()
    age = (date.today() - date.fromisoformat(known.date)).days
    assert f"{known.source}, of {known.date} ({max(age, 0):,} days old)." in out
    assert "claude-sonnet-4-5" in out
    assert "prompts above 200,000" in out
    assert "openrouter" in out


@pytest.mark.usefixtures("home")
def test_one_model_is_shown_by_any_of_its_spellings():
    out = run("anthropic/claude-sonnet-4-5-20250929")
    line = next(line for line in out.splitlines() if "claude-sonnet-4-5" in line)
    assert line.split()[1:] == ["3", "0.3", "3.75", "6", "15"]


@pytest.mark.usefixtures("home")
def test_an_unknown_model_says_unknown_and_how_to_make_it_known():
    out = run("gpt-99")
    assert "The price of gpt-99 is unknown." in out
    assert '[prices."gpt-99"]' in out
    assert json.loads(run("gpt-99", "--json"))["models"] == {"gpt-99": None}


@pytest.mark.usefixtures("home", "own")
def test_own_prices_stand_first_and_say_that_they_are():
    out = run()
    assert "1 of your own go before it" in out
    rows = [line for line in out.splitlines() if "your own)" in line]
    assert rows[0].split() == ["my-proxy/*", "(your", "own)", "2.5", "0.5", "2.5", "2.5", "10"]
    said = json.loads(run("My-Proxy/large", "--json"))
    assert said["overridden"] == ["my-proxy/*"]
    assert said["models"]["My-Proxy/large"]["from"] == "settings"
    assert said["models"]["My-Proxy/large"]["cache_read"] == 0.5


@pytest.mark.usefixtures("home")
def test_a_provider_is_shown_alone_and_an_unknown_one_is_refused():
    assert "grok-4" in run("--provider", "x-ai")
    assert "claude-sonnet-4-5" not in run("--provider", "x-ai")
    assert "the table has no provider nobody" in run("--provider", "nobody", code=2)
