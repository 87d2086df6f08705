import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.segments import regions, rest

LOG = "\n".join(
    f"2026-03-01 10:00:{index % 60:02d} INFO  http: request {index} served in {index % 90} ms"
    for index in range(60)
)
RECORDS = json.dumps([{"id": index, "name": f"user {index}"} for index in range(40)], indent=2)
QUESTION = "Here is what our service wrote last night. Why did it stop answering?"


def cut(text, *, person=True):
    return [text[region.start : region.end] for region in regions(text, person=person)]


def test_a_log_below_a_question_is_a_region_and_the_question_is_not():
    text = f"{QUESTION}\n\n{LOG}\n\nPlease be brief."
    assert cut(text) == [LOG]
    assert rest(text, regions(text, person=True)).split() == f"{QUESTION} Please be brief.".split()


def test_json_inside_prose_is_a_region():
    assert cut(f"{QUESTION} The users: {RECORDS} and that is all.") == [RECORDS]


def test_the_inside_of_a_fence_is_a_region():
    text = f"{QUESTION}\n```log\n{LOG}\n```\nThanks!"
    assert cut(text) == [LOG]


def test_a_fence_that_never_closes_hides_no_prose():
    assert cut(f"```\n{QUESTION * 20}") == []


def test_words_behind_a_fence_that_was_left_open_are_not_taken_for_its_inside():
    text = f"```\n{LOG}\n\n{QUESTION * 20}\n```\n{LOG}\n```\nThanks!"
    assert cut(text) == [LOG, LOG]
    assert cut(f"```sh\n{QUESTION * 20}\n```sh\n{LOG}\n```\nThanks!") == [LOG]


@pytest.mark.parametrize("sign", "`~")
def test_headings_underlined_with_the_signs_of_a_fence_hide_no_prose(sign):
    part = f"Handling\n{sign * 8}\n\n{QUESTION * 20}\n\n"
    assert cut(part * 2) == []
    assert cut(f"{part}{sign * 4}\n{LOG}\n{sign * 4}\n{part}") == [LOG]


def test_a_sentence_between_two_logs_is_left_alone():
    text = f"{LOG}\nAnd this is what the other server wrote at that time:\n{LOG}"
    assert cut(text) == [LOG, LOG]


@pytest.mark.parametrize(
    "prose",
    [
        "Write to\n" + "\n".join(f"{i} Main Street, 9{i:04d} Springfield" for i in range(60)),
        "\n".join(f"2026-03-{i:02d} Met with Bob about the budget. He was sad." for i in range(28)),
        "\n".join(f"{i}. Ask the team about ticket number {i * 7} please" for i in range(1, 40)),
        "\n".join(f"- [ ] buy {i} apples and {i * 2} pears for the party" for i in range(40)),
        "\n".join(f"WARNING this is the {i}th reason to be careful" for i in range(40)),
    ],
    ids=["addresses", "diary", "to-do", "list", "warnings"],
)
def test_what_a_person_numbered_is_not_a_log(prose):
    assert cut(prose) == []
    assert cut(f"{prose}\n\n{LOG}") == [LOG]


@pytest.mark.parametrize(
    "sentence",
    [
        "but after I restarted the box it printed this instead, please compare the two",
        "ERROR handling is what I care about",
        "[now listen] why does request 17 fail?",
    ],
)
def test_a_persons_words_around_logs_are_no_part_of_them(sentence):
    assert cut(f"{sentence}\n{LOG}\n{sentence}\n{LOG}\n[end]") == [LOG, LOG]


@pytest.mark.parametrize(
    "line",
    [
        "03-17 16:13:38.861  2227  2227 D TextView: visible={n}",
        "[10.30 16:49:07] chrome.exe - proxy.example.org:5070 close, {n} bytes sent",
        "20171223-22:15:29:635|Step_SPUtils|3000{n}| getTodayTotalDetailSteps",
        "nova-api.log.1 2017-05-16 00:00:03.358 2574{n} INFO nova.osapi GET /servers",
        "36{n} node-122 unix.hw state_change.unavailable 1085084674 1 Component State Change",
        "ts=2026-03-01T10:00:00Z level=info msg=served id={n}",
        "Jun 15 02:04:59 combo sshd(pam_unix)[{n}]: authentication failure",
    ],
)
def test_logs_of_many_shapes_are_found_below_a_question(line):
    log = "\n".join(line.format(n=index) for index in range(40))
    assert cut(f"{QUESTION}\n{log}\n\nThanks!") == [log]


def test_a_timeline_in_a_persons_words_is_not_a_log():
    prose = "\n".join(
        f"At 10:00:{i:02d} the page went blank and I pressed reload" for i in range(20)
    )
    assert cut(f"{prose}\n\n{LOG}") == [LOG]


def test_a_message_of_several_lines_stays_inside_its_log():
    trace = 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nKeyError: 1'
    text = f"{LOG}\n{trace}\n{LOG}"
    assert cut(text) == [text]


def test_prose_alone_has_no_region():
    prose = "\n\n".join(f"{QUESTION} It happened again on day {day}." for day in range(30))
    assert cut(prose) == []


def test_in_a_tool_result_what_stands_around_json_is_a_region_too():
    text = f"{LOG}\n{RECORDS}\n{LOG}"
    assert cut(text, person=False) == [LOG, RECORDS, LOG]


def test_one_json_value_is_one_region():
    assert cut(RECORDS) == cut(RECORDS, person=False) == [RECORDS]


def test_small_texts_have_no_regions():
    assert cut("[1, 2, 3]") == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 50_000,
        '[{"a": 1}, ' * 20_000,
        "```\n" * 50_000,
        "~~~~\n```\n" * 20_000,
        "[1, 2" + "9" * 10_000,
        "[" + "9" * 300_000 + "]",
        " " * 500_000,
        "\n" * 300_000,
        "2026-01-01 " * 50_000,
        "a, " * 200_000,
        "\ud800" * 5_000,
        LOG + "\nA" + ' x"' * 50_000 + " ;\n" + LOG,
        LOG + "\n" + "a`" * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
@pytest.mark.parametrize("person", [True, False])
def test_hostile_texts_are_cut_in_bounded_work(text, person):
    found = regions(text, person=person)
    assert all(0 <= region.start < region.end <= len(text) for region in found)


PIECES = st.sampled_from([LOG, RECORDS, QUESTION, "```", "```json", "\n", "[", "x" * 300, " {"])


@given(st.lists(PIECES, max_size=8), st.sampled_from(["", "\n", "\n\n", " "]), st.booleans())
def test_regions_are_ordered_disjoint_and_inside(pieces, between, person):
    text = between.join(pieces)
    at = 0
    for region in regions(text, person=person):
        assert at <= region.start < region.end <= len(text)
        at = region.end


def test_a_document_with_examples_is_one_region_of_a_tools_text():
    example = "```json\n" + json.dumps([{"a": n} for n in range(60)]) + "\n```\n"
    words = "This page says how the list is read, and what each of its fields is for.\n" * 20
    assert cut(words + example + words, person=False) == [words + example + words]


def test_fences_that_hold_most_of_a_tools_text_are_its_regions():
    log = "\n".join(f"2026-03-01 10:00:{n:02} INFO served {n}" for n in range(40))
    text = f"stdout\n```\n{log}\n```\nstderr\n```\n{log}\n```\n"
    assert cut(text, person=False) == [log, log]
