"""Bytes in are bytes out, whatever they are and however they come."""

import io
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.mcp.wrap_lines import Sink, pieces


class Chunks(io.RawIOBase):
    """A pipe that gives these chunks, None where it has nothing for now, and then ends."""

    def __init__(self, chunks):
        self.chunks = list(chunks)

    def read(self, size):
        return self.chunks.pop(0) if self.chunks else b""


class Room(io.RawIOBase):
    """A pipe that takes so many bytes at a time, and none the first time."""

    def __init__(self, most=3):
        self.most, self.taken, self.asked = most, b"", 0

    def write(self, data):
        self.asked += 1
        if self.asked == 1:
            return None
        self.taken += bytes(data[: self.most])
        return min(self.most, len(data))


CHUNKS = st.lists(st.none() | st.binary(min_size=1, max_size=12) | st.just(b"a\nb\n\nc"))


@given(CHUNKS, st.integers(1, 8))
def test_every_byte_passes_in_order_and_whole_pieces_are_lines(chunks, longest):
    stream = b"".join(chunk or b"" for chunk in chunks)
    found = list(pieces(Chunks(chunks), longest))
    assert b"".join(piece.data for piece in found) == stream
    lines = stream.split(b"\n")[:-1]
    assert all(piece.data[:-1] in lines for piece in found if piece.whole)
    assert all(piece.data.count(b"\n") <= 1 for piece in found)


@given(CHUNKS)
def test_lines_that_are_not_too_long_come_whole(chunks):
    stream = b"".join(chunk or b"" for chunk in chunks)
    found = [piece.data for piece in pieces(Chunks(chunks)) if piece.whole]
    assert found == [line + b"\n" for line in stream.split(b"\n")[:-1]]


def test_the_end_of_a_long_line_is_no_line_of_its_own():
    found = list(pieces(Chunks([b"0123456789", b"{}\n", b"{}\n"]), longest=5))
    assert found == [(b"0123456789", False), (b"{}\n", False), (b"{}\n", True)]


def test_a_broken_pipe_is_an_end():
    stream = Chunks([b"a\n"])
    found = pieces(stream)
    assert next(found) == (b"a\n", True)
    stream.read = lambda size: (_ for _ in ()).throw(OSError("reset"))
    assert list(found) == []


@given(st.binary(max_size=50), st.integers(1, 9))
def test_a_pipe_that_takes_little_at_a_time_gets_all(data, most):
    room = Room(most)
    sink = Sink(room)
    sink.put(data)
    assert room.taken == data
    assert not sink.gone


def test_a_line_is_not_put_into_another_that_passes_in_pieces():
    room = Room(100)
    sink = Sink(room)
    sink.pass_on(b"begin")
    other = threading.Thread(target=sink.put, args=(b"other\n",))
    other.start()
    sink.pass_on(b" end\n")
    other.join()
    assert room.taken == b"begin end\nother\n"


def test_a_line_behind_one_that_never_ended_stands_alone():
    room = Room(100)
    sink = Sink(room)
    sink.pass_on(b'{"torn')
    sink.end()
    sink.put(b"{}\n")
    sink.put(b"{}\n")
    assert room.taken == b'{"torn\n{}\n{}\n'


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed")])
def test_a_reader_that_has_gone_is_noticed_and_no_error(error):
    room = Room()
    room.write = lambda data: (_ for _ in ()).throw(error)
    sink = Sink(room)
    sink.put(b"a\n")
    assert sink.gone
    sink.pass_on(b"b\n")
    sink.close()
