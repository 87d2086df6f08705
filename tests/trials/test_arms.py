"""Which arm a session is in."""

from hypothesis import given
from hypothesis import strategies as st

from headroom.trials.arms import COMPRESSED, HELD_OUT, arm_of, family_of

NAMES = [f"{number:012x}" for number in range(20_000)]


def test_the_share_of_sessions_is_held_out():
    for share in (0.01, 0.1, 0.5):
        held = sum(arm_of(name, share) == HELD_OUT for name in NAMES)
        # Four standard deviations of a binomial count.
        assert abs(held - share * len(NAMES)) < 4 * (len(NAMES) * share * (1 - share)) ** 0.5


def test_without_a_share_or_a_name_there_is_no_arm():
    assert arm_of("a session", 0.0) == ""
    assert arm_of("", 0.5) == ""


@given(st.text(min_size=1), st.floats(0.001, 0.998), st.floats(0.001, 0.998))
def test_a_session_held_out_stays_so_when_the_share_is_raised(name, one, other):
    low, high = sorted((one, other))
    if arm_of(name, low) == HELD_OUT:
        assert arm_of(name, high) == HELD_OUT


@given(st.text(min_size=1))
def test_an_arm_is_always_the_same_one(name):
    assert arm_of(name, 0.3) == arm_of(name, 0.3)
    assert arm_of(name, 0.3) in (HELD_OUT, COMPRESSED)


def test_sub_agents_share_the_arm_of_their_session():
    for name in NAMES[:200]:
        assert arm_of(f"{name}.9f8e7d6c5b4a", 0.5) == arm_of(name, 0.5)
    assert family_of("0123456789ab.9f8e7d6c5b4a") == "0123456789ab"
    assert family_of("0123456789ab") == "0123456789ab"


def test_arms_are_not_told_by_how_a_name_begins():
    arms = [arm_of(f"session {number}", 0.5) for number in range(64)]
    assert 16 < arms.count(HELD_OUT) < 48
