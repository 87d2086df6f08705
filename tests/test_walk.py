from headroom.conversation import Block, Conversation, Kind, Message
from headroom.decision import Decision
from headroom.edits import Edit, Fidelity
from headroom.tokens import Count
from headroom.walk import Walk, steps

COUNT = Count(9, exact=True)
LEFT = Decision(None, COUNT, COUNT)
CUT = Decision(Edit((), "", "cut", "log", Fidelity.RECOVERABLE, ("a",), 9, 1), COUNT, COUNT)


def block(kind, text, call_id="", tool="", fixed=False):
    return Block(("m",), kind, text, tool, call_id, fixed)


def message(each):
    said = each.kind in (Kind.ASSISTANT_TEXT, Kind.TOOL_CALL)
    return Message("assistant" if said else "user", (each,))


def key(*blocks, query="", rules=""):
    """The key of the last block."""
    return steps(Conversation("", tuple(map(message, blocks))), query, rules)[-1].key


def walked(*blocks, query="", cut=()):
    """A walk behind these blocks, of which the results in `cut` were shortened."""
    walk = Walk(query)
    for each in blocks:
        walk.enter(message(each))
        walk.note(each, CUT if each in cut else LEFT)
    return walk


USER = block(Kind.USER_TEXT, "Why does the parser fail?")
THOUGHT = block(Kind.ASSISTANT_TEXT, "I will look at tokenize().")
CALL = block(Kind.TOOL_CALL, '{"path": "a.py"}', "c1", "read")
RESULT = block(Kind.TOOL_RESULT, "text", "c1", "read")


def test_the_key_names_all_that_stands_before():
    keys = {
        key(RESULT),
        key(USER, RESULT),
        key(USER, THOUGHT, RESULT),
        key(USER, RESULT, query="mine"),
        key(USER, RESULT, rules="aggressive"),
        key(USER, block(Kind.TOOL_RESULT, "text", "c2", "read")),
        key(USER, block(Kind.TOOL_RESULT, "text", "c1", "grep")),
        key(USER, block(Kind.TOOL_RESULT, "text", "c1", "read", fixed=True)),
    }
    assert len(keys) == 8
    assert key(USER, RESULT) == key(USER, RESULT)


def test_the_key_names_nothing_that_stands_behind():
    first, _ = steps(Conversation("", (message(USER), message(RESULT))), "", "")
    assert first.key == key(USER)


def test_where_one_text_ends_and_the_next_begins_is_part_of_the_key():
    one = key(block(Kind.USER_TEXT, "ab"), block(Kind.USER_TEXT, "c"))
    other = key(block(Kind.USER_TEXT, "a"), block(Kind.USER_TEXT, "bc"))
    assert one != other


def test_a_lone_surrogate_has_a_key():
    assert key(block(Kind.USER_TEXT, "\ud800")) != key(block(Kind.USER_TEXT, "?"))


def test_a_result_is_read_with_its_call_the_thought_and_the_question():
    walk = walked(USER, THOUGHT, CALL)
    sample = walk.context(RESULT)
    assert (sample.tool, sample.source) == ("read", '{"path": "a.py"}')
    assert sample.query == "I will look at tokenize().\nWhy does the parser fail?"


def test_a_users_text_answers_no_call():
    walk = walked(USER, block(Kind.TOOL_CALL, '{"command": "cat a.py"}', "", "bash"))
    assert walk.context(block(Kind.USER_TEXT, "text")).source == ""


def test_a_thought_counts_for_its_own_calls_only():
    walk = walked(USER, THOUGHT, CALL, RESULT)
    walk.enter(Message("assistant", ()))
    assert walk.context(RESULT).query == "Why does the parser fail?"


def test_a_users_message_without_words_does_not_ask():
    pasted = block(Kind.USER_TEXT, "\n".join(f"2026-03-01 10:00:{n:02} INFO x" for n in range(50)))
    walk = walked(USER, pasted)
    assert walk.context(RESULT).query == "Why does the parser fail?"


def test_what_stands_beside_pasted_data_asks_about_it():
    walk = walked(block(Kind.USER_TEXT, "Hello."))
    assert walk.context(USER).query == "Why does the parser fail?"


def test_a_given_query_goes_before_everything():
    walk = walked(USER, THOUGHT, query="mine")
    assert walk.context(RESULT).query == "mine"


def test_without_any_question_the_query_is_the_thought():
    walk = walked(THOUGHT)
    assert walk.context(RESULT).query == "I will look at tokenize()."


def test_the_words_that_count_are_the_last_that_the_user_said():
    later = block(Kind.USER_TEXT, "And the lexer?")
    walk = walked(USER, later)
    assert walk.context(RESULT).query == "And the lexer?"
    walk.note(RESULT, LEFT)
    assert walk.context(RESULT).query == "And the lexer?"


AGAIN = block(Kind.TOOL_CALL, CALL.text, "c2", "read")
ANSWER = block(Kind.TOOL_RESULT, "text", "c2", "read")


def test_a_call_repeated_at_once_because_its_result_was_cut_is_recognised():
    assert walked(CALL, RESULT, THOUGHT, AGAIN, cut=[RESULT]).is_asked_again(ANSWER)
    assert not walked(CALL, RESULT, AGAIN).is_asked_again(ANSWER)
    assert not walked(CALL, RESULT, THOUGHT, CALL, RESULT, AGAIN, cut=[ANSWER]).is_asked_again(
        ANSWER
    )


def test_a_call_with_other_arguments_or_made_later_is_not_asked_again():
    other = block(Kind.TOOL_CALL, '{"path": "b.py"}', "c2", "read")
    assert not walked(CALL, RESULT, other, cut=[RESULT]).is_asked_again(ANSWER)
    between = [block(Kind.TOOL_CALL, "{}", "c9"), block(Kind.TOOL_RESULT, "ok", "c9")]
    assert not walked(CALL, RESULT, *between, AGAIN, cut=[RESULT]).is_asked_again(ANSWER)


def test_a_result_without_its_call_is_not_asked_again():
    assert not walked(CALL, RESULT, cut=[RESULT]).is_asked_again(ANSWER)
    assert not walked().is_asked_again(ANSWER)
