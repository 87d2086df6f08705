"""How a provider's count compares with ours."""

import pytest
from layouts import piece, row

from headroom.caching.layout import Zone
from headroom.caching.scale import Scale

IMAGE = 5_000
"""Tokens that a provider counts and we do not."""


def told(scale, ours, rate, extra=0, name="a"):
    return scale.of(row(piece(name, ours)), round(ours * rate) + extra)


def test_until_enough_is_known_one_of_ours_is_one_of_theirs():
    scale = Scale()
    assert [told(scale, ours, 1.3) for ours in (1_000, 2_000, 2_999)] == [1.0, 1.0, 1.0]
    assert told(scale, 3_000, 1.3) == pytest.approx(1.3)


def test_what_stands_before_the_texts_does_not_count():
    scale = Scale()
    for ours in (1_000, 2_000, 4_000):
        found = told(scale, ours, 1.25, extra=IMAGE)
    assert found == pytest.approx(1.25)


def test_only_requests_that_begin_alike_are_compared():
    scale = Scale()
    assert told(scale, 1_000, 1.0, name="a") == told(scale, 90_000, 1.5, name="b") == 1.0


def test_tools_and_what_is_ours_belong_to_the_beginning():
    scale = Scale()
    tools = piece("t", 300, zone=Zone.TOOLS)
    ours = piece("tool", 0, 50, digest=b"")
    for size in (0, 2_000):
        found = scale.of(row(tools, ours, piece("a", 500), piece("b", size)), 850 + size * 3 // 2)
    assert found == 1.5
    assert scale.of(row(tools), 900) == 1.5, "it is the model's, not the conversation's"


def test_a_request_that_is_shorter_tells_nothing():
    scale = Scale()
    assert [told(scale, ours, 1.5) for ours in (9_000, 1_000)] == [1.0, 1.0]
    assert scale.of(row(piece("a", 5_000)), 900) == 1.0


@pytest.mark.parametrize(("rate", "held"), [(0.1, 0.5), (0.9, 0.9), (9.0, 2.0)])
def test_a_scale_stays_within_reason(rate, held):
    scale = Scale()
    told(scale, 1_000, rate)
    assert told(scale, 11_000, rate) == pytest.approx(held)


def test_the_beginning_that_was_longest_not_seen_is_forgotten():
    scale = Scale()
    for number in range(201):
        told(scale, 1_000, 1.5, name=f"session {number}")
    assert told(scale, 9_000, 1.5, name="session 0") == 1.0
    assert told(scale, 9_000, 1.5, name="session 200") == 1.5
