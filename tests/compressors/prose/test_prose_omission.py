"""Beyond the budget: what bears on the question stays, all else has its sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prose_decoding import REF, check_omission, proposed, shortened

from headroom.compressors import Sample
from headroom.compressors.prose import Prose
from headroom.edits import Fidelity
from headroom.policy import Policy

WORDS = (
    *("station", "report", "valve", "pressure", "winter", "crew"),
    *("bridge", "harbour", "cargo", "signal", "lamp", "engine"),
)


def filler(seed, count=6):
    """Sentences that answer nothing, no two alike."""
    return " ".join(
        f"The {WORDS[(seed + n) % 12]} {_letters(seed * 100 + n)} of the "
        f"{WORDS[(seed * 5 + n * 7) % 12]} was as it had been before, and the crew with it."
        for n in range(count)
    )


def _letters(number):
    return "".join(chr(ord("b") + int(digit)) for digit in str(number))


ANSWER = "The lighthouse keeper was called Amalia Reis."
CHUNKS = "\n\n".join(
    f"Document {n} (Title: Harbour notes {n})\n{filler(n)}"
    + (f" {ANSWER} {filler(40)}" if n == 7 else "")
    for n in range(1, 13)
)
ASKED = "Who kept the lighthouse?"


def test_the_sentence_that_answers_stays_and_the_rest_has_signs():
    out = shortened(CHUNKS, ASKED, 500)
    assert ANSWER in out
    assert len(out) < 0.5 * len(CHUNKS)
    check_omission(CHUNKS, out)


def test_headings_of_chunks_stay():
    out = shortened(CHUNKS, ASKED, 300)
    for number in range(1, 13):
        assert f"Document {number} (Title: Harbour notes {number})" in out


def test_within_the_budget_nothing_is_omitted():
    assert proposed(CHUNKS, ASKED, 50_000) is None


def test_without_a_ref_or_under_a_safe_policy_nothing_is_omitted():
    policy = Policy("", omit=True, budget=100, min_tokens=10)
    assert Prose().compress(Sample(CHUNKS, query=ASKED), policy) is None
    assert proposed(CHUNKS, ASKED, 100, omit=False) is None


def test_a_text_of_blanks_is_left_alone():
    assert proposed("\n" * 1_000, ASKED, 10) is None
    assert proposed(" " * 1_000, ASKED, 10) is None


def test_where_nothing_fits_nothing_is_shown_as_if_it_did():
    assert proposed("x" * 10_000, ASKED, 10) is None


def test_what_the_question_names_stays_beyond_the_budget():
    named = "The limit is set by PUMP_MAX_RPM in the table of the station."
    text = f"{filler(1, 40)} {named} {filler(2, 40)}"
    assert named in shortened(text, "what does PUMP_MAX_RPM do to engine lamp signals?", 120)


def test_an_identifier_that_is_everywhere_decides_nothing():
    text = " ".join(f"Row PUMP_7 number {n} is as the rows were before it." for n in range(200))
    assert len(shortened(text, "PUMP_7", 300)) < 0.5 * len(text)


def test_the_title_of_a_chunk_leads_to_its_sentences():
    keeper = f"Document 13 (Title: Amalia Reis)\nShe was born on the island. {filler(3)}"
    out = shortened(f"{CHUNKS}\n\n{keeper}", "Where was Amalia Reis born?", 500)
    assert "She was born on the island." in out


def test_a_second_step_is_found_through_the_name_in_the_first():
    second = f"Document 13 (Title: Amalia Reis)\nHer brother sailed to Brazil. {filler(3)}"
    out = shortened(
        f"{CHUNKS}\n\n{second}", "Where did the family of the lighthouse keeper go?", 600
    )
    assert "Her brother sailed to Brazil." in out


def test_without_a_question_a_text_not_far_beyond_the_budget_stays_whole():
    assert proposed(CHUNKS, "", 1_000) is None


def test_without_a_question_paragraphs_keep_their_first_sentence():
    text = "\n\n".join(f"Lead number {n} opens here. {filler(n, 9)}" for n in range(30))
    out = shortened(text, "", 300)
    check_omission(text, out)
    assert all(f"Lead number {n} opens here." in out for n in range(30))
    assert len(out) > 0.4 * len(text)


def test_without_a_question_figures_and_negations_are_preferred():
    text = "\n\n".join(
        f"{filler(n, 9)} It did not hold at 40 bar. {filler(n + 1, 4)}" for n in range(9)
    )
    assert shortened(text, "", 100).count("It did not hold at 40 bar.") >= 1


def test_chunks_that_differ_in_line_breaks_are_said_once():
    again = CHUNKS.replace(" was as it", "\nwas as it")
    text = f"{CHUNKS}\n\n{again}"
    proposal = proposed(text, ASKED, 2_600)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    assert proposal.text.count(ANSWER) == 1
    check_omission(text, proposal.text)
    assert len(proposal.text) < 0.7 * len(text)


def test_code_tables_and_lists_stay_whole_or_go_whole():
    code = "```python\ndef keeper():\n    return 'Amalia'\n```"
    table = "| name | role |\n| --- | --- |\n| Amalia | keeper |"
    items = "- first thing\n- second thing\n  with more\n- third thing"
    text = "\n\n".join(
        part for n in range(8) for part in (f"## Part {n}", filler(n), code, table, items)
    )
    out = shortened(text, ASKED, 400)
    for block in (code, table, items):
        first = block.split("\n")[0]
        assert out.count(first) == out.count(block)


def test_a_file_that_may_be_edited_shows_whole_lines_only():
    text = "\n\n".join(
        f"## Part {n}\n\n{filler(n).replace('before, ', 'before,' + chr(10))}" for n in range(40)
    )
    out = shortened(text, ASKED, 300, tool="Read", source='{"file_path": "/a/notes.md"}')
    lines = set(text.split("\n"))
    assert len(out) < len(text)
    for line in out.split("\n")[:-1]:
        assert line in lines or line.startswith("[…")


def test_a_numbered_file_is_read_behind_its_numbers():
    body = "\n\n".join(f"## Part {n}\n\n{filler(n)}" for n in range(40)).split("\n")
    text = "\n".join(f"{n:6}\t{line}" for n, line in enumerate(body, 1))
    out = shortened(text, ASKED, 300, tool="Read", source='{"file_path": "/a/notes.md"}')
    assert all(f"\t## Part {n}\n" in out for n in range(40))
    assert len(out) < 0.8 * len(text)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (
            "\n\n".join(
                f"You must check the {w}. Never open it. {filler(n, 1)}"
                for n, w in enumerate(WORDS * 3)
            ),
            "",
        ),
        ("\n\n".join(filler(n) for n in range(20)), '{"file_path": "/a/AGENTS.md"}'),
        ("\n\n".join(filler(n) for n in range(20)), '{"command": "cat skills/deploy/SKILL.md"}'),
    ],
)
def test_instructions_lose_nothing(text, source):
    assert proposed(text, ASKED, 100, tool="Read", source=source) is None


TALK = "\n".join(
    f"{('Ines', 'Tomas', 'Priya')[n % 3]}: {filler(n, 1)}"
    + (" So the decision is that we order the blue lamp." if n == 60 else "")
    for n in range(120)
)


def test_talk_keeps_the_turns_around_what_was_asked_with_their_speakers():
    out = shortened(TALK, "What was the decision about ordering the blue lamp?", 500)
    check_omission(TALK, out)
    lines = out.split("\n")
    at = next(n for n, line in enumerate(lines) if "we order the blue lamp" in line)
    assert lines[at].startswith("Ines: ")
    assert lines[at - 1].startswith("Priya: ")
    assert lines[at + 1].startswith("Tomas: ")


def test_what_a_turn_must_show_shows_its_speaker():
    text = TALK.replace("the blue lamp.", "the lamp LX-4471.")
    out = shortened(text, "LX-4471", 60)
    assert "\nInes: " in out
    assert "LX-4471" in out.rpartition("\n")[0]


class LongestWins:
    """A model of the seam: the longer a sentence, the more it is worth."""

    def __init__(self):
        self.asked = []

    def scores(self, sentences, query):
        self.asked.append(query)
        return [float(len(sentence)) for sentence in sentences]


def test_a_model_says_which_sentences_stay():
    long = "This sentence is by far the longest of all, " + "and goes on " * 30 + "to its end."
    text = f"{filler(1, 30)}\n\n{long}\n\n{filler(2, 30)}"
    model = LongestWins()
    assert long in shortened(text, "anything else", 300, model=model)
    assert model.asked == ["anything else"]
    assert long not in shortened(text, "engine signal", 150)


PIECES = st.sampled_from(
    ["Yes. ", "It is so. ", "\n", "\n\n", "[2] ", "# Head\n", "Ann: ", "- item\n", "```\n", "| a |\n",
     "Lighthouses have a keeper of 12 lamps, not more. ", "x" * 50 + " ", "Nobody asked \"why\". ", "港口。",
     "    code\n", "---\n", "<doc id=1>\n", "Source: a\n"]
)  # fmt: skip


@given(
    st.lists(PIECES, min_size=20, max_size=120).map("".join), st.sampled_from(["", "keeper", "12"])
)
def test_any_text_shows_verbatim_pieces_and_signs_for_the_rest(text, query):
    proposal = proposed(text, query, 12)
    if proposal is not None and proposal.fidelity is Fidelity.RECOVERABLE:
        assert REF in proposal.text
        check_omission(text, proposal.text)
