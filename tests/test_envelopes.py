import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.envelopes import letters

LONG = 'line of a log with "quotes", \\ and é\n' * 40
ENVELOPES = {
    "object": {"output": LONG, "metadata": {"exit_code": 0}},
    "string": LONG,
    "list": [{"type": "text", "text": LONG}, {"type": "text", "text": LONG + "2"}],
}


@pytest.mark.parametrize("name", ENVELOPES)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_long_strings_are_found_where_they_stand(name, ascii_only):
    text = json.dumps(ENVELOPES[name], ensure_ascii=ascii_only, indent=2)
    raw = text.encode()
    found = letters(text)
    assert [letter.text[:200] for letter in found] == [LONG[:200]] * len(found)
    assert len(found) == (2 if name == "list" else 1)
    for letter in found:
        assert json.loads(raw[letter.start : letter.end]) == letter.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        LONG,
        "{" + LONG,
        json.dumps([{"id": n, "title": "short"} for n in range(500)]),
        json.dumps([{"id": n, "body": LONG} for n in range(20)]),
        json.dumps({"a": LONG, "b": [{"id": n, "title": "short"} for n in range(500)]}),
        '{"a": "' + "x" * 5_000,
        '{"a": "' + "x" * 5_000 + '"',
        '{"a": "' + "\ud800" + "x" * 5_000 + '"}',
    ],
)
def test_records_prose_and_broken_json_are_no_envelopes(text):
    assert letters(text) == []


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_small_values_are_no_envelopes(value):
    assert letters(json.dumps(value)) == [] or len(json.dumps(value)) > 600
