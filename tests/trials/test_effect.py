"""How two arms differ, and how sure that is."""

import math
import random

import pytest

from headroom.trials.effect import Interval, Stratum, bound, effect


def drawn(seed, count, spread=0.8, scale=1.0):
    chance = random.Random(seed)
    return [scale * chance.lognormvariate(0.0, spread) for _ in range(count)]


def test_the_estimate_is_the_quotient_of_the_means():
    found = effect([Stratum([1.0, 3.0], [1.0, 2.0])])
    assert found.interval().estimate == pytest.approx(-0.25)
    assert found.size == 1.0
    assert found.freedom == 2


def test_an_interval_is_that_of_the_t_distribution_on_the_logarithm():
    # Both arms have the mean 2 and the variance 2/3 of their squares' quarter: spread 1/6.
    arm = [1.0, 2.0, 2.0, 3.0]
    found = effect([Stratum(arm, arm)]).interval()
    error = math.sqrt((1 / 6) * (1 / 4 + 1 / 4))
    assert found.high == pytest.approx(math.expm1(2.4469 * error), rel=1e-4)
    assert found.low == pytest.approx(math.expm1(-2.4469 * error), rel=1e-4)


def test_the_interval_for_one_who_keeps_looking_is_the_wider_one():
    found = effect([Stratum(drawn(1, 40), drawn(2, 160))])
    once, always = found.interval(), found.always()
    assert always.low < once.low < once.estimate < once.high < always.high


def test_the_bound_is_the_published_one_where_it_is_tightest():
    # sqrt(2 (x + 1) / x * log(1 + sqrt(x + 1) / (2 a))) with x = 7.935, a = 0.025.
    assert bound(25.0, 0.025) == pytest.approx(3.041, abs=2e-3)
    assert bound(25.0, 0.0125) > bound(25.0, 0.025)
    assert bound(5.0, 0.025) > bound(25.0, 0.025) < bound(2_500.0, 0.025)


def test_agents_that_cost_more_do_not_blur_what_is_compared_within_each():
    cheap = Stratum(drawn(1, 40), [0.5 * cost for cost in drawn(2, 40)])
    dear = Stratum(drawn(3, 40, scale=50.0), [0.5 * cost for cost in drawn(4, 40, scale=50.0)])
    apart = effect([cheap, dear])
    mixed = effect([Stratum([*cheap.held, *dear.held], [*cheap.compressed, *dear.compressed])])
    assert apart.error < mixed.error
    assert apart.freedom == 156


def test_chance_imbalance_between_agents_is_no_effect():
    # Nine of ten dear sessions are held out by chance; within each agent nothing differs.
    cheap, dear = [1.0, 1.1] * 50, [50.0, 51.0] * 50
    found = effect([Stratum(cheap[:10], cheap[10:]), Stratum(dear[:90], dear[90:])]).interval()
    assert abs(found.estimate) < 0.01
    assert not found.is_below
    assert not found.is_above


def test_a_small_arm_that_looks_calm_borrows_the_spread_of_the_large_one():
    calm = [1.0, 1.01] * 6
    found = effect([Stratum(calm, drawn(5, 300, scale=1.0))])
    assert found.error > 0.2
    assert not found.exceeds(0.01, 0.025)


def test_where_nothing_scatters_a_difference_is_certain():
    found = effect([Stratum([1.0] * 12, [2.0] * 12)])
    assert found.exceeds(0.5, 1e-9)
    assert not found.exceeds(1.5, 0.5)
    assert found.interval() == Interval(*[pytest.approx(1.0)] * 3)


def test_means_of_zero_say_nothing():
    assert effect([Stratum([0.0, 0.0], [1.0, 2.0])]) is None
    assert effect([Stratum([1.0, 2.0], [0.0, 0.0])]) is None


def test_the_sessions_needed_fall_as_the_error_does():
    few = effect([Stratum(drawn(1, 50), drawn(2, 50))])
    many = effect([Stratum(drawn(1, 5_000), drawn(2, 5_000))])
    assert few.growth_to_see(0.2) > 1.0 > many.growth_to_see(0.2)
