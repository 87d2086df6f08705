import pytest

from headroom.errors import SettingsError
from headroom.policy import BALANCED, PRESETS, Policy, named


def test_a_policy_is_found_by_name_and_passed_through():
    own = Policy("own", omit=True, budget=10, min_tokens=1)
    assert named("balanced") is BALANCED
    assert named(own) is own


def test_only_the_safe_policy_forbids_omission():
    assert {name for name, policy in PRESETS.items() if not policy.omit} == {"safe"}


def test_an_unknown_name_is_refused_with_the_choices():
    with pytest.raises(SettingsError, match="choose one of safe, balanced, aggressive"):
        named("brutal")
