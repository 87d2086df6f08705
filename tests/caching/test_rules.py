"""What the providers' rules say of single cases."""

import pytest

from headroom.caching.rules import LONG, SHORT, kept_seconds, rules_for


@pytest.mark.parametrize(
    ("form", "model", "least", "step"),
    [
        ("anthropic_messages", "claude-sonnet-4-5", 1_024, 1),
        ("anthropic_messages", "claude-opus-4-5-20251101", 4_096, 1),
        ("anthropic_messages", "claude-haiku-4-5", 4_096, 1),
        ("anthropic_messages", "claude-3-5-haiku-latest", 2_048, 1),
        ("bedrock_converse", "us.anthropic.CLAUDE-OPUS-4-6-v1:0", 4_096, 1),
        ("openai_chat", "gpt-5", 1_024, 128),
        ("openai_responses", "claude-opus-4-5", 1_024, 128),
        ("gemini", "gemini-2.5-pro", 1_024, 1),
    ],
)
def test_each_model_keeps_from_a_size_on(form, model, least, step):
    rules = rules_for(form, model)
    assert (rules.least, rules.step) == (least, step)
    assert rules.explicit == (form in ("anthropic_messages", "bedrock_converse"))


@pytest.mark.parametrize(
    ("tokens", "read"), [(0, 0), (1_023, 0), (1_024, 1_024), (1_151, 1_024), (1_152, 1_152)]
)
def test_reads_come_in_steps_and_from_a_size_on(tokens, read):
    assert rules_for("openai_chat", "gpt-5").readable(tokens) == read


def test_every_token_is_read_where_there_are_no_steps():
    assert rules_for("anthropic_messages", "claude-sonnet-4-5").readable(1_033) == 1_033


def test_a_breakpoint_lasts_five_minutes_or_the_hour_that_it_asks_for():
    rules = rules_for("anthropic_messages", "claude-sonnet-4-5")
    assert (rules.lifetime(SHORT), rules.lifetime(LONG), rules.lifetime("")) == (300, 3_600, 300)


@pytest.mark.parametrize(
    ("form", "long", "seconds"),
    [
        ("anthropic_messages", False, 300),
        ("anthropic_messages", True, 3_600),
        ("openai_chat", False, 86_400),
        ("gemini", True, 86_400),
    ],
)
def test_a_cache_is_surely_gone_after_its_longest_lifetime(form, long, seconds):
    assert kept_seconds(form, long=long) == seconds
