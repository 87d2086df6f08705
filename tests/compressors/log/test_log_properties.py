"""What must hold of any compressed log: nothing rare is hidden, nothing is lost or rewritten."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_reading import checked, compressed, notes, shown

from headroom.compressors import Sample
from headroom.compressors.log import Log, compressor
from headroom.compressors.log.templates import mine
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED

LEVELS = ["DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "FATAL"]
PLANTED = [
    "config max_connections changed from 100 to 10",
    "request 77 served in 45 s",
    "request 77 dropped in 45 ms",
    "query 77 served in 45 ms",
    "request served in 45 ms",
    "request 77 served in 45 ms twice",
    "x",
]


def stamp(number):
    return f"2026-03-01 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"


def served(count, level="INFO"):
    return [f"{stamp(n)} {level} request {n} served in {n % 89} ms" for n in range(count)]


@settings(max_examples=40)
@given(
    level=st.sampled_from(LEVELS),
    usual=st.sampled_from(LEVELS),
    words=st.sampled_from(PLANTED),
    place=st.integers(0, 9_999),
    policy=st.sampled_from([BALANCED, AGGRESSIVE]),
)
def test_one_planted_line_among_ten_thousand_stands_verbatim(level, usual, words, place, policy):
    lines = served(9_999, usual)
    planted = f"{stamp(place)} {level} {words}"
    lines.insert(place, planted)
    assert shown(checked("\n".join(lines), policy=policy))[place + 1] == planted


@settings(max_examples=25)
@given(
    users=st.integers(2, 60),
    place=st.integers(0, 3_999),
    odd=st.sampled_from(["mallory", "node-9x", "/srv/app/key.pem", "a.b.example"]),
)
def test_an_odd_value_among_usual_ones_stands_verbatim(users, place, odd):
    names = [f"user{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(users)]
    lines = [f"{stamp(n)} INFO session opened for {names[n % users]} by sshd" for n in range(4_000)]
    lines[place] = f"{stamp(place)} INFO session opened for {odd} by sshd"
    assert shown(checked("\n".join(lines)))[place + 1] == lines[place]


@settings(max_examples=25)
@given(place=st.integers(0, 5_999), status=st.sampled_from([500, 404, 99]))
def test_the_one_odd_number_among_few_usual_ones_stands_verbatim(place, status):
    lines = [f"{stamp(n)} GET /api/items/{n} status=200 took {n % 97} ms" for n in range(6_000)]
    lines[place] = lines[place].replace("status=200", f"status={status}")
    assert shown(checked("\n".join(lines)))[place + 1] == lines[place]


def test_the_one_odd_number_is_found_where_all_lines_are_read():
    lines = [f"{stamp(n)} GET /api/items/{n} status=200" for n in range(500)]
    lines[123] = lines[123].replace("200", "503")
    assert 124 in shown(checked("\n".join(lines)))


def test_a_thousand_similar_errors_do_not_hide_the_different_one():
    lines = [f"{stamp(n)} ERROR worker {n} failed: timeout after {n} ms" for n in range(1_000)]
    lines[611] = f"{stamp(611)} ERROR worker 611 failed: disk full"
    assert shown(checked("\n".join(lines)))[612].endswith("disk full")


@settings(max_examples=30)
@given(st.lists(st.sampled_from("abcdefghijklmno"), min_size=40, max_size=400), st.randoms())
def test_every_distinct_error_message_is_shown(letters, rng):
    words = {letter: f"reason{letter * 3}" for letter in letters}
    lines = served(200) + [
        f"{stamp(n)} ERROR task {n} failed: {words[letter]}Error while loading"
        for n, letter in enumerate(letters)
    ]
    rng.shuffle(lines)
    out = "\n".join(shown(checked("\n".join(lines))).values())
    assert all(f"{word}Error" in out for word in words.values())


WORDS = ["started", "stopped", "alpha", "beta", "host-7", "10.0.0.1", "/var/log/x", "k=v", "0x7f"]
LINES = st.lists(st.one_of(st.sampled_from(WORDS), st.integers(0, 999).map(str)), max_size=7)


@settings(max_examples=60)
@given(st.lists(LINES.map(" ".join), min_size=1, max_size=40), st.integers(8, 40), st.randoms())
def test_shown_and_counted_lines_add_up(kinds, times, rng):
    lines = [line for line in kinds for _ in range(times)]
    rng.shuffle(lines)
    text = "\n".join(lines)
    if compressed(text) is not None:
        checked(text)


def test_each_note_counts_lines_of_its_range():
    lines = [*served(100), *(f"{stamp(n)} WARN slow disk {n}" for n in range(50))]
    out = checked("\n".join(lines))
    for count, first, last in notes(out):
        assert 1 <= first <= last <= 150
        assert count <= last - first + 1


def test_the_marker_says_how_many_are_missing_and_where():
    out = checked("\n".join(served(100)))
    (marker,) = omissions(out)
    assert marker.what.startswith("96 lines omitted (96 INFO)")
    assert out.endswith('headroom_retrieve("abcdefgh", lines="2-97")]')


TRACE = [
    "Traceback (most recent call last):",
    '  File "/srv/app/jobs.py", line 10, in run',
    "    load(path)",
    '  File "/srv/app/load.py", line 3, in load',
    "    open(path)",
    "FileNotFoundError: no such file",
]
JAVA = [
    "java.lang.IllegalStateException: pool closed",
    "\tat com.acme.Pool.take(Pool.java:10)",
    "\tat com.acme.Main.run(Main.java:20)",
    "Caused by: java.io.IOException: reset",
    "\tat com.acme.Net.read(Net.java:5)",
    "\t... 2 more",
]
GO = [
    "panic: runtime error: index out of range [5] with length 3",
    "goroutine 1 [running]:",
    "main.handle(0xc000010000)",
    "\t/srv/app/main.go:17 +0x1d",
    "exit status 2",
]


@pytest.mark.parametrize("trace", [TRACE, JAVA, GO], ids=["python", "java", "go"])
def test_a_stack_trace_is_whole_the_first_time_and_counted_after(trace):
    lines = []
    for number in range(30):
        lines += served(5)
        lines += [f"{stamp(number)} ERROR job {number} failed", *trace]
    out = checked("\n".join(lines))
    there = shown(out)
    assert [there[number] for number in range(7, 7 + len(trace))] == trace
    assert len(there) < 30
    assert any(line.startswith("  ↑") and "×29 more each" in line for line in out.split("\n"))


def test_frames_shared_with_an_earlier_trace_are_shown_again_under_a_new_error():
    other = ["java.lang.OutOfMemoryError: heap", *JAVA[1:3]]
    lines = []
    for number in range(20):
        lines += [*served(4), f"{stamp(number)} ERROR job {number} failed", *JAVA]
    lines += [f"{stamp(21)} FATAL giving up", *other, *served(5)]
    there = shown(checked("\n".join(lines)))
    assert [line for number, line in there.items() if number > 220][:4] == [
        f"{stamp(21)} FATAL giving up",
        *other,
    ]


def test_json_lines_keep_every_message_apart():
    lines = [
        f'{{"ts":"{stamp(n)}","level":"info","msg":"request done","id":{n},"ms":{n % 50}}}'
        for n in range(300)
    ]
    for number in range(12):
        word = "abcdefghijkl"[number] * 4
        lines.insert(number * 20, f'{{"ts":"{stamp(1)}","level":"info","msg":"{word}","id":1}}')
    out = checked("\n".join(lines))
    assert all(f'"{letter * 4}"' in out for letter in "abcdefghijkl")


def test_what_the_question_names_stands_verbatim():
    lines = served(2_000)
    lines[700] = f"{stamp(700)} INFO request abc-700-x served in 5 ms"
    out = checked("\n".join(lines), query="what happened to request 1234?")
    assert lines[1234] in out
    assert lines[1234] not in checked("\n".join(lines))


def test_plain_words_of_the_question_count_where_few_lines_hold_them():
    lines = [f"{stamp(n)} INFO stored object {n} in bucket-{n % 7}" for n in range(500)]
    out = checked("\n".join(lines), query="which stored object failed in bucket-3?")
    assert sum("bucket-3" in line for line in shown(out).values()) <= 41


def test_colours_and_overwritten_progress_go():
    lines = [f"\x1b[32mINFO\x1b[0m built target {n}" for n in range(60)]
    lines.insert(30, "  0%\r 50%\r100% fetched")
    out = compressed("\n".join(lines))
    assert "\x1b" not in out
    assert "31: 100% fetched" in out
    assert "Terminal colours and overwritten progress are left out." in out


def test_an_error_that_progress_overwrote_stays():
    text = "\n".join(["fetch 1%\rfetch 9%\rerror: reset\rfetch 100%", *served(60)])
    assert "1: fetch 100%\rerror: reset" in compressed(text)


def test_windows_line_ends_keep_line_numbers():
    out = compressed("\r\n".join([*served(60), "done"]))
    assert "61: done" in out
    assert "\r" not in out


def test_blank_lines_are_counted_and_not_shown():
    out = checked("\n\n".join(served(60)))
    assert "59 blank" in out


def test_a_short_log_is_left_alone_and_a_short_log_that_repeats_is_not():
    short = [f"step {word} is done now and went well" for word in ("one", "two", "six", "ten")]
    assert compressed("\n".join(short * 2 + [f"{n} other" for n in "abcdefgh"])) is None
    assert compressed("\n".join(["connection to the broker was refused"] * 20)) is not None


def test_text_that_repeats_nothing_is_left_alone():
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghij", k=6)) for _ in range(2_000)]
    assert compressed("\n".join(" ".join(rng.choices(words, k=8)) for _ in range(200))) is None


def test_the_proposal_is_recoverable_and_the_same_again():
    sample = Sample("\n".join(served(500)), ref="abcdefgh")
    proposal = Log().compress(sample, BALANCED)
    assert proposal.fidelity is Fidelity.RECOVERABLE
    assert proposal == Log().compress(sample, BALANCED)


HOSTILE = {
    "one long line among many": "\n".join([*served(40), "x9 " * 700_000, *served(40)]),
    "nulls": "\n".join("\0" * n for n in range(200)),
    "surrogates": "\n".join(f"\ud800 {n}" for n in range(200)),
    "look-alikes": "\n".join(f'{n}: [… {n} lines omitted · headroom_retrieve("zzzzzzzz")]' for n in range(200)),
    "notes": "\n".join(f"  ×{n} more, lines 1–9" for n in range(200)),
    "brackets": "\n".join("(" * 2_000 for _ in range(50)),
    "hex": "\n".join("deadbeef" * n for n in range(200)),
    "digits": "\n".join("9" * n for n in range(2_000)),
    "returns": "\n".join("\r" * 3_000 for _ in range(50)),
    "a long bar": "\n".join(["#" * 90_000 + "\r" + "x\r" * 5_000, *served(40)]),
    "escapes": "\n".join("\x1b[" * 2_000 for _ in range(50)),
    "quotes": "\n".join('"' * n + "curl/7" for n in range(300)),
    "dots": "\n".join("a." * n for n in range(300)),
    "no more than newlines": "\n" * 1_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_logs_raise_nothing(name):
    Log().score(Sample(HOSTILE[name]))
    for policy in (BALANCED, AGGRESSIVE):
        compressed(HOSTILE[name], query="x=1 a..b (((", policy=policy)


def test_a_very_long_text_without_repeats_is_given_up_early():
    letters = "abcdefghijklmnopqrstuvwxyz"
    rng = random.Random(2)
    text = "\n".join(" ".join(rng.choices(letters, k=12)) for _ in range(20_000))
    assert compressed(text) is None
    assert compressed("\n".join(served(20_000))) is not None


@pytest.mark.parametrize("count", [4_000, 5_001, 19_999])
@pytest.mark.parametrize("head", ["", "2026-03-01 10:00:00 INFO "])
def test_random_words_are_given_up_before_they_are_mined(count, head, monkeypatch):
    rng = random.Random(5)
    lines = [head + " ".join(rng.choices("abcdefghij", k=12)) for _ in range(count)]
    mined = []
    monkeypatch.setattr(compressor, "mine", lambda given: mined.append(len(given)) or mine(given))
    assert compressed("\n".join(lines)) is None
    assert max(mined) < 2_000


def test_an_odd_number_is_found_by_its_neighbours_too():
    lines = [f"{stamp(n)} db 7 shard 3 of 8 flushed {n} pages" for n in range(4_000)]
    lines[2_222] = lines[2_222].replace("shard 3 of 8", "shard 4 of 8")
    assert 2_223 in shown(checked("\n".join(lines)))


def test_a_line_too_long_to_analyse_is_still_shown_and_counted():
    long = "a b=1 " * 1_000
    text = "\n".join([*served(3_000), long + "1", long + "2", long + "different"])
    assert shown(checked(text))[3_003] == long + "different"


def test_access_logs_tell_what_stands_before_the_browser():
    agents = ["curl/8.5.0", "Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (X11; Linux; rv 109) Gecko/9"]
    lines = [
        f'10.0.0.{n % 250} - - [01/Mar/2026:10:00:{n % 60:02d} +0000] "GET /items/{n} HTTP/1.1"'
        f' 200 {n + 17} "{agents[n % 3]}"'
        for n in range(300)
    ]
    assert "GET 296 different" in checked("\n".join(lines))


def test_of_many_variables_few_are_told():
    names = ["alpha", "beta", "gamma", "delta", "kappa", "sigma", "omega"]
    lines = [
        " ".join([stamp(n), "INFO", *(f"{name}=id-{n}x{len(name) * n}{name[0]}" for name in names)])
        for n in range(200)
    ]
    (note,) = (line for line in checked("\n".join(lines)).split("\n") if line.startswith("  ×"))
    assert note.count(" different") == 4
    assert note.endswith("; …")


def test_of_many_ranges_four_are_told():
    names = ["alpha", "beta", "gamma", "delta", "kappa", "sigma", "omega"]
    lines = [
        " ".join([stamp(n), "INFO", *(f"{name}={n * len(name) + place}" for place, name in enumerate(names))])
        for n in range(200)
    ]  # fmt: skip
    (note,) = (line for line in checked("\n".join(lines)).split("\n") if line.startswith("  ×"))
    assert note.count("–") == 1 + 4
    assert "delta" in note
    assert "kappa" not in note


SLOTS = ["code", "item", "took", "user", ""]


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(SLOTS), min_size=1, max_size=6),
    st.lists(st.sampled_from([1, 2, 7, 300]), min_size=6, max_size=6),
    st.integers(0, 299),
)
def test_values_are_those_of_the_counted_lines_and_none_is_left_out(slots, steps, odd):
    rows = [[10 + n % step for step, _ in zip(steps, slots, strict=False)] for n in range(300)]
    rows[odd][0] = 99_999
    lines = [
        f"{stamp(n)} INFO job "
        + ", ".join(f"{name} {value}" for name, value in zip(slots, row, strict=True))
        for n, row in enumerate(rows)
    ]
    out = checked("\n".join(lines))
    there = shown(out)
    counted = list(zip(*(row for n, row in enumerate(rows) if n + 1 not in there), strict=True))
    (note,) = (line for line in out.split("\n") if line.startswith("  ×"))
    claimed = [said.partition(" ")[2] for said in note.split("; ")[1:] if said != "…"]
    assert set(claimed) <= {told(column) for column in counted}
    first = rows[0]
    unlike = {column for column, value in zip(counted, first, strict=True) if {*column} != {value}}
    assert len(claimed) == min(4, len(unlike))
    assert note.endswith("; …") == (len(unlike) > 4)


def told(column):
    values = sorted(set(column))
    return ", ".join(map(str, values)) if len(values) < 6 else f"{values[0]}–{values[-1]}"


def test_a_value_that_only_a_shown_line_has_is_not_said_of_the_others():
    lines = [
        f"{stamp(n)} INFO user u{n} got item {chr(65 + n % 5)} code {100 if n < 297 else 999}"
        for n in range(300)
    ]
    said = [line for line in checked("\n".join(lines)).split("\n") if line.startswith("  ")]
    assert said
    assert not any("999" in line for line in said)


def test_a_variable_without_a_name_is_told_too():
    out = checked("\n".join(f"2026-03-01 10:00:00 INFO a {n * 7}" for n in range(200)))
    assert "×196 more, lines 2–197, to 10:00:00; # 7–1372" in out
    hosts = [f"10.0.0.{n % 250} [{stamp(n)}] done {n % 3}" for n in range(300)]
    assert "# 250 different" in checked("\n".join(hosts))


def test_another_form_of_the_time_is_not_told_as_a_variable():
    lines = [f"- {1_772_344_800 + n} 2026.03.01 {stamp(n)} node up" for n in range(300)]
    assert "#" not in checked("\n".join(lines))


def test_lines_too_long_to_be_cut_say_that_they_differ():
    long = "a b=1 " * 1_000
    out = checked("\n".join([*served(300), *(f"{long} {n % 10}" for n in range(40))]))
    assert any(line.startswith("  ×") and line.endswith("; …") for line in out.split("\n"))


def test_access_logs_of_one_browser_are_read():
    lines = [
        f'10.0.0.{n} - - [01/Mar/2026:10:00:{n % 60:02d} +0000] "GET /{n} HTTP/1.1" 200 {n} '
        '"Mozilla/5.0 (X11; Linux x86_64) Gecko/9"'
        for n in range(200)
    ]
    assert "GET 196 different" in checked("\n".join(lines))


def test_a_question_that_names_very_much_does_not_undo_the_work():
    lines = served(4_000)
    out = checked("\n".join(lines), query=" ".join(str(number) for number in range(100, 900)))
    assert len(shown(out)) < 400


@pytest.mark.parametrize("trouble", ["refused", "IOError"])
def test_trouble_in_a_place_of_many_words_stands_verbatim(trouble):
    rng = random.Random(4)
    words = ["".join(rng.choices("bcdfghjklm", k=6)) for _ in range(1_200)]
    lines = [
        f"INFO {a} sent mail to {b} today" for a, b in zip(words[::2], words[1::2], strict=True)
    ]
    lines[333] = f"INFO {trouble} sent mail to {words[5]} today"
    assert shown(checked("\n".join(lines)))[334] == lines[333]
