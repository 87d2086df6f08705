"""The parts of the log compressor, each by itself."""

import random

import pytest

from headroom.compressors.log import alarms, lines, masks
from headroom.compressors.log.templates import mine
from headroom.compressors.log.timestamps import span, time_of


def kinds(*texts):
    return len(mine(texts).templates)


@pytest.mark.parametrize(
    "pair",
    [
        ("took 5 ms", "took 12345 ms"),
        ("id 9f4ef63 freed", "id a64f992 freed"),
        ("req-38101a0b-2096-447d-96ea-a692162415ae ok", "req-9bc36dd9-91c5-beef-a898-47625eb93b09 ok"),
        ("mac 5c:50:15:36:bc:03 up", "mac 5c:50:15:36:11:03 up"),
        ("at Mon Jan 5 x", "at Tue Feb 17 x"),
        ("delta = -5", "delta = 17"),
    ],
)  # fmt: skip
def test_numbers_ids_and_dates_do_not_make_a_kind(pair):
    assert kinds(*pair) == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("request served", "request dropped"),
        ("request 1 served", "request served"),
        ("node dead", "node 5"),
        ("worker done", "worker2 done"),
        ("a=1, b=2", "a=1; b=2"),
        ("exit code 1", "exit code: 1"),
        ("reading mapred.tip.id now", "reading mapred.job.id now"),
    ],
)
def test_other_words_and_signs_make_another_kind(pair):
    assert kinds(*pair) == 2


def test_many_words_in_one_place_are_a_variable():
    users = [f"user {chr(97 + n) * 5} logged in from home" for n in range(12)]
    assert kinds(*users) == 1
    assert kinds(*users[:9]) == 9
    assert kinds(*(f"state={chr(97 + n) * 5} of the big job" for n in range(12))) == 12
    assert kinds(*(f"call {chr(97 + n) * 5}" for n in range(12))) == 12


def test_two_places_may_vary():
    fruits = [f"{chr(97 + n) * 4}" for n in range(12)]
    assert kinds(*(f"{a} bought {b} at the shop today" for a in fruits for b in fruits)) <= 13


def test_a_host_named_twice_is_one_variable():
    assert kinds(*(f"{c * 4}host login at gate of {c * 4}host" for c in "abcdefghijkl")) == 1


def test_hosts_of_a_syslog_join():
    hosts = [
        f"Mar  1 10:00:00 {host} sshd: session closed" for host in ("alpha", "beta-pro", "g.x")
    ]
    assert kinds(*hosts) == 1


def test_browsers_join():
    line = '10.0.0.1 "GET /a HTTP/1.1" 200 "Mozilla/5.0 ({})"'
    assert kinds(*(line.format(" ".join(["X11"] * n)) for n in range(1, 15))) == 1


def test_shapes_number_every_line():
    found = masks.shapes(["a 1", "a 22", "b", "a 1"])
    assert found.of_line == [0, 0, 1, 0]
    assert found.exact == [0, 1, 2, 0]


def test_alarms_are_known_by_their_words():
    words = frozenset([b"IOException", b"Failed", b"time_out", b"fine", b"E0", b"err", b"berry"])
    assert alarms.alarming(words) == words - {b"fine", b"berry"}
    assert alarms.is_alarm((b"#", b"E", b"x"), frozenset())
    assert not alarms.is_alarm((b"#", b"x"), frozenset())


@pytest.mark.parametrize(
    "line",
    ["  at x", "Caused by: y", "java.io.IOException: z", "2026-03-01T10:00:00.1Z \tat x", "goroutine 7"],
)  # fmt: skip
def test_details_continue_an_event(line):
    assert alarms.continues(line)


@pytest.mark.parametrize("line", ["2026-03-01 10:00:00 INFO x", "next", "9 lives"])
def test_a_new_event_continues_nothing(line):
    assert not alarms.continues(line)


@pytest.mark.parametrize(
    ("line", "date", "clock"),
    [
        ("2026-03-01 10:00:00,123 INFO", "2026-03-01", "10:00:00"),
        ("2026-03-01T10:00:00.123Z x", "2026-03-01", "10:00:00"),
        ("[Sun Dec 04 04:47:44 2005] x", "Sun Dec 04", "04:47:44"),
        ("Jun  9 06:06:20 combo", "Jun  9", "06:06:20"),
        ('1.2.3.4 - - [01/Mar/2026:10:00:07 +0000] "GET', "01/Mar/2026", "10:00:07"),
        ("081109 203615 148 INFO", "081109", "203615"),
        ("at 10:00:07 x", "", "10:00:07"),
    ],
)
def test_times_are_quoted_as_written(line, date, clock):
    found = time_of(line)
    assert (found.date, found.clock) == (date, clock)


def test_a_span_names_the_date_where_it_differs():
    first, later = time_of("2026-03-01 10:00:00 x"), time_of("2026-03-02 11:00:00 x")
    assert span(first, first) == "10:00:00"
    assert span(first, later) == "2026-03-02 11:00:00"
    assert span(None, later) == "2026-03-02 11:00:00"
    assert span(first, None) == ""


def test_lines_end_where_an_editor_ends_them():
    assert lines.read("a\x0bb\x85c\u2028d\ne\r\n").shown == ["a\x0bb\x85c\u2028d", "e"]
    assert lines.read("").shown == []
    assert lines.read("\n\n").shown == ["", ""]


def test_escapes_of_every_kind_go():
    assert lines.read("\x1b[1;31mred\x1b[m \x1b]0;title\x07x\x1b(B").shown == ["red x"]


def test_few_names_in_one_place_stay_apart():
    assert kinds("up on eth0 now", "up on lo0 now", "up on eth1 now") == 2
    assert kinds(*(f"mount /srv/{c * 3}/data now" for c in "abc")) == 3
    assert kinds(*(f"mount /srv/{c * 3}/data now" for c in "abcdefgh")) == 1


def test_words_that_vary_in_several_places_at_once_join():
    rng = random.Random(3)
    words = ["".join(rng.choices("bcdfghjklm", k=6)) for _ in range(1_000)]
    lines = [
        f"INFO {a} sent a parcel to {b} today" for a, b in zip(words[::2], words[1::2], strict=True)
    ]
    assert kinds(*lines) == 1
    assert kinds(*lines, "INFO carol lost a parcel to dave today") == 2


def test_an_odd_name_keeps_its_shape_apart_from_names_and_words():
    lines = [
        f"user{c * 4} joined srv{h}9 of the fleet" for c in "abcdefghijkl" for h in "pqrst"
    ] * 20
    assert kinds(*lines) == 1
    assert kinds(*lines, "useraaaa joined odd7 of the fleet") == 2


def test_where_all_names_are_rare_none_is_odd():
    assert kinds(*(f"up on host{chr(97 + n % 26) * 3}{n % 3}x9 now" for n in range(60))) == 1


def test_three_places_that_vary_are_not_all_joined():
    words = [letter * 4 for letter in "abcdefghijkl"]
    lines = [f"{a} sent {b} to {c} by mail" for a in words for b in words for c in words]
    assert 12 <= kinds(*lines) <= 24
