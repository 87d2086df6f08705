"""Student's t, against printed tables."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.trials.quantiles import t_cdf, t_quantile

TABLE = {
    (0.025, 1): 12.706,
    (0.05, 2): 2.920,
    (0.025, 5): 2.571,
    (0.025, 10): 2.228,
    (0.005, 10): 3.169,
    (0.001, 20): 3.552,
    (0.025, 30): 2.042,
    (0.0005, 60): 3.460,
    (0.025, 120): 1.980,
}


@pytest.mark.parametrize(("tail", "freedom"), TABLE)
def test_quantiles_are_those_of_the_tables(tail, freedom):
    assert t_quantile(tail, freedom) == pytest.approx(TABLE[tail, freedom], abs=6e-4)


def test_the_distribution_of_one_degree_of_freedom_is_cauchys():
    assert t_cdf(1.0, 1) == pytest.approx(0.75, abs=1e-12)
    assert t_cdf(-1.0, 1) == pytest.approx(0.25, abs=1e-12)
    assert t_cdf(0.0, 1) == pytest.approx(0.5, abs=1e-12)
    assert t_cdf(float("inf"), 3) == 1.0
    assert t_cdf(float("-inf"), 3) == 0.0


def test_with_many_degrees_of_freedom_it_is_the_normal_one():
    for value in (-3.0, -1.0, 0.5, 2.5):
        assert t_cdf(value, 1e6) == pytest.approx(NormalDist().cdf(value), abs=1e-6)


@given(st.floats(1e-9, 0.5), st.floats(1.0, 5_000.0))
def test_quantile_and_distribution_undo_each_other(tail, freedom):
    assert t_cdf(-t_quantile(tail, freedom), freedom) == pytest.approx(tail, rel=1e-6)
