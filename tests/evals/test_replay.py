"""What a replay counts, on conversations small enough to count by hand."""

import json
from dataclasses import replace as changed

import pytest

from headroom.edits import Edit, Fidelity, Result
from headroom.evals import Content
from headroom.evals.figures import CACHED, WRITTEN
from headroom.evals.replay import LEFT, PER_MESSAGE, replay, turns
from headroom.tokens import TokenCounter
from headroom.wire import ANTHROPIC_MESSAGES, OPENAI_CHAT

COUNTER = TokenCounter()
READ = "SECRET_TOKEN = 'abcdef'\nTIMEOUT_SECONDS = 30\nprint('hello there')"


def call(number, name="read", **arguments):
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": f"c{number}", "type": "function", "function": function}],
    }


def result(number, text):
    return {"role": "tool", "tool_call_id": f"c{number}", "content": text}


TASK = {"role": "user", "content": "Mend the settings."}
DONE = {"role": "assistant", "content": "Done."}
SESSION = [
    TASK,
    call(1, path="conf.py"),
    result(1, READ),
    call(
        2,
        "edit",
        path="conf.py",
        old_string="TIMEOUT_SECONDS = 30",
        new_string="TIMEOUT_SECONDS = 60",
    ),
    result(2, "edited"),
    DONE,
]


def unchanged(messages):
    return Result(messages, (), (), 0, 0, exact=True)


def rewriting(before, after):
    """A compression that replaces one text by another, wherever it stands."""

    def compress(messages):
        edits = tuple(
            Edit(
                ("messages", index, "content"),
                before,
                after,
                "rewriter",
                Fidelity.RECOVERABLE,
                (),
                0,
                0,
            )
            for index, message in enumerate(messages)
            if message["content"] == before
        )
        body = [{**m, "content": after} if m["content"] == before else m for m in messages]
        return Result(body, edits, (), 0, 0, exact=True)

    return compress


def measured(messages, compress=unchanged, form=OPENAI_CHAT):
    return replay(messages, form, compress, COUNTER)


def size(*texts):
    return PER_MESSAGE * len(texts) + sum(map(COUNTER.count, texts))


def test_a_leading_word_of_the_assistant_is_no_turn():
    conversation = OPENAI_CHAT.parse_messages([{"role": "system", "content": "s"}, DONE, *SESSION])
    assert turns(conversation) == [3, 5, 7]


def test_without_compression_nothing_is_saved_or_hidden():
    figures = measured(SESSION)
    assert (figures.conversations, figures.turns, figures.followed) == (1, 3, 2)
    assert figures.billed_saving == 0.0
    assert (figures.recall, figures.stability, figures.edit_targets) == (1.0, 1.0, 1.0)


def test_a_request_reads_what_was_sent_and_writes_what_is_new():
    figures = measured([TASK, DONE, {"role": "user", "content": "More."}, DONE])
    first = size(TASK["content"])
    second = size("Done.", "More.")
    assert figures.billed_before == pytest.approx(WRITTEN * (first + second) + CACHED * first)
    assert figures.billed_after == figures.billed_before


def test_changed_bytes_are_written_again_and_are_not_stable():
    def restless(messages):
        return unchanged([{**messages[0], "content": f"asked {len(messages)}"}, *messages[1:]])

    figures = measured([TASK, DONE, {"role": "user", "content": "More."}, DONE], restless)
    assert figures.stability == 0.0
    first, second = size("asked 1"), size("asked 3", "Done.", "More.")
    assert figures.billed_after == pytest.approx(WRITTEN * (first + second))


def test_what_the_agent_took_from_a_result_must_be_visible_when_it_is_used():
    figures = measured(SESSION)
    # conf.py and the new value stand in the agent's own words first
    assert (figures.used, figures.targets) == (1, 1)
    hidden = measured(SESSION, rewriting(READ, "[gone]"))
    assert (hidden.used, hidden.visible) == (1, 0)
    assert (hidden.targets, hidden.present) == (1, 0)


def test_a_name_is_counted_when_it_is_used_first():
    again = [*SESSION, TASK, {"role": "assistant", "content": "TIMEOUT_SECONDS is 60 now."}]
    assert measured(again).used == 1


def test_what_the_user_said_first_was_not_taken_from_a_result():
    told = [{"role": "user", "content": "Raise TIMEOUT_SECONDS."}, *SESSION[1:]]
    assert measured(told).used == 0


def test_a_hidden_text_that_is_needed_costs_a_turn_and_its_tokens_from_there_on():
    figures = measured(SESSION, rewriting(READ, "[gone]"))
    arguments = json.dumps({"path": "conf.py"})
    request = size("Mend the settings.", arguments, "[gone]")
    fetched = size(READ)
    assert figures.penalty == pytest.approx(CACHED * request + WRITTEN * fetched + CACHED * fetched)
    assert figures.net_saving < figures.billed_saving


def test_one_retrieval_shows_all_of_a_text():
    both = {"role": "assistant", "content": "SECRET_TOKEN beside TIMEOUT_SECONDS"}
    figures = measured([*SESSION[:3], both], rewriting(READ, "[gone]"))
    request = size("Mend the settings.", json.dumps({"path": "conf.py"}), "[gone]")
    assert figures.used - figures.visible == 2
    assert figures.penalty == pytest.approx(CACHED * request + WRITTEN * size(READ))


def test_contents_are_told_by_what_compressed_them():
    figures = measured(SESSION, rewriting(READ, "[gone]"))
    assert figures.contents == {
        "rewriter": Content(1, COUNTER.count(READ), COUNTER.count("[gone]")),
        LEFT: Content(1, COUNTER.count("edited"), COUNTER.count("edited")),
    }


def test_anthropic_conversations_are_measured_alike():
    session = [
        TASK,
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "read", "input": {"path": "conf.py"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": READ}]},
        {"role": "assistant", "content": "SECRET_TOKEN it is."},
    ]  # fmt: skip
    figures = measured(session, form=ANTHROPIC_MESSAGES)
    assert (figures.turns, figures.used, figures.visible) == (2, 1, 1)


def test_the_time_that_compression_took_is_counted():
    figures = measured(SESSION)
    assert figures.seconds > 0
    assert changed(figures, seconds=0.0).seconds == 0.0
