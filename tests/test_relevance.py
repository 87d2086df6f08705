"""The terms of a question, and which documents speak of them."""

from hypothesis import given
from hypothesis import strategies as st

from headroom.relevance import Bm25, is_word, lowered, terms_of


def test_terms_are_words_and_identifiers_with_their_parts():
    assert terms_of("Where is PUMP_MAX in config.yaml?") == [
        *("pump_max", "pump", "max", "config.yaml", "config", "yaml"),
    ]
    assert terms_of("What is the of 7?") == ["7"]


def test_a_plain_word_is_no_identifier():
    assert is_word("pump")
    assert not is_word("pump_max")


DOCUMENTS = [
    "The keeper of the lighthouse was called Amalia.",
    "Lighthouses are kept by keepers, and a keeper keeps one lighthouse.",
    "The pump PUMP_MAX_2 runs.",
    "灯塔在港口的北方。",
]


def best(*terms):
    scores = Bm25(DOCUMENTS).scores(terms)
    return max(range(len(scores)), key=scores.__getitem__) if any(scores) else None


def test_the_document_that_speaks_of_the_terms_scores_highest():
    assert best("amalia", "keeper") == 0
    assert best("pump_max_2") == 2
    assert best("港口") == 3
    assert best("nothing") is None


def test_inflections_of_a_word_are_met_and_other_words_are_not():
    scores = Bm25(
        ["he created it", "the creator", "creations", "create", "procreate", "credit"]
    ).scores(["creation"])
    assert all(scores[:4])
    assert scores[4:] == [0.0, 0.0]


def test_an_identifier_is_met_as_a_whole_only():
    assert Bm25(["v1.2 is out", "v1.23 is out", "rev1.2"]).scores(["v1.2"])[1:] == [0.0, 0.0]


def test_a_rare_term_weighs_more_than_a_common_one():
    documents = ["pump", "pump", "pump", "valve"]
    scores = Bm25(documents).scores(["pump", "valve"])
    assert scores[3] > scores[0]


def test_a_term_said_twice_counts_once():
    assert Bm25(DOCUMENTS).scores(["pump", "Pump", "pumps"]) == Bm25(DOCUMENTS).scores(["pump"])


def test_no_documents_and_no_terms_are_no_error():
    assert Bm25([]).scores(["a"]) == []
    assert Bm25(["a"]).scores([]) == [0.0]
    assert Bm25(["a"]).scores([""]) == [0.0]


@given(st.text())
def test_lower_case_keeps_the_length(text):
    assert len(lowered(text)) == len(text)


@given(st.lists(st.text(max_size=30), max_size=8), st.lists(st.text(max_size=6), max_size=4))
def test_any_documents_have_scores(documents, terms):
    scores = Bm25(documents).scores(terms)
    assert len(scores) == len(documents)
    assert min(scores, default=0.0) >= 0.0
