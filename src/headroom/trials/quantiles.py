"""Student's t distribution: its distribution function and quantiles, to about ten digits.

By the continued fraction of the incomplete beta function (Numerical Recipes, 6.4). It knows of
numbers alone.
"""

import math

_TINY = 1e-300
_CLOSE = 1e-14
_MOST_STEPS = 500
_HALVINGS = 60


def t_cdf(value: float, freedom: float) -> float:
    """The chance of a smaller value, with `freedom` degrees of freedom (more than 0)."""
    if math.isinf(value):
        return 1.0 if value > 0 else 0.0
    tail = 0.5 * _beta(freedom / (freedom + value * value), freedom / 2.0, 0.5)
    return 1.0 - tail if value > 0 else tail


def t_quantile(tail: float, freedom: float) -> float:
    """The value that is exceeded with chance `tail` (above 0, at most a half)."""
    low, high = 0.0, 1.0
    while t_cdf(-high, freedom) > tail:
        low, high = high, 2.0 * high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if t_cdf(-middle, freedom) > tail else (low, middle)
    return 0.5 * (low + high)


def _beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = (
        *(math.lgamma(a + b), -math.lgamma(a), -math.lgamma(b)),
        *(a * math.log(x), b * math.log1p(-x)),
    )
    front = math.exp(math.fsum(log_front))
    # The fraction converges quickly on this side alone; the other is its mirror.
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, by Lentz's method."""
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for step in (even, odd):
            d = 1.0 / _not_zero(1.0 + step * d)
            c = _not_zero(1.0 + step / c)
            found *= d * c
        if abs(d * c - 1.0) < _CLOSE:
            break
    return found


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
