import json

from hypothesis import given
from hypothesis import strategies as st

from headroom.conversation import Block, Kind
from headroom.markers import Reference, parse_reference
from headroom.seen import Seen, argument_texts, lines_of
from references import decoded, places

LINES = [f"    value_{index} = compute(index={index}, scale={index * 7})" for index in range(40)]


def result(text):
    return Block(("m",), Kind.TOOL_RESULT, text)


def seen_after(*blocks):
    seen = Seen()
    for block in blocks:
        seen.add(block, block.text)
    return seen


def rendered(seen, text):
    """`text` with every repeat replaced by its reference."""
    lines = text.split("\n")
    out = []
    for piece in seen.pieces(text):
        out += lines[piece.start : piece.end] if piece.repeat is None else [piece.repeat]
    return "\n".join(out)


def gutter(lines, first=1, form="{:>6}\t{}"):
    return "\n".join(form.format(number, line) for number, line in enumerate(lines, first))


def test_a_text_read_again_is_one_reference():
    text = "\n".join(LINES)
    again = rendered(seen_after(result(text)), text)
    assert again.count("\n") == 0
    assert parse_reference(again).place == "tool result 1"
    assert parse_reference(again).count == len(LINES)


def test_a_changed_line_is_shown_between_two_references():
    edited = [*LINES[:20], "    changed = True", *LINES[21:]]
    first = result("\n".join(LINES))
    again = rendered(seen_after(first), "\n".join(edited))
    lines = again.split("\n")
    assert lines[1] == "    changed = True"
    assert len(lines) == 3
    assert decoded(again, places([(first, first.text)])) == "\n".join(edited)


def test_line_numbers_that_moved_are_looked_through_and_restored():
    before, after = gutter(LINES), gutter(["import x", *LINES])
    again = rendered(seen_after(result(before)), after)
    assert again.split("\n")[0] == "     1\timport x"
    assert len(again.split("\n")) == 2
    assert decoded(again, places([(result(before), before)])) == after


def test_a_window_shown_again_is_told_by_its_line_numbers():
    window = gutter(LINES, 120, "{}:{}")
    again = f"[File: a.py]\n{window}\n(10 more lines below)"
    assert rendered(seen_after(result(window)), again).split("\n")[1] == "[= 120-159 as above]"


def test_lines_that_moved_say_where_they_stood():
    before, after = gutter(LINES, 10), gutter(LINES, 12)
    again = rendered(seen_after(result(before)), after)
    assert again == "[= 12-51 as above at 10-49]"


def test_a_number_that_another_text_has_shown_since_does_not_tell():
    first, other = gutter(LINES), gutter([line.upper() for line in LINES])
    again = rendered(seen_after(result(first), result(other)), first)
    assert parse_reference(again) == Reference("tool result 1", 1, len(LINES))
    assert decoded(again, places([(result(first), first), (result(other), other)])) == first


def test_a_run_takes_in_the_blank_lines_and_brackets_before_it():
    block = ["", "}", "", *LINES[:6]]
    shown = "\n".join(["something else", *block])
    again = rendered(seen_after(result(shown)), "\n".join(["new", *block]))
    assert again.split("\n")[0] == "new"
    assert parse_reference(again.split("\n")[1]).count == len(block)
    assert LINES[0].strip()[:20] in again, "the line quoted is one that says something"


def test_a_file_written_by_a_call_is_not_shown_again_when_read():
    call = Block(("c",), Kind.TOOL_CALL, json.dumps({"path": "a.py", "content": "\n".join(LINES)}))
    text = gutter(LINES)
    again = rendered(seen_after(call), text)
    assert parse_reference(again).place == "tool call 1"
    assert decoded(again, places([(call, call.text)])) == text


def test_indentation_counts():
    again = "\n".join("  " + line for line in LINES)
    assert rendered(seen_after(result("\n".join(LINES))), again) == again


def test_a_single_line_and_short_runs_stand():
    text = f"{LINES[3]}\nnew line\na\nb\nc"
    assert rendered(seen_after(result("\n".join([*LINES, "a", "b", "c"]))), text) == text


def test_runs_do_not_cross_from_one_text_to_the_next():
    halves = [result("\n".join(LINES[:20])), result("\n".join(LINES[20:]))]
    again = rendered(seen_after(*halves), "\n".join(LINES))
    assert [parse_reference(line).place for line in again.split("\n")] == [
        "tool result 1",
        "tool result 2",
    ]


def test_only_what_was_sent_counts():
    seen = Seen()
    seen.add(result("\n".join(LINES)), "[… 40 lines omitted]\nshort")
    text = "\n".join(LINES)
    assert rendered(seen, text) == text


def test_gutters_are_only_numbers_that_count():
    assert lines_of("12: a\n99: b\n3: c").gutters == {}
    assert [str(gutter) for gutter in lines_of("12:a\n13:b").gutters.values()] == ["12:", "13:"]
    assert lines_of("  9\ta\n 10\tb").texts == ["a", "b"]
    assert lines_of("01:a\n02:b").gutters == {}, "a leading zero would not come back by counting"


def test_argument_texts_are_strings_of_several_lines_in_order():
    arguments = json.dumps({"a": "one", "b": ["x\ny", {"c": "z\n"}], "d": "p\nq"})
    assert list(argument_texts(arguments)) == ["x\ny", "z\n", "p\nq"]
    assert list(argument_texts("not json")) == []
    assert list(argument_texts("[" * 100_000)) == []


def test_a_run_ends_where_the_line_numbers_jump():
    first = gutter(LINES)
    jumped = gutter(LINES[:20]) + "\n" + gutter(LINES[20:], first=100)
    again = rendered(seen_after(result(first)), jumped)
    assert [parse_reference(line).count for line in again.split("\n")] == [20, 20]
    assert decoded(again, places([(result(first), first)])) == jumped


def test_a_line_shown_everywhere_is_looked_up_in_its_first_places_only():
    common = "\n".join(["    return None of the above", *LINES[:3]] * 50)
    again = rendered(seen_after(result(common)), common)
    assert decoded(again, places([(result(common), common)])) == common
    assert parse_reference(again.split("\n")[0]).count == 200


POOL = st.sampled_from([*LINES[:8], "", "}", "  1\tx", "7:y", "8:z", "short line"])
TEXTS = st.lists(POOL, min_size=1, max_size=30)
FORMS = st.sampled_from(["{1}", "{0:03}:{1}", "{0:>6}\t{1}", "{0}:{1}", "{0}|{1}", "{0:>5}→{1}"])


@given(st.lists(st.tuples(TEXTS, FORMS, st.integers(1, 120)), min_size=2, max_size=5))
def test_every_reference_decodes_to_the_very_lines(shown):
    sent, seen = [], Seen()
    for lines, form, first in shown:
        text = gutter(lines, first, form)
        reading = rendered(seen, text)
        assert decoded(reading, places(sent)) == text
        seen.add(result(text), reading)
        sent.append((result(text), reading))
