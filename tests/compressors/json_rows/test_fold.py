"""The lossless fold: every text decodes to an equal value, types and spellings included."""

import json
import random

import pytest
from decoder import Number, decode, parse_json
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headroom.compressors import json_rows
from headroom.compressors.json_rows import fold


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def folded(value):
    text = compact(value)
    said = fold(text)
    if said is not None:
        assert decode(said) == parse_json(text)
        assert len(said) < len(text)
    return said


# ---------------------------------------------------------------- generated documents

awkward = st.sampled_from(
    [
        "",
        " ",
        "null",
        "true",
        "1",
        "1.0",
        "-0",
        "01",
        "1e5",
        "NaN",
        "a,b",
        "(a",
        "a)",
        "[x]",
        "{}",
        '"',
        '\\"',
        "a\nb",
        "\r\n",
        "\u2028",
        "\u0085",
        "## a=b",
        "#1",
        "<user a>",
        "x {id} y",
        "{}",
        "{id}",
        "same in all: a=1",
        "columns: a",
        '[… 3 rows omitted · headroom_retrieve("abcdefgh")]',
        "a=b",
        "é",
        "\U0001f600",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        " lead",
        "trail ",
        "A",
        "B",
        "\\u0041",
        "\x7f",
        "\t",
        "*",
        "a.b",
        "a:b",
        "a b",
    ]
)
keys = st.one_of(st.sampled_from(["id", "name", "url", "a", "b", "user"]), awkward)
strings = st.one_of(
    awkward, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.integers(), st.floats(), strings
)


def extend(inner):
    return st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5), records(inner)
    )


def records(inner):
    """Lists of records alike enough to make tables."""
    return st.lists(keys, min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.lists(
            st.one_of(
                st.fixed_dictionaries(dict.fromkeys(names, inner)),
                st.fixed_dictionaries({}, optional=dict.fromkeys(names, inner)),
            ),
            min_size=2,
            max_size=12,
        )
    )


documents = st.recursive(scalars, extend, max_leaves=60)
few = st.sampled_from(
    [
        '{"a":[1,"x,y"]}',
        "queued by the scheduler",
        "aborted by the user",
        None,
        1,
        1.0,
        True,
        "1",
        {},
        [],
        {"k": 1},
    ]
)
tables = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 9),
            "kind": few,
            "who": st.sampled_from(
                [
                    {"login": "anna", "id": 1, "site": "example.org/anna"},
                    {"login": "bob", "id": 2, "site": "example.org/bob"},
                    None,
                ]
            ),
        },
        optional={
            "tags": st.lists(strings, max_size=3),
            "note": strings,
            "child": st.lists(st.fixed_dictionaries({"x": scalars, "y": few}), max_size=3),
        },
    ),
    min_size=2,
    max_size=30,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(documents, records(scalars), records(documents), tables))
@example([{"a\u2028": False, "b": False}, {"a\u2028": None, "b": None}, {"a\u2028": 1, "b": 1}])
def test_whatever_is_folded_decodes_to_an_equal_value(value):
    folded(value)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_indented_input_gives_the_same_fold_or_compact_json(value):
    said = fold(json.dumps(value, indent=2))
    assert said is not None
    assert decode(said) == parse_json(json.dumps(value))


@settings(max_examples=150, deadline=None)
@given(tables)
def test_json_lines_decode_to_their_values(rows):
    text = "\n".join(map(compact, rows))
    said = fold(text)
    if said is not None:
        assert decode(said) == [parse_json(line) for line in text.split("\n")]
        assert len(said) < len(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**6), st.sampled_from(["Anna Lee", "bob", "Ciro Da Via", "x/y"])
        ),
        min_size=2,
        max_size=40,
    ),
    st.sampled_from(
        [
            "https://e.org/{repo}/i/{n}",
            "{n}",
            "{n}-{n}",
            "{lower}@e.org",
            "{{n}}{n}",
            "{{}}{n}",
            "{n}{repo}",
            "{dot}@e.org",
        ]
    ),
)
def test_derived_columns_decode(pairs, template):
    rows = [
        {
            "n": n,
            "repo": repo,
            "link": template.format(
                n=n, repo=repo, lower=repo.lower(), dot=repo.lower().replace(" ", ".")
            ),
        }
        for n, repo in pairs
    ]
    folded(rows)


# ---------------------------------------------------------------- what is said once


def issues(size=30):
    draw = random.Random(7)
    people = [
        {
            "login": n,
            "id": 4000 + i,
            "url": f"https://api.example.com/users/{n}",
            "html_url": f"https://example.com/{n}",
            "type": "User",
        }
        for i, n in enumerate(["anna", "bob", "ciro"])
    ]
    return [
        {
            "number": 100 + 7 * i + draw.randrange(6),
            "title": draw.choice(["Fix the login", "Crash, again", "Typo (docs)"]) + f" {i}",
            "state": "open",
            "user": draw.choice(people),
            "assignee": draw.choice([*people, None]),
            "labels": [
                {"name": n, "color": c}
                for n, c in draw.sample(
                    [("bug", "ff0000"), ("docs", "00ff00"), ("later", "0000ff")], i % 3
                )
            ],
        }
        for i in range(size)
    ]


def with_links(rows):
    return [
        {**row, "url": f"https://api.example.com/repos/acme/api/issues/{row['number']}"}
        for row in rows
    ]


def test_the_example_in_the_format_description_decodes():
    lines = (
        json_rows.__doc__.split("**Title.**")[0]
        .split("skeleton the first block is the document.\n\n")[1]
        .split("\n")
    )
    value = decode("\n".join(line[4:] for line in lines).strip("\n"))
    assert value["total"] == Number("3")
    assert [row["user"]["id"] for row in value["items"]] == [
        Number("4711"),
        Number("4712"),
        Number("4711"),
    ]
    assert value["items"][1] == {
        "repo": "acme/api",
        "labels": [],
        "number": Number("8"),
        "title": "Crash, again",
        "url": "https://api.example.com/issues/8",
        "user": {"login": "bob", "id": Number("4712"), "url": "https://example.com/bob"},
    }


def test_a_template_around_another_column_is_said_once():
    said = folded(with_links(issues()))
    assert "url = https://api.example.com/repos/acme/api/issues/{number}\n" in said
    assert said.count("repos/acme/api/issues") == 1


def test_a_constant_is_said_once():
    said = folded(issues())
    assert said.count("open") == 1
    assert "same in all: state=open" in said


def test_a_repeated_record_is_said_once_and_cited():
    said = folded(issues())
    assert "user: 3 records, cited by login" in said
    assert said.count("4000") == 1
    assert "user:user,assignee:user" in said


def test_sequences_of_numbers_and_hours_are_said_once():
    rows = [
        {"id": i + 1, "hour": f"2024-03-{1 + i // 24:02}T{i % 24:02}:00:00+00:00", "n": i * i % 17}
        for i in range(60)
    ]
    said = folded(rows)
    assert "id runs 1 to 60" in said
    assert (
        "hour runs 2024-03-01T00:00:00+00:00 to 2024-03-03T11:00:00+00:00 by 3600 seconds" in said
    )


def test_a_column_decided_by_another_is_said_once_a_value():
    codes = {
        "931": "Individual income taxes",
        "932": "Corporate income taxes",
        "933": "Excise taxes",
    }
    draw = random.Random(3)
    rows = [
        {"code": c, "name": codes[c], "sum": draw.randrange(10**6)}
        for c in draw.choices(list(codes), k=40)
    ]
    said = folded(rows)
    assert said.count("Corporate income taxes") == 1


def test_long_values_get_a_legend():
    draw = random.Random(4)
    rows = [
        {
            "why": draw.choice(["queued by the nightly scheduler", "aborted by an impatient user"]),
            "n": draw.randrange(99),
            "m": draw.randrange(99),
        }
        for _ in range(40)
    ]
    said = folded(rows)
    assert "why values: A=" in said


def test_runs_of_equal_values_stand_above_their_rows():
    draw = random.Random(5)
    rows = [
        {"job": job, "year": year, "count": draw.randrange(9999)}
        for job in ["Accountant / Auditor", "Baker of bread"]
        for year in range(1900, 1912)
    ]
    said = folded(rows)
    assert "## job=Accountant / Auditor\n" in said
    assert said.count("Accountant") == 1


def test_an_email_around_a_name_is_derived():
    rows = [
        {"name": n, "email": n.lower().replace(" ", ".") + "@example.com"}
        for n in ["Anna Lee", "Bob Stone", "Ciro Via", "Dora Moss"]
    ]
    assert "email = {name:lower, . for space}@example.com" in folded(rows)


def test_unlike_records_come_in_parts_and_in_order():
    rows = []
    for i in range(20):
        rows.append(
            {
                "type": "push",
                "payload": {"head": f"h{i}", "size": i, "ref": "main", "before": f"b{i}"},
            }
        )
        rows.append(
            {
                "type": "watch",
                "payload": {"action": "started", "by": f"u{i}", "where": "web", "how": i},
            }
        )
    said = folded(rows)
    assert "part 1: 20 records, rows 1,3,5" in said


def test_a_list_deep_inside_an_object_folds_in_place():
    said = folded({"meta": {"total": 30}, "result": {"items": issues()}})
    assert said.startswith(
        '{"meta":{"total":30},"result":{"items":<items>}}\n\nitems: 30 records\n'
    )


def test_a_map_of_alike_records_is_a_table():
    said = folded(
        {
            "packages": {
                f"pkg-{i}": {"version": f"{i}.0.{i * 7 % 5}", "dev": True} for i in range(20)
            }
        }
    )
    assert "packages: 20 entries" in said


def test_json_in_strings_is_said_without_its_escapes():
    draw = random.Random(6)
    bodies = [
        {"user": f"u{draw.randrange(9)}"},
        {"tags": ["a,b", "(c"]},
        {"failed": None, "why": 'a "quote"'},
    ]
    rows = [{"n": i, "body": compact({**draw.choice(bodies), "sum": i * i})} for i in range(20)]
    said = folded(rows)
    assert "body:json" in said
    assert '\n{"tags":["a,b","(c"],"sum":' in said


def test_json_in_strings_that_is_not_compact_stays_a_string():
    folded([{"n": i * i, "body": f'{{ "a": {i} }}', "other": "[1, 2"} for i in range(20)])


def test_a_column_equal_to_another_in_most_rows_says_the_others():
    draw = random.Random(8)
    rows = [
        {"made": f"2024-01-{d:02}T0{d % 7}:11:00Z", "n": d * 7 % 5}
        for d in (draw.randrange(1, 29) for _ in range(30))
    ]
    rows = [
        {**row, "changed": row["made"] if i % 5 else "2025-02-02T02:02:02Z"}
        for i, row in enumerate(rows)
    ]
    assert "changed = {made} (unless given)" in folded(rows)


def test_a_template_around_a_rest_keeps_the_rest_in_the_cell():
    draw = random.Random(9)
    rows = [
        {"n": n, "title": f"M {draw.randrange(90)} - {n} km away"}
        for n in (draw.randrange(10**6) for _ in range(20))
    ]
    assert "title = M {} - {n} km away" in folded(rows)


def test_the_commonest_value_is_an_empty_cell():
    rows = [
        {"n": i * i % 17, "closed": None if i % 4 else f"day {i * 7 % 31}", "m": i * 3 % 7}
        for i in range(40)
    ]
    said = folded(rows)
    assert "empty cells: closed=null" in said


def test_what_repeats_in_each_section_is_said_once():
    draw = random.Random(11)
    sites = ["Waseca", "Morris", "Duluth", "Crookston", "Grand Rapids"]
    rows = [
        {"variety": v, "site": s, "yield": draw.randrange(10**5)}
        for v in ["Manchuria", "Glabron", "Velvet", "Trebi", "Peatland"]
        for s in sites
    ]
    assert "site in each section: Waseca,Morris,Duluth,Crookston,Grand Rapids" in folded(rows)


@pytest.mark.parametrize("value", ["", "some words", None])
def test_a_table_of_runs_alone_keeps_a_column(value):
    rows = [{"a": value, "b": "first of them"}] + [{"a": value, "b": "the others"}] * 9
    folded([{**row, "c": "x" if i < 5 else "y"} for i, row in enumerate(rows)])


# ---------------------------------------------------------------- types and spellings


@pytest.mark.parametrize(
    "spelled",
    [
        "1",
        "1.0",
        "1.10",
        "1e5",
        "1E+5",
        "-0",
        "-0.0",
        "12345678901234567890123",
        "NaN",
        "Infinity",
        "-Infinity",
        "9" * 5000,
        "0.1000",
    ],
)
def test_a_number_keeps_its_spelling(spelled):
    text = (
        "["
        + ",".join(f'{{"some_column":{spelled},"other_column":{i}}}' for i in (5, 3, 9, 1))
        + "]"
    )
    said = fold(text)
    assert said is not None
    assert decode(said)[0]["some_column"] == Number(spelled)


def test_alike_values_of_different_types_stay_apart():
    rows = [
        {"column_name": v, "second_column": i * i}
        for i, v in enumerate([1, 1.0, "1", True, "true", None, "null", "", [], {}, "1.0"])
    ]
    rows.append({"second_column": 5})
    text = compact(rows)
    said = fold(text)
    assert said is not None
    assert decode(said) == parse_json(text)


def test_mixed_lists_stay_json():
    folded([1, {"a": 1}, "x", None, [1, 2], {"a": 2}])


def test_the_fold_is_the_same_every_time():
    text = compact(with_links(issues()))
    assert fold(text) == fold(text)


# ---------------------------------------------------------------- never larger, never raising


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "1",
        '"text"',
        "null",
        "{",
        "[1,2",
        '{"a":1}trailing',
        '{"a":1,"a":2}',
        '[{"a":1,"a":2}]',
        '{"a":"\\u0000"}',
        '[{"a":"\\ud800"},{"a":"\\ud800"}]',
        "[" * 100_000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "[01]",
        "[+1]",
        "[.5]",
        "{'a':1}",
        "[1,]",
        "\ufeff[1]",
        '{"a":1}\n{"a":',
        '{"a":1}\n{"a":1,"a":2}',
        "[]",
        "{}",
    ],
)
def test_what_cannot_be_given_back_or_gains_nothing_is_left(text):
    assert fold(text) is None


@pytest.mark.parametrize("odd", ["\\ud800", "\ud800", "\\udfff"])
def test_a_lone_surrogate_is_left_wherever_it_stands(odd):
    rows = [
        f'{{"same_long_column_name":"same long value","n":{i * i},"t":"x{odd if i == 31 else ""}"}}'
        for i in range(60)
    ]
    assert fold(f"[{','.join(rows)}]") is None


def test_paired_surrogates_are_one_character():
    rows = [
        f'{{"same_long_column_name":"same long value","n":{i * i},"t":"\\ud83d\\ude00"}}'
        for i in range(9)
    ]
    said = fold(f"[{','.join(rows)}]")
    assert said is not None
    assert "\U0001f600" in said


def test_deep_nesting_within_reach_is_minified_or_left():
    text = "[ " * 200 + "1" + " ]" * 200
    said = fold(text)
    assert said is not None
    assert decode(said) == parse_json(text)


def test_compact_material_without_lists_is_left():
    assert fold('{"a":1,"b":{"c":[1,2,3]}}') is None


def test_loose_material_is_minified():
    assert fold('{ "a" : 1.50,\n "b" : [ 1, 2 ] }') == '{"a":1.50,"b":[1,2]}'


def test_a_huge_string_passes():
    text = compact([{"id": i, "body": "x" * 2_000_000} for i in range(3)])
    said = fold(text)
    assert said is not None
    assert len(said) < len(text) // 2


def test_many_different_keys_do_not_make_a_giant_table():
    rows = [{f"k{i}_{j}": j for j in range(5)} for i in range(300)]
    folded(rows)


def test_json_lines_with_blank_lines_and_crlf():
    rows = issues(12)
    text = "\r\n\r\n".join(map(compact, rows)) + "\r\n"
    said = fold(text)
    assert said is not None
    assert said.startswith("12 JSON lines\n")
    assert decode(said) == parse_json(compact(rows))


@pytest.mark.parametrize(
    "row",
    [
        '{"id" : 1, "id": 2, "note": "x"}',
        '{"id"\n:1,"id":2,"note":":x"}',
        '{"id":1,"i\\u0064":2,"note":"x"}',
        '{"id":1,"id":2,"note":":x"}',
        '{"id":1,"id":2,"note":"say \\":\\" twice"}',
        '{"id\\\\":1,"id\\\\":2,"note":"x"}',
    ],
)
def test_a_key_named_twice_is_seen_however_it_is_written(row):
    assert fold("[" + ",".join([row] * 9) + "]") is None


@pytest.mark.parametrize(
    "row",
    [
        '{"id" : %d, "note": "an early light"}',
        '{"id": %d, "note": ":rocket: lift"}',
        '{"id": %d, "note": "said \\": and left"}',
        '{"id\\\\": %d, "note": "ends in a stroke"}',
    ],
)
def test_what_only_looks_like_a_key_does_not_stop_the_fold(row):
    text = "[" + ",".join([row % n for n in range(1, 20)]) + "]"
    folded = fold(text)
    assert folded is not None
    assert decode(folded) == parse_json(text)
