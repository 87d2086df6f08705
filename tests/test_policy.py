from dataclasses import replace

import pytest

from headroom.errors import SettingsError
from headroom.policy import AGGRESSIVE, BALANCED, PRESETS, SAFE, Policy, ToolRule, named


def with_rules(*rules, policy=BALANCED):
    return replace(policy, tools=rules)


def test_a_policy_is_found_by_name_and_passed_through():
    own = Policy("own", omit=True, budget=10, min_tokens=1)
    assert named("balanced") is BALANCED
    assert named(own) is own


def test_only_the_safe_policy_forbids_omission():
    assert {name for name, policy in PRESETS.items() if not policy.omit} == {"safe"}


def test_presets_stand_from_the_safest_to_the_most_daring():
    assert list(PRESETS.values()) == [SAFE, BALANCED, AGGRESSIVE]


def test_an_unknown_name_is_refused_with_the_choices():
    with pytest.raises(SettingsError, match="choose one of safe, balanced, aggressive"):
        named("brutal")


def test_without_rules_a_tool_has_the_policy_itself():
    assert BALANCED.for_tool("Read") is BALANCED
    assert with_rules(ToolRule("*", "exclude")).for_tool("").omit


def test_an_excluded_tool_has_no_policy():
    policy = with_rules(ToolRule("Read", "exclude"))
    assert policy.for_tool("Read") is None
    assert policy.for_tool("Reader") == BALANCED
    assert policy.for_tool("read") == BALANCED


def test_a_lossless_tool_omits_nothing():
    assert not with_rules(ToolRule("mcp__*", "lossless")).for_tool("mcp__jira__get").omit


def test_a_tool_may_have_a_budget_of_its_own():
    policy = with_rules(ToolRule("Bash", budget=300))
    assert policy.for_tool("Bash") == replace(BALANCED, budget=300)


def test_the_first_rule_of_a_file_counts():
    policy = with_rules(ToolRule("mcp__jira__get", "lossless"), ToolRule("mcp__*", "exclude"))
    assert not policy.for_tool("mcp__jira__get").omit
    assert policy.for_tool("mcp__jira__list") is None


@pytest.mark.parametrize(
    "project", [ToolRule("*", "lossless", project=True), ToolRule("Read", budget=9, project=True)]
)
def test_a_project_cannot_undo_what_the_user_excluded(project):
    assert with_rules(ToolRule("Read", "exclude"), project).for_tool("Read") is None


def test_a_project_can_exclude_and_forbid_omission():
    policy = with_rules(
        ToolRule("Bash", budget=300),
        ToolRule("Read", "exclude", project=True),
        ToolRule("Bash", "lossless", project=True),
    )
    assert policy.for_tool("Read") is None
    assert not policy.for_tool("Bash").omit


def test_a_project_raises_a_budget_and_never_lowers_it():
    user = ToolRule("Bash", budget=3_000)
    low, high = (ToolRule("Bash", budget=budget, project=True) for budget in (1, 9_000))
    assert with_rules(user, low).for_tool("Bash").budget == 3_000
    assert with_rules(user, high).for_tool("Bash").budget == 9_000
    assert with_rules(low).for_tool("Bash").budget == BALANCED.budget


def test_the_policy_of_a_tool_has_no_rules_left():
    assert with_rules(ToolRule("A", "lossless")).for_tool("B").tools == ()
