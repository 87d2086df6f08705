"""Above the budget texts go, never a place: what is shown is verbatim, the rest is numbered."""

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from search_reading import REF, SMALL, compressed, told

from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED

WORDS = [
    "load",
    "settings",
    "from",
    "return",
    "value",
    "self.cache",
    "x =",
    "#",
    "assert",
    "import",
]


@st.composite
def results(draw):
    lines = {}
    for file in range(draw(st.integers(1, 8))):
        folder = draw(st.sampled_from(["src", "tests", "docs", "node_modules/x"]))
        number = 0
        for _ in range(draw(st.integers(1, 12))):
            number += draw(st.sampled_from([1, 1, 2, 9, 400]))
            text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)))
            lines[f"{folder}/part_{file}.py", number] = text
    return lines


def printed(lines):
    return "\n".join(f"{path}:{number}:{text}" for (path, number), text in lines.items())


@settings(max_examples=100)
@given(lines=results(), query=st.sampled_from(["", "where is self.cache loaded?", "settings"]))
def test_every_place_is_told_and_every_shown_line_is_verbatim(lines, query):
    out = compressed(printed(lines), SMALL, query=query)
    if out is None or not omissions(out):
        return
    known, shown = told(out)
    assert known == Counter(lines.keys())
    assert all(lines[place] == text for place, text in shown.items())
    [marker] = omissions(out)
    assert marker.ref == REF
    assert int(re.match(r"text of ([\d,]+) match", marker.what)[1]) == len(lines) - len(shown)


@st.composite
def with_context(draw):
    lines = []
    for file in range(draw(st.integers(1, 5))):
        number = 0
        for _ in range(draw(st.integers(1, 6))):
            number += draw(st.integers(5, 50))
            for mark in draw(st.sampled_from(["--:--", ":", ":---", "--:", ":-:-"])):
                lines.append((f"src/p{file}.py", number, mark, draw(st.sampled_from(WORDS))))
                number += 1
            lines.append(None)
    return lines


@settings(max_examples=100)
@given(lines=with_context(), budget=st.integers(1, 400))
def test_context_goes_before_matches_and_is_counted(lines, budget):
    rows = [line for line in lines if line]
    text = "\n".join("--" if row is None else "{0}{2}{1}{2}{3}".format(*row) for row in lines)
    text = text.removesuffix("\n--")
    policy = SMALL.__class__("any", omit=True, budget=budget, min_tokens=0)
    out = compressed(text, policy)
    if out is None or not omissions(out):
        return
    known, shown = told(out)
    places = [(path, number) for path, number, mark, _ in rows if mark == ":"]
    assert known == Counter(places)
    context = [row for row in rows if row[2] == "-"]
    visible = sum(f"\n{number}-{text}\n" in out for _, number, _, text in context)
    [marker] = omissions(out)
    counted = re.search(r"([\d,]+) context lines?", marker.what)
    if visible:
        assert set(shown) == set(places)
    assert int(counted[1] if counted else 0) <= len(context)
    assert counted or "text of" in marker.what


def uses(path, numbers, text="    cache.load_settings(value_{})"):
    return [f"{path}:{number}:{text.format(number)}" for number in numbers]


MANY = [line for n in range(30) for line in uses(f"src/use_{n:02}.py", range(3, 60, 4))]


def test_the_definition_of_what_was_searched_for_stands_verbatim():
    others = [f"src/def_{n}.py:3:def use_{n}(load_settings, more_{n}):" for n in range(60)]
    defined = "tests/zz.py:7:def load_settings(path):"
    text = "\n".join([*MANY, *others, defined, *uses("tests/zz.py", [9, 12])])
    out = compressed(text, SMALL, source='{"pattern": "load_settings"}')
    assert "7:def load_settings(path):" in out
    assert told(compressed(text, SMALL))[1]["tests/zz.py", 7] == "def load_settings(path):"


def test_lines_that_the_question_names_stand_verbatim():
    others = [f"src/def_{n}.py:3:def use_{n}(load_settings, more_{n}):" for n in range(60)]
    named = "tests/zz.py:44:  # load_settings(retry_limit=3)"
    text = "\n".join([*MANY, *others, *uses("tests/zz.py", [9, 12]), named])
    out = compressed(text, SMALL, query="Why is retry_limit ignored?")
    assert "44:  # load_settings(retry_limit=3)" in out


def test_every_file_keeps_a_match_where_the_budget_allows():
    lines = [
        line for n in range(30) for line in uses(f"src/use_{n:02}.py", range(n + 3, 60 + n, 4))
    ]
    _, shown = told(compressed("\n".join(lines)))
    assert {path for path, _ in shown} == {f"src/use_{n:02}.py" for n in range(30)}


def test_source_comes_before_tests_and_what_a_tool_wrote():
    lines = [
        line
        for name in ("dist/out.js", "tests/test_a.py", "src/a.py")
        for line in uses(name, range(1, 200, 2))
    ]
    _, shown = told(compressed("\n".join(lines), AGGRESSIVE))
    count = Counter(path for path, _ in shown)
    assert count["src/a.py"] > 10 > count["tests/test_a.py"]
    assert count["dist/out.js"] <= 1


def test_a_long_line_is_named_with_its_length_and_not_cut():
    long = "x" * 5_000 + "load_settings()"
    text = "\n".join([f"web/app.min.js:1:{long}", f"web/app.min.js:2:{long}", *MANY])
    out = compressed(text, BALANCED)
    assert "web/app.min.js: also 1,2 (1,2: 5,015 characters)" in out


def test_one_run_of_context_has_its_marker_in_its_place():
    head = ["10:def load():", *(f"{n}-    step_{n} = prepare(value)" for n in range(11, 60))]
    out = compressed("\n".join(head), SMALL, source="grep -n -A49 'def load' a.py")
    *shown, marker = out.split("\n")[1:]
    assert shown == head[: len(shown)]
    assert f'lines="{len(shown) + 1}-50"' in marker


def test_context_in_front_is_marked_in_front():
    rows = [f"{n}-    step_{n} = prepare(value)" for n in range(11, 60)]
    out = compressed(
        "\n".join([*rows, "60:def load():"]), SMALL, source="grep -n -B49 'def load' a.py"
    )
    assert len(omissions(out.split("\n")[1])) == 1


def test_what_belongs_to_no_file_stays():
    text = "\n".join([*MANY, "", "(Results are truncated: showing first 450 matches)"])
    assert compressed(text, AGGRESSIVE).endswith(
        "\n\n(Results are truncated: showing first 450 matches)"
    )


def test_matches_under_headings_keep_their_headings():
    lines = []
    for n in range(12):
        lines += [
            f"src/part_{n}.rs",
            *(f"{k}:    let x_{k} = unwrap_{n}({k});" for k in range(2, 90, 3)),
            "",
        ]
    out = compressed("\n".join(lines), AGGRESSIVE, source="rg --heading -n unwrap")
    assert all(f"\nsrc/part_{n}.rs\n" in out for n in range(12))
    named = sum(len(numbers) for numbers in re.findall(r"^(?:also )?([\d,-]+)", out, re.MULTILINE))
    assert named > 12 * 29
    assert len(omissions(out)) == 1


def test_without_line_numbers_the_omitted_are_counted():
    lines = [f"src/part_{n}.py:from typing import Name{k}" for n in range(9) for k in range(60)]
    out = compressed("\n".join(lines), AGGRESSIVE, source="grep -r typing src")
    more = sum(int(count) for count in re.findall(r"also (\d+) more", out))
    shown = sum(
        f"from typing import Name{k}" in line
        for line in out.split("\n")
        for k in [line.split("Name")[-1]]
        if "Name" in line
    )
    assert more + shown == 540
    assert omissions(out)[0].what.startswith(f"text of {more} matches")


def test_a_little_over_the_budget_is_shown_in_full():
    text = "\n".join(uses("src/package/module.py", range(1, 8)))
    out = compressed(text, SMALL)
    assert omissions(out) == []


def test_the_definition_stands_also_behind_a_column():
    lines = [line.replace(":    cache", ":11:    cache") for line in MANY]
    text = "\n".join(
        [*lines, "src/zz.py:7:5:def load_settings(path):", "docs/a.md:3:1:load_settings"]
    )
    assert "src/zz.py:7:5:def load_settings(path):" in compressed(text, AGGRESSIVE)


def test_context_of_a_stretch_without_a_match_is_counted():
    rows = [*MANY, "[stopped]", *(f"src/use_29.py-{n}-    step_{n}()" for n in range(90, 99))]
    out = compressed("\n".join(rows), SMALL)
    assert "step_9" not in out
    assert omissions(out)[0].what.endswith("and 9 context lines omitted")


def test_a_stretch_that_is_only_context_may_go_as_a_whole():
    rows = [f"src/a.py:{n}:    load({n})" for n in range(1, 9)]
    rows += [
        "[stopped]",
        *(f"src/a.py-{n}-    step_{n}(value, other_value)" for n in range(90, 130)),
    ]
    policy = SMALL.__class__("any", omit=True, budget=200, min_tokens=0)
    out = compressed("\n".join(rows), policy)
    assert len(told(out)[1]) == 8
    assert omissions(out)[0].what == "40 context lines omitted"


def test_far_down_in_a_very_large_result_what_decides_is_still_found():
    lines = uses("src/all.py", range(1, 9_000, 2))
    lines[3_000] = "src/all.py:6001:def load_settings(path):"
    lines[4_000] = "src/all.py:8001:    load_settings(retry_limit=3)"
    out = compressed("\n".join(lines), AGGRESSIVE, query="Why is retry_limit ignored?")
    known, shown = told(out)
    assert len(known) == 4_500
    assert shown["src/all.py", 6_001] == "def load_settings(path):"
    assert shown["src/all.py", 8_001] == "    load_settings(retry_limit=3)"
    assert "def load_settings(path):" in compressed("\n".join(lines), AGGRESSIVE)


def test_lines_of_a_paragraph_come_after_short_ones():
    long = [f"docs/a.md:{n}:load_settings {'and more ' * 60}" for n in range(1, 30)]
    _, shown = told(compressed("\n".join([*long, *MANY]), AGGRESSIVE))
    assert not any(path == "docs/a.md" for path, _ in shown)
