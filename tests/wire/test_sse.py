import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.wire.framing import Frame
from headroom.wire.sse import SseFraming

PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\r",
        b"data: {}",
        b"data:x",
        b"data",
        b"event: ping",
        b": hi",
        b"id: 1",
        b"\xef\xbb\xbf",
        b"\xff",
        b" ",
    ]
)
STREAMS = st.lists(PIECES, max_size=40).map(b"".join)


def cut(data, sizes):
    """`data` in chunks of the sizes given, the last one repeated."""
    at = 0
    while at < len(data):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        yield data[at : at + size]
        at += size


def frames_of(data, sizes=(1 << 20,), limit=1 << 20):
    framing = SseFraming(limit)
    frames = [frame for chunk in cut(data, list(sizes)) for frame in framing.feed(chunk)]
    return frames, framing.rest()


@given(STREAMS, st.lists(st.integers(1, 7), min_size=1), st.sampled_from([4, 9, 1 << 20]))
def test_any_chunking_gives_the_same_frames_and_every_byte(data, sizes, limit):
    frames, rest = frames_of(data, sizes, limit)
    assert (frames, rest) == frames_of(data, limit=limit)
    assert b"".join(frame.raw for frame in frames) + rest == data
    assert all(len(frame.raw) <= limit for frame in frames)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_an_event_is_out_with_the_last_byte_of_its_blank_line(end):
    framing = SseFraming()
    raw = b"event: ping" + end + b'data: {"type":"ping"}' + end + end
    assert framing.feed(raw[:-1]) == []
    assert framing.feed(raw[-1:]) == [Frame(raw, b'{"type":"ping"}', b"ping")]
    assert framing.rest() == b""


@pytest.mark.parametrize(
    ("raw", "payload", "name"),
    [
        (b"data: a\ndata: b\n\n", b"a\nb", b""),
        (b"data:a\nid: 7\nevent:late\n\n", b"a", b"late"),
        (b": keep-alive\n\n", b"", b""),
        (b"data\n\n", b"", b""),
        (b"data:  two\n\n", b" two", b""),
        (b"\xef\xbb\xbfdata: a\n\n", b"a", b""),
        (b"data: [DONE]\n\n", b"[DONE]", b""),
        (b"event: x\r\ndata: a: b\r\n\r\n", b"a: b", b"x"),
        (b"retry: 3\n\n", b"", b""),
    ],
)
def test_data_and_name_are_read_as_the_standard_says(raw, payload, name):
    assert frames_of(raw) == ([Frame(raw, payload, name)], b"")


def test_half_an_event_stays_with_the_rest():
    assert frames_of(b"data: a\n\ndata: b\n") == ([Frame(b"data: a\n\n", b"a")], b"data: b\n")


def test_a_byte_order_mark_counts_at_the_beginning_only():
    frames, _ = frames_of(b"data: a\n\n\xef\xbb\xbfdata: b\n\n")
    assert [frame.payload for frame in frames] == [b"a", b""]


def test_an_event_over_the_limit_goes_on_unread_and_the_next_is_read():
    large = b"data: " + b"x" * 100 + b"\n\n"
    frames, rest = frames_of(large + b"data: a\n\n", limit=40)
    assert [frame.payload for frame in frames] == [b"", b"", b"", b"a"]
    assert b"".join(frame.raw for frame in frames[:3]) == large
    assert rest == b""


def test_what_is_held_is_bounded():
    framing = SseFraming(limit=1_000)
    for _ in range(50):
        framing.feed(b"x" * 100)
        assert len(framing.rest()) <= 1_000


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_payload_is_written_as_the_stream_writes_its_events(end):
    framing = SseFraming()
    framing.feed(b"event: ping" + end + b"data: {}" + end + end)
    raw = framing.frame(b'{"type":"message_stop"}', None)
    assert raw == b"event: message_stop" + end + b'data: {"type":"message_stop"}' + end + end


def test_a_stream_without_names_gets_none():
    framing = SseFraming()
    (frame,) = framing.feed(b'data: {"type":"a"}\n\n')
    assert framing.frame(b'{"type":"b"}', frame) == b'data: {"type":"b"}\n\n'


@pytest.mark.parametrize("payload", [b"[DONE]", b"[1]", b'{"type":"a\\nb"}', b'{"type":3}'])
def test_a_payload_without_a_type_keeps_the_name_of_its_place(payload):
    framing = SseFraming()
    (frame,) = framing.feed(b"event: done\ndata: {}\n\n")
    assert framing.frame(payload, frame) == b"event: done\ndata: " + payload + b"\n\n"
    assert framing.frame(payload, None) == b"data: " + payload + b"\n\n"


def test_a_type_is_found_wherever_it_stands():
    framing = SseFraming()
    framing.feed(b"event: a\ndata: {}\n\n")
    assert framing.frame(b'{"index":0,"type":"late"}', None).startswith(b"event: late\n")


@given(st.recursive(st.text(), lambda inner: st.lists(inner)), st.sampled_from([None, 1]))
def test_a_written_payload_is_read_again(value, indent):
    payload = json.dumps(value, indent=indent).encode()
    framing = SseFraming()
    (frame,) = framing.feed(framing.frame(payload, None))
    assert json.loads(frame.payload) == value
