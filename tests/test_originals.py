import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.originals import to_bytes, to_text

ANY = st.text(st.characters(codec=None), max_size=60)


@given(st.text(max_size=200))
def test_a_text_is_its_utf8(text):
    assert to_bytes(text) == text.encode()
    assert to_text(to_bytes(text)) == text


@given(st.binary(max_size=200))
def test_bytes_that_are_not_utf8_survive_as_text(data):
    assert to_bytes(to_text(data)) == data


@pytest.mark.parametrize(
    "text", ["\ud800", "\udc80x", "\udc80\ud800", "x\udfffé", "\udced\udca0\udc80"]
)
def test_lone_surrogates_come_back(text):
    assert to_text(to_bytes(text)) == text or to_bytes(to_text(to_bytes(text))) == to_bytes(text)
