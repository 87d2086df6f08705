"""The keys under which a cache would keep what a request begins with."""

from dataclasses import replace

from layouts import piece, row

from headroom.caching.layout import Zone, sides


def keys(layout):
    came, sent = sides(layout)
    return came.keys, sent.keys


def test_a_key_is_of_all_up_to_and_with_its_piece():
    long, short = row(piece("a"), piece("b"), piece("c")), row(piece("a"), piece("b"))
    other = row(piece("x"), piece("b"))
    for grown, begun, different in zip(keys(long), keys(short), keys(other), strict=True):
        assert grown[:2] == begun
        assert not set(begun) & set(different)
        assert len(set(grown)) == 3


def test_each_model_has_a_cache_of_its_own():
    pieces = (piece("a"),)
    one, two = keys(row(*pieces, model="claude-sonnet-5")), keys(row(*pieces, model="m\ud800"))
    assert not set(one[0] + one[1]) & set(two[0] + two[1])


def test_a_piece_that_is_ours_is_only_in_what_went():
    ours = piece("tool", before=0, after=60, digest=b"", zone=Zone.TOOLS)
    with_ours, without = keys(row(ours, piece("a"))), keys(row(piece("a")))
    assert with_ours[0][-1] == without[0][-1]
    assert with_ours[1][-1] != without[1][-1]


def test_a_piece_that_did_not_go_is_only_in_what_came():
    gone = piece("old", after=0, sent=None)
    with_gone, without = keys(row(gone, piece("a"))), keys(row(piece("a")))
    assert with_gone[0][-1] != without[0][-1]
    assert with_gone[1][-1] == without[1][-1]


def test_a_text_made_short_is_another_one_upstream_alone():
    long, short = keys(row(piece("a"))), keys(row(piece("a", after=300)))
    assert long[0] == short[0]
    assert long[1] != short[1]


def test_a_choice_is_lost_on_the_messages_alone_and_only_where_breakpoints_are_set():
    tools = piece("t", zone=Zone.TOOLS)
    plain = row(tools, piece("a"))
    chosen = replace(plain, choices=b"thinks")
    for before, after in zip(keys(plain), keys(chosen), strict=True):
        assert before[0] == after[0]
        assert before[1] != after[1]
    plain = row(tools, piece("a"), form="openai_chat")
    assert keys(plain) == keys(replace(plain, choices=b"thinks"))


def test_breakpoints_are_told_by_how_many_pieces_stand_before_them():
    came, sent = sides(row(piece("a", mark="1h"), piece("b", sent_mark="5m"), piece("c")))
    assert came.marks == ((1, "1h"),)
    assert sent.marks == ((1, "1h"), (2, "5m"))


def test_a_layout_counts_what_went():
    assert row(piece("a", 900, 400), piece("b", 100)).after == 500
