"""What is known of a client's connection, and how an answer leaves on it."""

import asyncio

from headroom.proxy.connection import Connection, HeadFirst


class Wire(asyncio.Transport):
    """Keeps what is written, packet by packet."""

    def __init__(self):
        super().__init__()
        self.packets = []
        self.closed = False

    def write(self, data):
        self.packets.append(bytes(data))

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


def written(*steps):
    """The packets that these steps with an answer's transport make, and whether it is closed."""

    async def play():
        wire = Wire()
        answers = HeadFirst(wire, asyncio.get_running_loop())
        for step in steps:
            if step is None:
                await asyncio.sleep(0)
            else:
                step(answers)
        return wire.packets, wire.closed

    return asyncio.run(play())


def say(data):
    return lambda answers: answers.write(data)


def test_the_head_of_an_answer_leaves_with_the_first_of_its_body():
    packets, _ = written(HeadFirst.begin, say(b"head "), say(b"one"), say(b"two"), None)
    assert packets == [b"head one", b"two"]


def test_a_head_whose_body_is_not_there_yet_does_not_wait_for_it():
    packets, _ = written(HeadFirst.begin, say(b"head"), None, say(b"body"))
    assert packets == [b"head", b"body"]


def test_each_answer_of_a_connection_holds_its_own_head():
    answer = (HeadFirst.begin, say(b"head "), say(b"body"))
    assert written(*answer, None, *answer)[0] == [b"head body", b"head body"]


def test_what_is_held_is_written_before_the_connection_is_closed():
    assert written(HeadFirst.begin, say(b"head"), HeadFirst.close) == ([b"head"], True)


def test_whoever_waits_for_the_client_to_leave_is_told_once_it_has():
    left = []
    connection = Connection(lambda: None)
    connection.when_lost(lambda: left.append("first"))
    connection.when_lost(None)
    connection.lose()
    assert left == []
    connection.when_lost(lambda: left.append("late"))
    assert left == ["late"]
