"""What varies in a text between two requests, and what of it is said of the moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.caching.volatile import kind_of, statements

PAIRS = [
    ("Now: 10:05:33.", "Now: 10:05:34.", "a time of day"),
    ("It is 9:59 PM", "It is 10:00 PM", "a time of day"),
    ("at 2026-03-01T10:05:33Z", "at 2026-03-02T00:00:01Z", "a time of day"),
    ("ts=1767225600", "ts=1767225661", "a time of day"),
    ("ts=1767225600.123", "ts=1767225600.345", "a time of day"),
    ("Today is 2026-03-01.", "Today is 2026-03-02.", "a date"),
    ("Today is March 3, 2026.", "Today is March 4, 2026.", "a date"),
    ("Today is 3 March 2026.", "Today is 3 April 2026.", "a date"),
    ("It is Tuesday", "It is Wednesday", "a date"),
    (
        "id 123e4567-e89b-12d3-a456-426614174000",
        "id 123e4567-e89b-12d3-a456-426614174111",
        "a random id",
    ),
    ("id req_8f14e45fceea", "id req_c9f0f895fb98", "a random id"),
    ("turn 12 of many", "turn 13 of many", "a number that counts"),
    ("message-9", "message-10", "a number that counts"),
    ("in /tmp/run-a8x/out", "in /tmp/run-b91/out", "a temporary path"),
]


@pytest.mark.parametrize(("before", "after", "kind"), PAIRS)
def test_the_kind_of_a_difference_is_told_by_what_stands_at_it(before, after, kind):
    assert kind_of(before, after) == kind
    around = "Some words before. {} And 17 more words, at 9:15 a note."
    assert kind_of(around.format(before), around.format(after)) == kind


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the same", "the same"),
        ("", ""),
        ("", "something"),
        ("You are kind.", "You are strict."),
        ("turn 13", "turn 12"),
        ("Be brief. Now: 10:05", "Be exact. Now: 10:06"),
    ],
)
def test_other_differences_have_no_kind(before, after):
    assert kind_of(before, after) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_have_a_kind_or_none(before, after):
    found = kind_of(before, after)
    assert found is None or before != after


@pytest.mark.parametrize(
    "line",
    [
        "Current time: 10:05",
        "- **Current date and time:** Tuesday, March 3, 2026 at 10:05:33 AM UTC",
        "<current_time>2026-03-01T10:05:33.123456+00:00</current_time>",
        "The current time is 2026-03-01 10:05:33.",
        "Today is 2026-03-01 10:05 (UTC+01:00)",
        "timestamp: 1767225600",
        "It is now 10:05 p.m.",
        "Request-ID: req_8f14e45fceea",
        "x-request-id=123e4567-e89b-12d3-a456-426614174000",
        "<trace_id>8f14e45fceea167a</trace_id>",
        "Nonce: 839211",
    ],
)
def test_what_is_said_of_the_moment_is_found_as_a_line_and_as_a_sentence(line):
    text = f"You are an agent.\n{line}\nUse the tools."
    (found,) = statements(text)
    assert found.text == line
    assert text[: found.start] + text[found.end :] == "You are an agent.\nUse the tools."
    text = f"You are an agent. {line}"
    (found,) = statements(text)
    assert text[: found.start] == "You are an agent."
    assert found.end == len(text)


@pytest.mark.parametrize(
    "line",
    [
        "Today's date: 2026-03-01",
        "The office opens at 9:00.",
        "Office time: 9:00 to 17:00",
        "Standup time is 9:30 in room 12",
        "Logs look like 2026-03-01 10:05:33 INFO started",
        "Always say the current time.",
        "Request-ID: must be given by the user",
        "Version: 1767225600",
        "Answer within 10:00 minutes when the time is short, and tell the user so",
        "Session ID: 8f14e45fceea167a",
    ],
)
def test_what_merely_holds_a_time_or_a_number_stays(line):
    assert list(statements(f"You are an agent.\n{line}\nUse the tools.")) == []


def test_a_fenced_example_stays_and_what_follows_it_is_read_again():
    text = "Example:\n```\nCurrent time: 10:05\n```\nCurrent time: 11:06\n"
    assert [(found.text, found.start) for found in statements(text)] == [
        ("Current time: 11:06", text.index("Current time: 11:06"))
    ]


def test_a_line_too_long_for_a_person_is_not_looked_into():
    assert list(statements("x" * 4_000 + ". Current time: 10:05")) == []
    assert list(statements("the time of " * 20 + "10:05")) == []


@given(st.text(alphabet="the time is now at:10 \n`.=-_x/", max_size=300))
def test_what_is_found_lies_in_order_and_says_what_stands_there(text):
    end = 0
    for found in statements(text):
        assert end <= found.start < found.end <= len(text)
        assert found.text in text[found.start : found.end]
        end = found.end
