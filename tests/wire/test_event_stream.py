"""AWS event streams, read as botocore reads them and written so that it can read them."""

import base64
import itertools
import json
import struct
import zlib

import pytest
from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from headroom.wire.event_stream import EventStreamFraming, InvokeStreamFraming

EVENT = {":event-type": "contentBlockDelta", ":content-type": "application/json"}
DELTA = b'{"contentBlockIndex":0,"delta":{"text":"hi \xc3\xa9"},"p":"abcde"}'


def value(kind, of):
    """A header's value as the format has it, for each of its ten types."""
    numbers = {2: ">b", 3: ">h", 4: ">i", 5: ">q", 8: ">q"}
    if kind in numbers:
        return struct.pack(numbers[kind], of)
    if kind in (6, 7):
        raw = of.encode() if kind == 7 else of
        return struct.pack(">H", len(raw)) + raw
    return of if kind == 9 else b""


def message(headers, payload):
    """A message, spelled out; `headers` are (name, type, value)."""
    block = b"".join(
        struct.pack("B", len(name.encode())) + name.encode() + bytes([kind]) + value(kind, of)
        for name, kind, of in headers
    )
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    whole = prelude + block + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def event(name, payload, *more):
    headers = [(":event-type", 7, name), (":content-type", 7, "application/json")]
    return message([*headers, (":message-type", 7, "event"), *more], payload)


def chunk(inner, **more):
    return event("chunk", json.dumps({"bytes": base64.b64encode(inner).decode(), **more}).encode())


def by_botocore(data):
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(m.headers, m.payload) for m in buffer]


def fed(framing, pieces):
    return [frame for piece in pieces for frame in framing.feed(piece)]


def pieces(data, cuts):
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


NUMBERS = st.integers(-128, 127)
HEADERS = st.one_of(
    st.tuples(st.sampled_from([0, 1]), st.none()),
    st.tuples(st.sampled_from([2, 3, 4, 5, 8]), NUMBERS),
    st.tuples(st.just(6), st.binary(max_size=9)),
    st.tuples(st.just(7), st.text(max_size=9)),
    st.tuples(st.just(9), st.binary(min_size=16, max_size=16)),
)
EVENTS = st.builds(
    lambda name, payload, extra: event(
        name, json.dumps(payload).encode(), *((f"x{i}", *one) for i, one in enumerate(extra))
    ),
    st.sampled_from(["messageStart", "contentBlockDelta", "metadata", "x"]),
    st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3),
    st.lists(HEADERS, max_size=4),
)
OTHERS = st.one_of(
    st.builds(lambda raw: event("blob", raw), st.binary(max_size=20)),
    st.builds(
        lambda extra: message([(f"x{i}", *one) for i, one in enumerate(extra)], b"{}"),
        st.lists(HEADERS, max_size=4),
    ),
    st.just(chunk(b'{"type":"ping"}', p="abc")),
    st.just(message([(":exception-type", 7, "x"), (":message-type", 7, "exception")], b"{}")),
)
CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@pytest.mark.parametrize("kind", [EventStreamFraming, InvokeStreamFraming])
@given(messages=st.lists(st.one_of(EVENTS, OTHERS), max_size=6), cuts=CUTS, tail=st.integers(0, 11))
def test_any_chunking_gives_the_same_frames_and_all_bytes_back(kind, messages, cuts, tail):
    data = b"".join(messages) + event("metadata", b"{}")[:tail]
    framing = kind()
    frames = fed(framing, pieces(data, cuts))
    assert b"".join(frame.raw for frame in frames) + framing.rest() == data
    assert [frame.raw for frame in frames] == messages
    assert frames == kind().feed(data)


@given(messages=st.lists(EVENTS, max_size=6))
def test_an_event_is_read_as_botocore_reads_it(messages):
    data = b"".join(messages)
    frames = EventStreamFraming().feed(data)
    expected = by_botocore(data)
    assert [frame.name.decode() for frame in frames] == [h[":event-type"] for h, _ in expected]
    for frame, (headers, payload) in zip(frames, expected, strict=True):
        assert json.loads(frame.payload) == {headers[":event-type"]: json.loads(payload)}


@given(payload=st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3))
def test_what_is_written_is_read_back_by_us_and_by_botocore(payload):
    written = EventStreamFraming().frame(json.dumps({"metadata": payload}).encode(), None)
    [frame] = EventStreamFraming().feed(written)
    assert json.loads(frame.payload) == {"metadata": payload}
    [(headers, body)] = by_botocore(written)
    assert headers == {
        ":event-type": "metadata",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert json.loads(body) == payload


def test_an_event_that_comes_and_goes_is_the_same_message():
    raw = event("contentBlockDelta", DELTA)
    framing = EventStreamFraming()
    [frame] = framing.feed(raw)
    assert frame.payload == b'{"contentBlockDelta":' + DELTA + b"}"
    assert framing.frame(frame.payload, frame) == raw


def test_an_exception_passes_unread_and_one_of_ours_is_known_to_botocore():
    exception = message(
        [
            (":exception-type", 7, "throttlingException"),
            (":content-type", 7, "application/json"),
            (":message-type", 7, "exception"),
        ],
        b'{"message":"slow down"}',
    )
    framing = EventStreamFraming()
    [frame] = framing.feed(exception)
    assert (frame.raw, frame.payload) == (exception, b"")
    ours = framing.frame(b'{"throttlingException":{"message":"slow down"}}', None)
    assert ours == exception
    assert by_botocore(ours)[0][0][":exception-type"] == "throttlingException"


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b'{"a":1,"b"', b"{}", b'{"a b":{}}'])
def test_a_payload_that_is_no_event_is_not_written(payload):
    assert EventStreamFraming().frame(payload, None) == b""


@pytest.mark.parametrize(
    "odd",
    [
        message([], b"{}"),
        message([(":event-type", 7, "a"), (":message-type", 6, b"event")], b"{}"),
        message([(":event-type", 7, 'a"b'), (":message-type", 7, "event")], b"{}"),
        event("contentBlockDelta", b""),
        event("contentBlockDelta", b"[1]"),
        event("", b"{}"),
    ],
)
def test_a_message_that_is_no_event_passes_unread_and_the_next_one_is_read(odd):
    first, second = EventStreamFraming().feed(odd + event("metadata", b"{}"))
    assert (first.raw, first.payload) == (odd, b"")
    assert second.payload == b'{"metadata":{}}'


def test_headers_that_lie_about_their_length_are_not_read():
    for block in (b"\x05ab", b"\x01a\x07\x00\x09x", b"\x01a\x63x", b"\xff"):
        prelude = struct.pack(">II", 16 + len(block), len(block))
        prelude += struct.pack(">I", zlib.crc32(prelude))
        whole = prelude + block
        whole += struct.pack(">I", zlib.crc32(whole))
        frames = EventStreamFraming().feed(whole + event("metadata", b"{}"))
        assert [frame.payload for frame in frames] == [b"", b'{"metadata":{}}']


GOOD = event("contentBlockDelta", DELTA)


def damaged(at):
    return GOOD[:at] + bytes([GOOD[at] ^ 0x41]) + GOOD[at + 1 :]


@given(at=st.integers(0, len(GOOD) - 1), cuts=CUTS)
def test_behind_a_damaged_message_everything_passes_unread(at, cuts):
    data = GOOD + damaged(at) + GOOD + GOOD
    framing = EventStreamFraming()
    frames = fed(framing, pieces(data, cuts))
    assert b"".join(frame.raw for frame in frames) + framing.rest() == data
    assert [frame.payload for frame in frames if frame.payload] == [
        b'{"contentBlockDelta":' + DELTA + b"}"
    ]
    assert framing.rest() == b""


@pytest.mark.parametrize(("total", "headers"), [(15, 0), (20, 8), (2**31, 4), (2**31, 2**30)])
def test_lengths_that_cannot_be_are_not_waited_for(total, headers):
    prelude = struct.pack(">II", total, headers)
    data = prelude + struct.pack(">I", zlib.crc32(prelude)) + b"rest"
    framing = EventStreamFraming()
    assert [(frame.raw, frame.payload) for frame in framing.feed(data)] == [(data, b"")]
    assert framing.feed(b"more")[0].raw == b"more"
    assert framing.feed(b"") == []


@given(inner=st.binary(min_size=1, max_size=50), cuts=CUTS)
def test_an_invoke_chunk_is_read_from_its_base64_and_written_to_it(inner, cuts):
    framing = InvokeStreamFraming()
    [frame] = fed(framing, pieces(chunk(inner, p="padding"), cuts))
    assert frame.payload == inner
    [(headers, body)] = by_botocore(framing.frame(inner, frame))
    assert headers[":event-type"] == "chunk"
    assert base64.b64decode(json.loads(body)["bytes"]) == inner


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"bytes":5}', b'{"bytes":"*"}', b"null"])
def test_a_chunk_that_cannot_be_read_passes(body):
    [frame] = InvokeStreamFraming().feed(event("chunk", body))
    assert (frame.raw, frame.payload) == (event("chunk", body), b"")


@pytest.mark.parametrize(
    ("kind", "exception"),
    [
        ("overloaded_error", "serviceUnavailableException"),
        ("rate_limit_error", "throttlingException"),
        ("api_error", "modelStreamErrorException"),
    ],
)
def test_an_error_event_is_an_exception_in_an_invoke_stream(kind, exception):
    error = {"type": "error", "error": {"type": kind, "message": "no"}}
    written = InvokeStreamFraming().frame(json.dumps(error).encode(), None)
    [(headers, body)] = by_botocore(written)
    assert headers[":message-type"] == "exception"
    assert headers[":exception-type"] == exception
    assert json.loads(body) == {"message": "no"}


@pytest.mark.parametrize("inner", [b'{"type":"x","error":1}', b'"error"', b'{"error"'])
def test_what_only_mentions_an_error_is_a_chunk(inner):
    [(headers, _)] = by_botocore(InvokeStreamFraming().frame(inner, None))
    assert headers[":event-type"] == "chunk"
