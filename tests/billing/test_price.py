"""Costs are whole numbers, so sums of them are exact however they are added."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.billing import Price, Prices, Steps, Tariff, Used, bill_of, cost
from headroom.billing.bill import as_json
from headroom.billing.price import SIZES, dollars, pico, size_of, usual
from headroom.wire._api import Usage

SONNET = Price(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000)
COUNTS = st.integers(0, 10**9)


@st.composite
def usages(draw):
    write = draw(COUNTS)
    return Usage(draw(COUNTS), draw(COUNTS), write, draw(COUNTS), draw(st.integers(0, write)))


@st.composite
def prices(draw):
    return Price(*(draw(st.integers(0, 10**9)) for _ in range(5)))


def test_each_kind_of_token_has_its_price():
    used = Usage(fresh=1_000, cache_read=2_000, cache_write=300, output=40, cache_write_long=100)
    said = dollars(cost(used, SONNET))
    assert said == pytest.approx((3_000 + 600 + 200 * 3.75 + 100 * 6 + 40 * 15) / 1e6, abs=1e-12)
    bill = bill_of([Used("anthropic", "no such model", 1, Usage(), used)], Prices.load())
    assert bill.units_after == 1_000 + 200 + 250 + 200 + 200


@given(usages(), usages(), prices())
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(one, other, price):
    assert cost(one + other, price) == cost(one, price) + cost(other, price)


@given(st.lists(st.tuples(usages(), usages()), max_size=20))
def test_a_bill_does_not_depend_on_how_requests_are_added_up(pairs):
    table = Prices.load()
    parts = [Used("anthropic", "claude-opus-4-5", 1, before, after) for before, after in pairs]
    whole = bill_of(parts, table)
    assert whole.cost_after == (
        sum(bill_of([one], table).cost_after for one in parts) or (0 if parts else None)
    )
    assert whole.net_units == sum((bill_of([one], table).net_units for one in parts), Fraction())
    assert bill_of(reversed(parts), table) == whole


@given(st.lists(usages(), min_size=1, max_size=50))
def test_a_million_small_costs_do_not_drift(used):
    assert sum(cost(one, SONNET) for one in used * 100) == 100 * sum(
        cost(one, SONNET) for one in used
    )


def test_long_writes_are_never_more_than_all_writes():
    assert cost(Usage(cache_write=10, cache_write_long=99), SONNET) == 10 * 6_000_000


@pytest.mark.parametrize(
    ("provider", "model", "steps"),
    [
        ("anthropic", "whatever", (0.1, 1.25, 2, 5)),
        ("bedrock", "us.anthropic.claude-x", (0.1, 1.25, 2, 5)),
        ("openai", "own-model", (0.1, 1, 1, 5)),
        ("gemini", "gemini-x", (0.1, 1, 1, 5)),
    ],
)
def test_without_a_price_the_steps_are_the_providers(provider, model, steps):
    found = Steps.of(usual(provider, model))
    said = (found.cache_read, found.cache_write, found.cache_write_long, found.output)
    assert tuple(map(float, said)) == steps


def test_a_tariff_changes_above_its_sizes_and_for_the_whole_prompt():
    dear = Price(*(2 * part for part in (3, 1, 4, 6, 15)))
    tariff = Tariff("m", "table", Price(3, 1, 4, 6, 15), ((200_000, dear),))
    assert tariff.at(200_000) == tariff.base
    assert tariff.at(200_001) == dear


@given(st.integers(0, 2_000_000))
def test_a_size_is_the_largest_that_a_prompt_lies_above(prompt):
    assert size_of(prompt) in (0, *SIZES)
    assert all((prompt > size) == (size <= size_of(prompt)) for size in SIZES)


@pytest.mark.parametrize("price", [0, 0.01, 0.0375, 2.5, 75, 0.000001])
def test_a_price_in_dollars_is_kept_to_the_millionth(price):
    assert pico(price) / 1e6 == price


def test_a_free_model_costs_nothing_and_still_has_units():
    free = Prices.load({"free-model": {"input": 0, "output": 0}})
    bill = bill_of([Used("openai", "free-model", 1, Usage(fresh=9), Usage(fresh=5))], free)
    assert (bill.cost_before, bill.net_saved, bill.net_saved_percent) == (0, 0, 0.0)
    assert bill.net_units == 4


def test_an_empty_bill_says_nothing_of_money():
    said = as_json(bill_of([], Prices.load()))
    assert (said["requests"], said["net_units"], said["net_percent"]) == (0, 0, 0)
    assert said["cost_before"] is said["cost_after"] is said["net_saved"] is None
