"""Places in a text and in the JSON that spells it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from headroom.caching.offsets import in_bytes


@given(st.text(max_size=60), st.booleans(), st.data())
def test_a_span_of_a_text_is_the_same_span_of_its_json(text, ascii_only, data):
    spelled = json.dumps(text, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    offsets = list(in_bytes(spelled, places))
    assert len(offsets) == len(places)
    for place, offset in zip(places, offsets, strict=True):
        assert json.loads(spelled[:offset] + b'"') == text[:place]
        assert json.loads(b'"' + spelled[offset:]) == text[place:]


def test_other_spellings_of_escapes_count_as_one_character():
    spelled = rb'"a\/b\u0041\ud83d\ude00\n\"c"'
    assert list(in_bytes(spelled, [0, 1, 2, 4, 5, 6, 7, 8])) == [1, 2, 4, 11, 23, 25, 27, 28]
