"""A model's price is its own, or unknown: never that of a neighbour."""

import pytest

from headroom.billing import Prices
from headroom.billing.spelling import editions


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-v9"),
        ("anthropic", "claude-latest"),
        ("anthropic", "claude-20260101"),
        ("bedrock", "amazon.nova-pro-v2:0"),
    ],
)
def test_a_model_that_is_only_like_others_is_unknown(provider, model):
    assert Prices.load().price_of(provider, model) is None


@pytest.mark.parametrize(
    ("provider", "model", "like"),
    [
        ("bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic", "anthropic/claude-opus-5", "claude-opus-5"),
    ],
)
def test_an_edition_of_a_model_costs_what_the_model_does(provider, model, like):
    prices = Prices.load()
    assert prices.price_of(provider, model) == prices.price_of("anthropic", like) is not None


def test_what_is_taken_off_tells_an_edition_and_never_the_number_of_a_family():
    assert list(editions("claude-3-5-sonnet-20241022-v2:0")) == [
        "claude-3-5-sonnet-20241022",
        "claude-3-5-sonnet",
    ]
    assert list(editions("nova-pro-v2:0")) == ["nova-pro-v2"]
    assert list(editions("claude-latest")) == []
