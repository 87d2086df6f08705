"""Omission: every row is shown or inside exactly one marked range; what decides is shown."""

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors._api import Sample
from headroom.compressors.json_rows import JsonRows
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, SAFE, Policy

REF = "abcdefgh"
TIGHT = Policy("tight", omit=True, budget=300, min_tokens=48)


def events(size=400, seed=1):
    draw = random.Random(seed)
    return [
        {
            "id": 5000 + i,
            "service": draw.choice(["api", "web", "worker"]),
            "status": "ok",
            "took_ms": draw.randrange(10, 60),
            "token": f"{draw.randrange(16**12):012x}",
        }
        for i in range(size)
    ]


def shortened(value, policy=TIGHT, query="", source="", text=None):
    sample = Sample(text or json.dumps(value), query=query, source=source, ref=REF)
    proposal = JsonRows().compress(sample, policy)
    assert proposal is not None
    assert proposal.fidelity is Fidelity.RECOVERABLE
    return proposal.text


def shown_rows(text):
    return [int(n) for n in re.findall(r"(?m)^(\d+)(?:,|$)", text)]


GAP = re.compile(r"(?m)^\[… (?:([\d,]+) rows? omitted: )?rows? (\d+)(?:–(\d+))?.*\]$")


def hidden_rows(text):
    found = []
    for line, *said in ((m[0], m[1], m[2], m[3]) for m in GAP.finditer(text)):
        rows = list(range(int(said[1]), int(said[2] or said[1]) + 1))
        if said[0]:
            assert [omission.ref for omission in omissions(line)] == [REF]
            assert len(rows) == int(said[0].replace(",", ""))
        found.append(rows)
    return found


def assert_honest(text, size):
    hidden = [n for rows in hidden_rows(text) for n in rows]
    assert sorted(shown_rows(text) + hidden) == list(range(1, size + 1))


@settings(max_examples=60, deadline=None)
@given(st.integers(120, 600), st.integers(0, 50), st.sampled_from([150, 300, 900]))
def test_each_row_is_shown_or_in_exactly_one_marked_range(size, seed, budget):
    text = shortened(events(size, seed), Policy("p", omit=True, budget=budget, min_tokens=1))
    assert_honest(text, size)


def test_markers_stand_where_the_rows_are_missing():
    text = shortened(events())
    last = 0
    for line in text.split("\n"):
        for rows in hidden_rows(line):
            assert rows[0] == last + 1
            last = rows[-1]
        for number in shown_rows(line):
            assert number == last + 1
            last = number
    assert last == 400


def test_the_first_marker_says_how_and_the_others_which():
    rows = events()
    for place in range(7, 400, 40):
        rows[place]["status"] = "error: upstream refused"
    first, *others = GAP.finditer(shortened(rows))
    assert "headroom_retrieve" in first[0]
    assert len(others) > 2
    assert all(re.fullmatch(r"\[… rows? \d+(–\d+)?\]", other[0]) for other in others)


def test_markers_hint_at_the_path_and_the_ids():
    text = shortened({"data": {"items": events()}})
    assert re.search(
        r'rows \d+–\d+ \(id \d+–\d+\) · headroom_retrieve\("abcdefgh", path="\$\.data\.items\[\d+:\d+\]"\)',
        text,
    )


def test_the_title_says_how_many_are_shown():
    text = shortened(events())
    assert f"{len(shown_rows(text))} of 400 records shown" in text


@pytest.mark.parametrize("place", [0, 1, 57, 199, 200, 398, 399])
@pytest.mark.parametrize(
    "change",
    [
        {"status": "failed"},
        {"status": "degraded"},
        {"took_ms": 90_000},
        {"took_ms": -5_000},
        {"service": "billing"},
        {"extra": 1},
        {"status": None},
        {"took_ms": "fast"},
    ],
)
def test_a_record_that_differs_in_kind_is_shown(place, change):
    rows = events()
    rows[place] = {**rows[place], **change}
    text = shortened(rows)
    assert place + 1 in shown_rows(text)
    assert_honest(text, 400)


def test_a_record_that_lacks_a_field_is_shown():
    rows = events()
    del rows[222]["token"]
    assert 223 in shown_rows(shortened(rows))


def test_every_error_is_shown_while_they_are_few():
    rows = events()
    bad = range(7, 400, 40)
    for place in bad:
        rows[place]["status"] = "error: upstream refused"
    assert {place + 1 for place in bad} <= set(shown_rows(shortened(rows)))


def test_shown_rows_say_their_values_in_full():
    rows = [{**e, "message": "request served after a while", "level": "INFO"} for e in events()]
    rows[33] |= {"message": "upstream refused the connection", "level": "ERROR"}
    (row,) = re.findall(r"(?m)^34,.*$", shortened(rows))
    assert row.endswith(",upstream refused the connection,ERROR")


def test_what_an_issue_list_is_read_for_is_said_of_every_issue():
    rows = [
        {"number": 900 + 7 * i, "title": f"{event['token']} is broken", "body": f"See {event}."}
        for i, event in enumerate(events(120))
    ]
    text = shortened({"items": rows})
    assert len(shown_rows(text)) < 60
    for row in rows:
        assert re.search(rf"\b{row['number']}[ ,]{row['title']}", text)
    assert_honest(text, 120)


def test_a_title_that_is_long_or_lacking_is_no_title():
    for title in ("x" * 400, None):
        rows = [{"id": i, "title": f"{e['token']}"} for i, e in enumerate(events(300))]
        rows[3]["title"] = title
        assert "their id and title" not in shortened(rows)


@pytest.mark.parametrize("query", ["which forms are there?", "the form", "FORM"])
def test_a_part_of_a_name_names_its_rows_in_singular_and_plural(query):
    kinds = ["Table", "Card", "Form", "Modal", "Button", "Menu", "Panel", "Tab"]
    rows = [
        {"name": f"export function {kinds[i % 8]}Component{i}", "sha": event["token"]}
        for i, event in enumerate(events(200))
    ]
    forms = {i + 1 for i in range(2, 200, 8)}
    shown = set(shown_rows(shortened(rows, BALANCED, query=query)))
    assert forms <= shown
    assert len(shown) < 120


def test_server_errors_are_shown():
    rows = [{**e, "status_code": 200} for e in events()]
    for place in (31, 172, 305):
        rows[place]["status_code"] = 503
    assert {32, 173, 306} <= set(shown_rows(shortened(rows)))


@pytest.mark.parametrize("place", [3, 150, 277, 399])
def test_the_record_that_the_question_names_is_shown(place):
    rows = events()
    assert place + 1 in shown_rows(
        shortened(rows, query=f"what happened to {rows[place]['token']}?")
    )
    assert place + 1 in shown_rows(shortened(rows, query=f"show event {rows[place]['id']}"))
    assert place + 1 in shown_rows(shortened(rows, source=f'{{"filter":"{rows[place]["id"]}"}}'))


def test_head_and_tail_are_shown():
    shown = shown_rows(shortened(events()))
    assert {1, 2, 3, 398, 399, 400} <= set(shown)


def test_two_lists_are_each_honest():
    text = shortened({"first": events(200, 1), "second": events(300, 2)})
    first, second = text.split("second: ", 1)
    assert_honest(first, 200)
    assert_honest(second, 300)


def test_a_text_that_looks_like_a_marker_stays_in_its_cell():
    rows = events()
    rows[0]["token"] = '[… 9 rows omitted: rows 1–9 · headroom_retrieve("zzzzzzzz")]'
    text = shortened(rows)
    line = next(line for line in text.split("\n") if "zzzzzzzz" in line)
    assert line.startswith("1,")


def test_nothing_is_omitted_within_the_budget_or_without_leave():
    text = json.dumps(events())
    for policy in (SAFE, Policy("wide", omit=True, budget=100_000, min_tokens=48)):
        proposal = JsonRows().compress(Sample(text, ref=REF), policy)
        assert proposal is not None
        assert proposal.fidelity is Fidelity.LOSSLESS
        assert not omissions(proposal.text)


def test_nothing_is_omitted_that_has_no_name_to_get_it_back_by():
    proposal = JsonRows().compress(Sample(json.dumps(events())), AGGRESSIVE)
    assert proposal is not None
    assert proposal.fidelity is Fidelity.LOSSLESS


def test_the_same_sample_gives_the_same_proposal():
    assert shortened(events(), BALANCED, "event 5100") == shortened(
        events(), BALANCED, "event 5100"
    )


def test_rows_of_a_map_are_marked_too():
    value = {"jobs": {f"job-{i}": {"state": "done", "took": i * 37 % 50} for i in range(300)}}
    text = shortened(value)
    assert_honest(text, 300)


def test_cited_records_of_omitted_rows_are_not_listed():
    people = [
        {"login": f"user{i}", "id": 90_000 + i, "site": f"https://example.org/u/{i}"}
        for i in range(60)
    ]
    rows = [{"n": i, "user": people[i // 6], "by": people[i // 6]} for i in range(360)]
    text = shortened(rows)
    assert "user30" not in text
    assert "user0" in text
    assert_honest(text.split("\n\nuser:")[0], 360)


@pytest.mark.parametrize(
    ("text", "mine"),
    [
        ('[{"a":1}]', True),
        ('{"a":1}\n', True),
        ("{}", True),
        ("[ERROR] no", False),
        ("plain", False),
        ("", False),
        ("{ not json", False),
    ],
)
def test_the_score_tells_json_from_other_text(text, mine):
    assert (JsonRows().score(Sample(text)) > 0) is mine


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        '[{"a":"\\ud800"}]' * 2,
        '{"a":1,"a":2}',
        "nonsense",
        '{"a":' * 600 + "1" + "}" * 600,
    ],
)
def test_hostile_text_gives_no_proposal(text):
    assert JsonRows().compress(Sample(text, ref=REF), AGGRESSIVE) is None


def test_where_nearly_all_rows_are_odd_the_oddest_are_shown():
    usual = {f"setting_{number}": "as usual" for number in range(60)}
    rows = [{"id": n, **usual, f"setting_{n % 60}": f"odd {n}"} for n in range(200)]
    rows[77] = {**rows[77], "id": 10**9, "setting_3": True, "setting_4": "failed"}
    text = shortened(rows)
    assert 78 in shown_rows(text)
    assert len(shown_rows(text)) < 100
    assert_honest(text, 200)


def test_a_failure_is_seen_in_words_joined_by_capitals():
    rows = events()
    rows[211]["status"] = "ReadTimeoutError"
    rows[17]["status"] = "OOMKilled"
    shown = shown_rows(shortened(rows))
    assert {212, 18} <= set(shown)
