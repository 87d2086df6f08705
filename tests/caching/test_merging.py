"""What came and what went, seen as one row of pieces."""

from hypothesis import given
from hypothesis import strategies as st

from headroom.caching.layout import Zone
from headroom.caching.merging import Found, merged
from headroom.edits import Measure


def found(name, zone=Zone.MESSAGES, **more):
    return Found(zone, 0, name, name.encode(), Measure(100, 60), **more)


def told(ours, theirs):
    """Of each piece what the client sent, whether it went, and its tokens."""
    pieces = merged([found(name) for name in ours], [found(name) for name in theirs])
    return [
        (piece.digest.decode(), piece.sent is not None, piece.before, piece.after)
        for piece in pieces
    ]


def test_what_both_have_is_one_piece():
    assert told("ab", "ab") == [("a", True, 100, 60), ("b", True, 100, 60)]


def test_what_only_we_have_is_ours():
    assert told("xab", "ab") == [("", True, 0, 60), ("a", True, 100, 60), ("b", True, 100, 60)]
    assert told("abx", "ab")[-1] == ("", True, 0, 60)


def test_what_only_the_client_has_did_not_go():
    assert told("b", "ab") == [("a", False, 100, 0), ("b", True, 100, 60)]
    assert told("a", "ab")[-1] == ("b", False, 100, 0)


def test_what_went_in_another_order_is_whole_on_both_sides():
    assert told("abc", "cab") == [
        ("", True, 0, 60),
        ("", True, 0, 60),
        ("c", True, 100, 60),
        ("a", False, 100, 0),
        ("b", False, 100, 0),
    ]


def test_what_went_in_other_words_is_one_piece():
    assert told("aXc", "abc") == [("a", True, 100, 60), ("b", True, 100, 60), ("c", True, 100, 60)]


def test_a_tool_of_ours_is_no_other_wording_of_a_message():
    (ours, hello) = merged([found("t", Zone.TOOLS), found("x")], [found("a")])
    assert (ours.digest, ours.zone, hello.digest) == (b"", Zone.TOOLS, b"a")
    (gone, hello) = merged([found("x")], [found("t", Zone.TOOLS), found("a")])
    assert (gone.digest, gone.sent, hello.digest) == (b"t", None, b"a")


def test_what_went_is_named_alike_wherever_the_client_had_it():
    """Else reordered tools, sent in the same order every time, would look like others each time."""
    first = merged([found("a"), found("b")], [found("b"), found("a")])
    second = merged([found("a"), found("b")], [found("a"), found("b")])
    went = [[piece.sent for piece in each if piece.sent is not None] for each in (first, second)]
    assert went[0] == went[1]


def test_another_version_of_a_text_is_named_otherwise():
    short = found("a")._replace(measure=Measure(100, 60, sent=7))
    (long,), (cut,) = merged([found("a")], [found("a")]), merged([short], [short])
    assert long.digest == cut.digest
    assert long.sent != cut.sent


def test_a_breakpoint_of_ours_stands_behind_the_piece_that_it_was_put_into():
    body = [found("a", start=200, end=300), found("b", start=10, end=90, mark="1h")]
    for placed, marks in ((200, ["5m", "1h"]), (89, ["", "5m"]), (90, ["", "1h"])):
        pieces = merged(body, body, [placed])
        assert [piece.sent_mark for piece in pieces] == marks
        assert [piece.mark for piece in pieces] == ["", "1h"]


NAMES = st.lists(st.sampled_from("abcdef"), max_size=8)


@given(NAMES, NAMES)
def test_each_sides_pieces_are_all_there_in_their_order(ours, theirs):
    pieces = merged([found(name) for name in ours], [found(name) for name in theirs])
    assert [piece.digest.decode() for piece in pieces if piece.digest] == theirs
    assert sum(piece.before for piece in pieces) == 100 * len(theirs)
    assert sum(piece.after for piece in pieces) == 60 * len(ours)
    went = [piece.sent for piece in pieces if piece.sent is not None]
    assert went == [
        piece.sent for piece in merged([found(n) for n in ours], [found(n) for n in ours])
    ]
