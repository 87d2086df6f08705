import gzip
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.proxy.coding import Unreadable, decoded, decoder

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}
EACH = pytest.mark.parametrize("coding", CODED)


@EACH
@given(body=st.binary(max_size=4_000), cuts=st.lists(st.integers(1, 50), max_size=8))
def test_a_body_comes_out_in_any_chunks(coding, body, cuts):
    packed = CODED[coding](body)
    reader, out, at = decoder(coding, 1 << 20), b"", 0
    for size in [*cuts, len(packed)]:
        out += reader.feed(packed[at : at + size])
        at += size
    assert out == body


@EACH
def test_a_small_body_cannot_fill_the_memory(coding):
    packed = CODED[coding](bytes(50_000_000))
    with pytest.raises(Unreadable, match="larger"):
        decoded(packed, coding, 1_000_000)
    assert len(decoded(packed, coding, 50_000_000)) == 50_000_000


@EACH
def test_what_is_damaged_is_unreadable(coding):
    with pytest.raises(Unreadable):
        decoded(b"\x00 no such thing" * 20, coding, 1_000)


@pytest.mark.parametrize("coding", ["br", "gzip, zstd", "nonsense"])
def test_an_unknown_coding_is_unreadable(coding):
    with pytest.raises(Unreadable):
        decoded(b"x", coding, 100)


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_a_body_without_coding_is_as_it_is(coding):
    assert decoded(b"abc", coding, 1) == b"abc"


def test_two_gzip_members_are_one_body():
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", 100) == b"ab"


@EACH
def test_a_body_of_empty_members_is_given_up_early(coding):
    empty, full = CODED[coding](b""), CODED[coding](b"x")
    assert decoded(empty * 60 + full, coding, 100) == b"x"
    with pytest.raises(Unreadable, match="members"):
        decoded(empty * 70 + full, coding, 100)


@EACH
def test_a_long_stream_may_have_a_member_for_each_event(coding):
    reader = decoder(coding, 1_000)
    assert b"".join(reader.feed(CODED[coding](b"x")) for _ in range(200)) == b"x" * 200


def test_nothing_more_after_the_end_is_fine():
    for coding, packed in CODED.items():
        reader = decoder(coding, 100)
        assert reader.feed(packed(b"ab")) + reader.feed(b"") == b"ab"
