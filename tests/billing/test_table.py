"""The shipped table: where it is from, whom it knows, and that it knows nobody by resemblance."""

from datetime import date
from importlib import resources

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.billing import Prices
from headroom.billing.price import SIZES
from headroom.billing.table import models_of, shipped

SONNET = (3.0, 0.3, 3.75, 6.0, 15.0)
PROVIDERS = ("anthropic", "openai", "chatgpt", "gemini", "bedrock", "", "own")


@pytest.fixture(scope="module")
def prices():
    return Prices.load()


def dollars(tariff):
    return tariff and tariff.base.per_million()


def test_the_table_tells_its_source_its_licence_and_its_day():
    data = (resources.files("headroom.billing") / "data" / "prices.json").read_bytes()
    said = orjson.loads(data)
    assert said["source"] == "genai-prices"
    assert said["licence"].startswith("MIT")
    assert date.fromisoformat(said["date"]) >= date(2026, 11, 10)
    assert said["currency"] == "USD"
    assert len(data) <= 150_000


def test_every_price_of_the_table_is_one_that_can_be_billed():
    for provider in shipped().providers:
        models = models_of(provider)
        assert models.names, provider
        for tariff in {*models.names.values(), *models.stems.values()}:
            assert all(price >= 0 for price in tariff.base.per_million())
            assert {size for size, _ in tariff.above} <= set(SIZES)
            assert [size for size, _ in tariff.above] == sorted(size for size, _ in tariff.above)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929"),
        ("anthropic", "claude-sonnet-4.5"),
        ("anthropic", "  Claude-Sonnet-4-5 "),
        ("anthropic", "claude-sonnet-4-5@20250929"),
        ("anthropic", "claude-sonnet-4-5-latest"),
        ("openai", "anthropic/claude-sonnet-4-5"),
        ("openai", "anthropic/claude-sonnet-4.5"),
        ("gemini", "publishers/anthropic/models/claude-sonnet-4-5@20250929"),
        ("openai", "vertex_ai/claude-sonnet-4-5@20250929"),
        ("bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("openai", "bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ],
)
def test_one_model_is_known_by_all_its_spellings(prices, provider, model):
    assert dollars(prices.tariff_of(provider, model)) == SONNET


@pytest.mark.parametrize(
    "model",
    [
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
)
def test_a_regional_endpoint_of_bedrock_has_its_own_price(prices, model):
    assert dollars(prices.tariff_of("bedrock", model)) == (3.3, 0.33, 4.125, 6.6, 16.5)


@pytest.mark.parametrize(
    ("provider", "model", "price"),
    [
        ("openai", "gpt-5", (1.25, 0.125, 1.25, 1.25, 10.0)),
        ("openai", "gpt-5-2025-08-07", (1.25, 0.125, 1.25, 1.25, 10.0)),
        ("chatgpt", "gpt-5-codex", (1.25, 0.125, 1.25, 1.25, 10.0)),
        ("openai", "openai/gpt-5-mini", (0.25, 0.025, 0.25, 0.25, 2.0)),
        ("openai", "azure/gpt-5", (1.25, 0.125, 1.25, 1.25, 10.0)),
        ("gemini", "models/gemini-2.5-pro", (1.25, 0.125, 1.25, 1.25, 10.0)),
        ("gemini", "gemini-2.0-flash-001", (0.1, 0.025, 0.1, 0.1, 0.4)),
        ("anthropic", "claude-opus-4-1-20250805", (15.0, 1.5, 18.75, 30.0, 75.0)),
        ("bedrock", "amazon.nova-pro-v1:0", (0.8, 0.2, 0.8, 0.8, 3.2)),
        ("bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", SONNET),
    ],
)
def test_models_have_their_providers_prices(prices, provider, model, price):
    assert dollars(prices.tariff_of(provider, model)) == price


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-99"),
        ("anthropic", "claude-opus-4-5-turbo"),
        ("anthropic", "claude-opus-4-55"),
        ("anthropic", "my-claude-sonnet-4-5"),
        ("openai", "gpt-5-ultra"),
        ("openai", "gpt-5.99"),
        ("openai", "gpt-4o-2031-01-01"),
        ("openai", "own/claude-sonnet-4-5"),
        ("gemini", "gemini-99-pro"),
        ("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2c3"),
        ("bedrock", "anthropic.claude-sonnet-99-v1:0"),
        ("openai", ""),
        ("openai", "/"),
        ("openai", "gpt-5" + " " * 500 + "x"),
        ("", "\ud800"),
    ],
)
def test_a_model_that_the_table_does_not_name_is_unknown(prices, provider, model):
    assert prices.tariff_of(provider, model) is None
    assert prices.price_of(provider, model) is None


@given(
    st.sampled_from(PROVIDERS),
    st.sampled_from(sorted(models_of("openai").names)),
    st.text("qwx", min_size=1, max_size=6),
)
def test_letters_after_a_name_never_make_another_models_price(provider, name, more):
    assert Prices.load().tariff_of(provider, name + more) is None


@given(st.sampled_from(PROVIDERS), st.text(max_size=300))
def test_any_text_is_a_name_that_can_be_asked_for(provider, model):
    Prices.load().price_of(provider, model)


def test_a_long_prompt_has_the_price_of_its_size(prices):
    assert prices.price_of("gemini", "gemini-2.5-pro", 200_000).input == 1_250_000
    assert prices.price_of("gemini", "gemini-2.5-pro", 200_001).input == 2_500_000


def test_the_longer_lifetime_of_claudes_cache_costs_twice_the_input_wherever_it_is_served():
    seen = 0
    for provider in shipped().providers:
        for tariff in models_of(provider).names.values():
            price = tariff.base
            if "claude" in tariff.name and price.cache_write > price.input:
                assert price.cache_write_long == 2 * price.input, (provider, tariff.name)
                seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    "model", ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "anthropic/Claude-Sonnet-4-5"]
)
def test_an_own_price_goes_before_the_table_for_every_spelling(model):
    own = Prices.load({"Claude-Sonnet-4-5": {"input": 2.0, "output": 8.0}})
    found = own.tariff_of("anthropic", model)
    assert (found.source, dollars(found)) == ("settings", (2.0, 0.2, 2.5, 4.0, 8.0))
    assert found.above == ()
    assert own.tariff_of("anthropic", "claude-opus-4-5").source == "table"


def test_what_an_own_price_leaves_out_follows_the_table_or_else_the_provider():
    own = Prices.load(
        {
            "gpt-4o": {"input": 5.0, "output": 1.0},
            "own-a": {"input": 1.0, "output": 2.0, "cache_read": 0.5},
            "own-claude": {"input": 1.0, "output": 2.0, "cache_write": 3.0},
        }
    )
    assert dollars(own.tariff_of("openai", "gpt-4o")) == (5.0, 2.5, 5.0, 5.0, 1.0)
    assert dollars(own.tariff_of("openai", "own-a")) == (1.0, 0.5, 1.0, 1.0, 2.0)
    assert dollars(own.tariff_of("openai", "own-claude")) == (1.0, 0.1, 3.0, 2.0, 2.0)


def test_an_own_pattern_covers_what_it_says_and_the_most_specific_wins():
    own = Prices.load(
        {
            "my-proxy/*": {"input": 1.0, "output": 1.0},
            "my-proxy/large-*": {"input": 9.0, "output": 9.0},
            "my-proxy/large-one": {"input": 7.0, "output": 7.0},
        }
    )
    asked = ("my-proxy/any", "My-Proxy/Large-2", "my-proxy/large-one", "other/any")
    assert [
        own.price_of("openai", name) and own.price_of("openai", name).input for name in asked
    ] == [
        1_000_000,
        9_000_000,
        7_000_000,
        None,
    ]
