"""What the markers' calls give back: exactly the rows that are left out, read off the text."""

import json
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headroom.compressors._api import Sample
from headroom.compressors.json_rows import JsonRows
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import BALANCED, Policy
from headroom.retrieval import select

REF = "abcdefgh"
TIGHT = Policy("tight", omit=True, budget=300, min_tokens=1)
CALL = re.compile(
    r"\[… (?:[\d,]+ rows? omitted: )?rows? (\d+)(?:–(\d+))?"
    r'(?:\]|[^\n]*? · headroom_retrieve\("abcdefgh"((?:, [a-z]+="[^"\n]*")*)\)\])'
)
KEYS = st.text(max_size=4) | st.text("ab.'\"\\)([]*$ \n\t\u2028é-…·", max_size=6)


def records(size=300):
    draw = random.Random(3)
    return [{"id": i, "token": f"{draw.randrange(16**12):012x}"} for i in range(size)]


def shortened(text, policy=TIGHT, query=""):
    proposal = JsonRows().compress(Sample(text, ref=REF, query=query), policy)
    assert proposal is not None
    assert proposal.fidelity is Fidelity.RECOVERABLE
    return proposal.text


def calls(text):
    """The run of rows that each marker stands for, from 0, and the arguments of the call that
    gets it back: its own, or those of the marker before with its rows."""
    found, last = [], {}
    for m in CALL.finditer(text):
        start, end = int(m[1]) - 1, int(m[2] or m[1])
        if m[3] is not None:
            last = dict(re.findall(r'([a-z]+)="([^"]*)"', m[3]))
        else:
            last = {"path": re.sub(r"\[\d+:\d+\]$", f"[{start}:{end}]", last["path"])}
        found.append((start, end, last))
    assert len(found) >= len(omissions(text)) > 0
    return found


def redeemed(original, arguments):
    return select(original.encode(), **arguments)


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n", "\n \n\n"])
@pytest.mark.parametrize("before", ["", "\n"])
def test_calls_count_json_lines_and_not_blank_ones(between, before):
    rows = records()
    original = before + between.join(map(json.dumps, rows)) + "\n"
    for start, end, arguments in calls(shortened(original)):
        assert json.loads(redeemed(original, arguments)) == rows[start:end]


def test_calls_reach_into_a_json_line():
    rows = records()
    original = "\n\n".join(map(json.dumps, [[1], {"a": 1, "rows": rows}]))
    for start, end, arguments in calls(shortened(original)):
        assert json.loads(redeemed(original, arguments)) == rows[start:end]


def test_odd_keys_are_said_in_single_quotes():
    rows = records()
    text = shortened(json.dumps({"a b": {"c.d": rows}}))
    assert re.search(r"path=\"\$\['a b'\]\['c\.d'\]\[\d+:\d+\]\"\)\]", text)


@pytest.mark.parametrize(
    "key", ['say "so"', "f(x)", "two\nlines", "two\u2028lines", "k" * 220, "д" * 60]
)
def test_a_key_that_no_call_can_say_gives_no_path(key):
    text = shortened(json.dumps({key: {"rows": records()}}))
    assert all(arguments == {} for _, _, arguments in calls(text))


@settings(max_examples=80, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=3))
@example(["it's", "back\\slash", "\\'"])
@example(["", "a.b", "*"])
def test_paths_select_the_omitted_rows_whatever_the_keys(keys):
    rows = records(120)
    value = rows
    for key in reversed(keys):
        value = {key: value, f"{key}-": 1}
    original = json.dumps(value, ensure_ascii=False)
    unsaid = any(not key.isprintable() or set(key) & set('")') for key in keys)
    for start, end, arguments in calls(shortened(original)):
        assert ("path" not in arguments) == unsaid
        if not unsaid:
            assert json.loads(redeemed(original, arguments)) == rows[start:end]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.sampled_from(["", "jobs", "the jobs", "no)"]))
def test_entries_of_a_map_are_had_by_the_lines_of_the_map(seed, key):
    draw = random.Random(seed)
    inside = [[], {}, [1, [2, "x\ny"]], {"b": {"c": []}, "d": "two\u2028"}, "plain", 7]
    jobs = {
        f"job-{i}": {"took": draw.randrange(10**9), "log": draw.choice(inside)} for i in range(300)
    }
    original = json.dumps({key: jobs} if key else jobs, indent=1)
    for start, end, arguments in calls(shortened(original)):
        if key == "no)":
            assert arguments == {}
            continue
        entries = "{" + redeemed(original, arguments).strip().removesuffix(",") + "}"
        assert list(json.loads(entries).items()) == list(jobs.items())[start:end]


def floats(size):
    draw = random.Random(5)
    return [round(draw.uniform(0, 1), 12) for _ in range(size)]


@pytest.mark.parametrize(
    "values",
    [
        floats(3_000),
        [f"name-{number:.9f}" for number in floats(1_000)],
        [[number, number / 3] for number in floats(1_000)],
        [[number, None, "x"][i % 3] for i, number in enumerate(floats(2_000))],
        [0] * 2_500 + [1] + [0] * 2_500,
        list(range(5_000)),
    ],
    ids=["numbers", "texts", "lists", "mixed", "zeros", "counted"],
)
@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: {"n": [1], "a": v}, lambda v: {"b": [v]}])
def test_long_lists_of_values_are_cut_too(values, wrap):
    original = json.dumps(wrap(values))
    text = shortened(original, BALANCED)
    assert len(text) < len(original) / 2
    hidden = []
    for start, end, arguments in calls(text):
        assert json.loads(redeemed(original, arguments)) == values[start:end]
        hidden += range(start, end)
    shown = [int(n) - 1 for n in re.findall(r"(?m)^(\d+)(?:,|$)", text)]
    assert sorted(hidden + shown) == list(range(len(values)))
    assert {0, 1, 2, 3, len(values) - 2, len(values) - 1} <= set(shown)


def test_a_value_that_stands_out_is_shown_with_its_number():
    values = floats(3_000)
    values[1_234] = 99.5
    assert "\n1235,99.5\n" in shortened(json.dumps({"a": values}))
    names = [f"name-{number:.9f}" for number in floats(1_000)]
    names[517], names[801] = "upstream failed", "the-needle-4711"
    text = shortened(json.dumps(names), query="where is the-needle-4711?")
    assert "\n518,upstream failed\n" in text
    assert "\n802,the-needle-4711\n" in text


def test_a_short_list_beside_a_long_one_stays_as_it_is():
    value = {"short": list(range(70)), "rows": records()}
    text = shortened(json.dumps(value), Policy("p", omit=True, budget=1_500, min_tokens=1))
    assert text.startswith('{"short":[0,1,2,')
