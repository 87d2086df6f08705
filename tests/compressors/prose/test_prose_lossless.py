"""Without loss: what stands above is referred to, and decodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prose_decoding import decoded, proposed

from headroom.compressors.prose.repeats import may_fold
from headroom.edits import Fidelity

ONE = (
    "The pump was built in 1998 by the works in Lisbon. It runs at three speeds, and at the "
    "highest it needs the metal seal. Nobody has measured the seat since the last repair."
)
TWO = (
    "A valve that leaks is not always broken. The seal may be worn, or the seat may be rough "
    "where the old valve stood. Measure both before you order a new one from the supplier."
)
OTHER = "Something else is said here, which stands nowhere above and is not repeated either."


def folded(text):
    proposal = proposed(text, omit=False)
    if proposal is None:
        return None
    assert proposal.fidelity is Fidelity.LOSSLESS
    assert decoded(proposal.text) == text
    assert len(proposal.text) < len(text)
    return proposal.text


def test_a_paragraph_said_twice_is_referred_to_by_its_first_and_last_words():
    out = folded(f"[1] {ONE}\n\n[2] {TWO}\n\n[3] {ONE}\n\n[4] {OTHER}")
    assert '[3] [= as above, from "The pump was built" to "since the last repair."]\n\n[4]' in out


def test_overlapping_windows_say_their_overlap_once():
    out = folded(f"<doc id=1>\n{ONE} {TWO}\n</doc>\n<doc id=2>\n{TWO} {OTHER}\n</doc>")
    assert out.count("A valve that leaks is not always broken.") == 1
    assert OTHER in out


def test_boilerplate_of_every_chunk_is_said_once():
    pages = "\n\n".join(f"Passage {n}:\n{ONE} Page {n} says {n * 7}." for n in range(1, 9))
    out = folded(pages)
    assert out.count("Nobody has measured") == 1
    assert out.count("[= as above") == 7


def test_what_stands_once_is_left_alone():
    assert proposed(f"{ONE}\n\n{TWO}\n\n{OTHER}", omit=False) is None


def test_a_short_repeat_does_not_pay():
    assert proposed(f"Yes. Agreed.\n\n{ONE}\n\nYes. Agreed.\n\n{TWO}", omit=False) is None


def test_a_text_that_uses_the_sign_is_left_alone():
    sign = '[= as above, from "a" to "b"]'
    assert proposed(f"{ONE}\n\n{sign}\n\n{TWO}\n\n{ONE}", omit=False) is None


def test_where_the_first_words_stand_earlier_longer_quotes_tell():
    early = "The pump was built long ago, they say, and stood in the yard of the works for years."
    out = folded(f"{early}\n\n{ONE}\n\n{TWO}\n\n{ONE}")
    assert '[= as above, from "The pump was built in 1998 by the works"' in out


def test_where_no_quote_tells_the_passage_is_shown():
    early = ONE.replace("Lisbon", "Porto").replace("Nobody", "None")
    start = ONE[:30] * 5
    text = f"{start}. {early}\n\n{start} {ONE}\n\n{start} {ONE}"
    proposal = proposed(text, omit=False)
    assert proposal is None or decoded(proposal.text) == text


@pytest.mark.parametrize("quoted", ['"Quoted', "New\nline"])
def test_words_that_cannot_be_quoted_are_no_reference(quoted):
    passage = f'{quoted} {ONE} He said "end"'
    text = f"{passage}\n\n{TWO}\n\n{passage}"
    proposal = proposed(text, omit=False)
    assert proposal is None or decoded(proposal.text) == text


def test_a_line_break_where_a_space_stood_is_no_exact_repeat():
    proposal = proposed(f"{ONE}\n\n{TWO}\n\n{ONE.replace(' ', chr(10))}", omit=False)
    assert proposal is None


def test_a_search_without_end_is_given_up():
    sentences = [
        f"Sentence {n} of {n * 31} says something of its own, at length." for n in range(900)
    ]
    blocks = [" ".join(sentences[at : at + 3]) for at in range(0, 900, 3)]
    out = folded("\n\n".join(blocks + blocks[::-1]))
    assert 9 < out.count("[= as above") < 290


SENTENCES = st.sampled_from(
    [
        *ONE.split(". "),
        *TWO.split(". "),
        "Yes",
        'It is "so"',
        "One\ntwo three",
        "[1] Head",
        "# Head",
    ]
)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=6).map(". ".join)


@given(st.lists(PARAGRAPHS, min_size=2, max_size=14), st.sampled_from(["\n\n", "\n", " ", ".\n\n"]))
def test_any_text_decodes(paragraphs, between):
    text = between.join(paragraphs)
    proposal = proposed(text, omit=False)
    if proposal is not None:
        assert decoded(proposal.text) == text


@given(st.integers(0, 400), st.integers(0, 400), st.integers(150, 500), st.randoms())
def test_a_passage_that_stands_above_is_seen_at_a_glance_wherever_it_begins(
    before, between, length, random
):
    def written(count):
        return "".join(random.choices("abcdefgh .\n", k=count))

    passage = written(length)
    assert may_fold(written(before) + passage + written(between) + passage)


def test_a_text_that_says_nothing_twice_is_seen_at_a_glance():
    assert not may_fold(
        "\n".join(f"Sentence {n} of the report tells of case {n * n}." for n in range(90))
    )
