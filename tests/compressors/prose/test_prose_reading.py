"""A document as units: what begins a block, and where sentences end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.compressors.prose.reading import BLOCK, HEAD, NAME, SENTENCE, read
from headroom.compressors.prose.sentences import ends


def sentences(text):
    stops = [0, *ends(text, 0, len(text))]
    return [text[a:b].strip() for a, b in pairwise(stops)]


def units(text, **about):
    document = read(text, **about)
    return [(unit.kind, text[unit.start : unit.end].strip()) for unit in document.units]


@pytest.mark.parametrize(
    "whole",
    [
        "Dr. Reis met Mr. Alves in St. Louis.",
        "It costs 3.50 a piece, i.e. 7 for two.",
        "J. R. Reis wrote it, cf. Alves et al. 1998.",
        "1. First things first.",
        "See fig. 3 for details... and so on.",
        "He asked why? and left.",
        "12. The twelfth.",
    ],
)
def test_what_ends_no_sentence(whole):
    assert sentences(whole) == [whole]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It ran. It stopped.", ["It ran.", "It stopped."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("Is it so? Yes! It is.", ["Is it so?", "Yes!", "It is."]),
        ("Known since 1998.[12] Later it fell.", ["Known since 1998.[12]", "Later it fell."]),
        (
            "港口在北方。灯塔很高。「好。」他说。",
            ["港口在北方。", "灯塔很高。", "「好。」", "他说。"],
        ),
        ("It ran.\nIt stopped.", ["It ran.", "It stopped."]),
        ("So . OK . Fine .", ["So .", "OK .", "Fine ."]),
        ("It weighs 5. Then it sank.", ["It weighs 5.", "Then it sank."]),
    ],
)
def test_what_ends_a_sentence(text, parts):
    assert sentences(text) == parts


def test_a_stretch_without_ends_is_cut_at_lines_or_between_words():
    lines = "\n".join(f"line {n} of words" for n in range(100))
    assert len(sentences(lines)) == 100
    spoken = "and then we went on " * 200
    assert max(map(len, sentences(spoken))) < 500
    ended = f"{spoken}end. Then more."
    assert sentences(ended)[-1] == "Then more."


def test_heads_of_chunks_in_their_spellings():
    text = (
        "[1] A title\nBody one.\n\nDocument 2 (Title: Two (x))\nBody two.\n\nPassage 3: Body three is"
        " a whole sentence.\n\n<doc id=4>\nBody four.\n</doc>\nSource: /a/b\nTitle: Five\nBody five.\n---\n"
        "Body six.\n"
    )
    heads = [said for kind, said in units(text) if kind == HEAD]
    assert heads == [
        *("[1] A title", "Document 2 (Title: Two (x))", "Passage 3:", "<doc id=4>", "</doc>"),
        *("Source: /a/b", "Title: Five", "---"),
    ]
    assert read(text).titles[-2] == "</doc>\nSource: /a/b\nTitle: Five"


def test_headings_of_markdown_rst_and_manuals():
    text = "# One\nText.\n\nTwo\n===\n\nText.\n\nTHREE\n    Text.\n\nFour is no heading\nas this follows.\n"
    heads = [said for kind, said in units(text) if kind == HEAD]
    assert heads == ["# One", "Two\n===", "THREE"]


def test_a_paragraph_that_a_splitter_put_behind_a_heading_sign_is_read_as_sentences():
    line = "# Title and text " + "that goes on. And on it goes. " * 20
    assert len(units(line)) > 20


def test_code_tables_and_short_lists_are_one_unit_each():
    text = (
        "Text.\n\n```\na\n\nb\n```\nText.\n\n| a |\n| b |\n\n- one\n- two\n  more\n\n- three\n\nText.\n\n"
        "    code\n\n    code\n\n+---+\n| a |\n+---+\n"
    )
    blocks = [said for kind, said in units(text) if kind == BLOCK]
    assert blocks == [
        "```\na\n\nb\n```",
        "| a |\n| b |",
        "- one\n- two\n  more\n\n- three",
        "code\n\n    code",
        "+---+\n| a |\n+---+",
    ]


def test_a_long_list_is_its_items():
    items = [f"- item {n} says a good deal about what it is" for n in range(30)]
    assert [said for _, said in units("\n".join(items))] == items
    assert [said for _, said in units("\n".join(["- a", "Text.", *items, "", "Text."]))][
        -2
    ] == items[-1]


def test_text_that_is_indented_throughout_is_no_code():
    text = "\n\n".join(f"    Sentence {n} here. Another one." for n in range(9))
    assert {kind for kind, _ in units(text)} == {SENTENCE}


def test_a_fence_that_never_closes_holds_the_rest():
    assert units("Text.\n```\na\n\n# b\n")[-1] == (BLOCK, "```\na\n\n# b")


def test_turns_have_their_speaker_apart():
    text = "Ann: Yes. No.\nBob (12:30): Why?\n[10:31] Ann: Because.\nand so on\nBob:\n"
    assert units(text) == [
        (NAME, "Ann:"),
        (SENTENCE, "Yes."),
        (SENTENCE, "No."),
        (NAME, "Bob (12:30):"),
        (SENTENCE, "Why?"),
        (NAME, "[10:31] Ann:"),
        (SENTENCE, "Because.\nand so on"),
        (NAME, "Bob:"),
    ]
    assert read(text).is_talk


def test_whole_lines_are_never_cut():
    text = (
        "[1] It ran. It stopped. It ran again and again and again until it broke.\n\nTwo. Three.\n"
    )
    assert [said for _, said in units(text, whole_lines=True)] == text.strip().split("\n\n")


LINES = st.sampled_from(
    ["", "Text. More.", "# H", "===", "- a", "  b", "    c", "```", "| a |", "[1] X", "[2] It is. So.",
     "Ann: Hi. Yes.", "<doc>", "---", "12\tText", "Source: a", "CAPS", "Mr. X said no.", "。", "\t"]
)  # fmt: skip


@given(st.lists(LINES, max_size=30).map("\n".join), st.booleans())
def test_the_units_in_order_are_the_text(text, whole):
    document = read(text, whole_lines=whole)
    assert "".join(text[unit.start : unit.end] for unit in document.units) in (text, "")
    assert document.units or not text.strip()
    assert all(unit.chunk < len(document.titles) for unit in document.units)
    if whole:
        assert all(unit.start == 0 or text[unit.start - 1] == "\n" for unit in document.units)
