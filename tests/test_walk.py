from headroom.conversation import Block, Kind, Message
from headroom.walk import Walk


def block(kind, text, call_id="", tool=""):
    return Block(("m",), kind, text, tool, call_id)


def walked(*blocks, query="", rules=""):
    """A walk behind these blocks, and the key of the last."""
    walk, key = Walk(query, rules), b""
    for each in blocks:
        walk.enter(Message("assistant" if each.kind is Kind.ASSISTANT_TEXT else "user", (each,)))
        key = walk.reach(each)
        walk.note(each, each.text)
    return walk, key


USER = block(Kind.USER_TEXT, "Why does the parser fail?")
THOUGHT = block(Kind.ASSISTANT_TEXT, "I will look at tokenize().")
CALL = block(Kind.TOOL_CALL, '{"path": "a.py"}', "c1", "read")
RESULT = block(Kind.TOOL_RESULT, "text", "c1", "read")


def test_the_key_names_all_that_stands_before():
    keys = {
        walked(RESULT)[1],
        walked(USER, RESULT)[1],
        walked(USER, THOUGHT, RESULT)[1],
        walked(USER, RESULT, query="mine")[1],
        walked(USER, RESULT, rules="aggressive")[1],
        walked(USER, block(Kind.TOOL_RESULT, "text", "c2", "read"))[1],
        walked(USER, block(Kind.TOOL_RESULT, "text", "c1", "grep"))[1],
    }
    assert len(keys) == 7
    assert walked(USER, RESULT)[1] == walked(USER, RESULT)[1]


def test_where_one_text_ends_and_the_next_begins_is_part_of_the_key():
    one = walked(block(Kind.USER_TEXT, "ab"), block(Kind.USER_TEXT, "c"))[1]
    other = walked(block(Kind.USER_TEXT, "a"), block(Kind.USER_TEXT, "bc"))[1]
    assert one != other


def test_a_lone_surrogate_has_a_key():
    assert walked(block(Kind.USER_TEXT, "\ud800"))[1] != walked(block(Kind.USER_TEXT, "?"))[1]


def test_a_result_is_read_with_its_call_the_thought_and_the_question():
    walk, _ = walked(USER, THOUGHT, CALL)
    sample = walk.context(RESULT)
    assert (sample.tool, sample.source) == ("read", '{"path": "a.py"}')
    assert sample.query == "I will look at tokenize().\nWhy does the parser fail?"


def test_a_users_text_answers_no_call():
    walk, _ = walked(USER, block(Kind.TOOL_CALL, '{"command": "cat a.py"}', "", "bash"))
    assert walk.context(block(Kind.USER_TEXT, "text")).source == ""


def test_a_thought_counts_for_its_own_calls_only():
    walk, _ = walked(USER, THOUGHT, CALL, RESULT)
    walk.enter(Message("assistant", ()))
    assert walk.context(RESULT).query == "Why does the parser fail?"


def test_a_users_message_without_words_does_not_ask():
    pasted = block(Kind.USER_TEXT, "\n".join(f"2026-03-01 10:00:{n:02} INFO x" for n in range(50)))
    walk, _ = walked(USER, pasted)
    assert walk.context(RESULT).query == "Why does the parser fail?"


def test_what_stands_beside_pasted_data_asks_about_it():
    walk, _ = walked(block(Kind.USER_TEXT, "Hello."))
    assert walk.context(USER).query == "Why does the parser fail?"


def test_a_given_query_goes_before_everything():
    walk, _ = walked(USER, THOUGHT, query="mine")
    assert walk.context(RESULT).query == "mine"


def test_without_any_question_the_query_is_the_thought():
    walk, _ = walked(THOUGHT)
    assert walk.context(RESULT).query == "I will look at tokenize()."
