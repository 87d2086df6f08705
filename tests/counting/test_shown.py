"""Texts of edits are kept once, within bounds, for every process that looks."""

import sqlite3
import stat
import sys
import threading

import pytest

from headroom.counting.shown import FILE_NAME, Bounds, ShownEdits
from headroom.edits import Edit, Fidelity
from headroom.errors import StoreError

NOON = 1_700_006_400.0


def edit(before="a long text\n" * 9, after="a short text", place=1, **said):
    plain = {
        "path": ("messages", place, "content"),
        "before": before,
        "after": after,
        "compressor": "log",
        "fidelity": Fidelity.RECOVERABLE,
        "refs": (),
        "tokens_before": 36,
        "tokens_after": 3,
    }
    return Edit(**{**plain, **said})


@pytest.fixture
def shown(tmp_path):
    made = ShownEdits(tmp_path)
    yield made
    made.close()


def count(folder, table):
    connection = sqlite3.connect(folder / FILE_NAME)
    found = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    connection.close()
    return found


def test_an_edit_comes_back_with_both_texts_and_all_that_is_told_of_it(shown, tmp_path):
    shown.add("r1", NOON, [edit("one\ntwo\n", "[… two]", 3)])
    (found,) = ShownEdits(tmp_path).of("r1")
    assert found.texts() == ("one\ntwo\n", "[… two]")
    assert (found.path, found.compressor, found.fidelity) == (
        "messages.3.content",
        "log",
        "recoverable",
    )
    assert (found.tokens_before, found.tokens_after, found.before_size) == (36, 3, 8)
    assert found.is_new


def test_the_file_is_its_owners_alone(shown, tmp_path):
    shown.add("r1", NOON, [edit()])
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_nothing_is_written_for_a_request_without_edits(shown, tmp_path):
    shown.add("r1", NOON, [])
    assert shown.of("r1") == []
    assert not (tmp_path / FILE_NAME).exists()


def test_an_edit_that_comes_again_is_kept_once_and_is_new_only_at_first(shown, tmp_path):
    old = edit("old\n" * 50)
    for number in range(20):
        shown.add(f"r{number}", NOON + number, [old, edit(f"text {number}")])
    assert count(tmp_path, "edits") == 21
    assert [one.is_new for one in shown.of("r0")] == [True, True]
    assert [one.is_new for one in shown.of("r19")] == [False, True]
    assert shown.of("r19")[0].texts()[0] == "old\n" * 50


def test_the_same_texts_under_another_count_are_told_apart(shown):
    shown.add("r1", NOON, [edit(tokens_before=36)])
    shown.add("r2", NOON, [edit(tokens_before=40)])
    assert [shown.of(name)[0].tokens_before for name in ("r1", "r2")] == [36, 40]


def test_a_text_that_is_too_long_is_cut_and_its_size_is_told(tmp_path):
    shown = ShownEdits(tmp_path, Bounds(characters=10))
    shown.add("r1", NOON, [edit("ä" * 25, "short")])
    shown.close()
    (found,) = shown.of("r1")
    assert (found.texts(), found.before_size) == (("ä" * 10, "short"), 25)


def test_texts_that_are_no_unicode_come_back_as_they_were(shown):
    shown.add("r1", NOON, [edit("half \ud800", "\ud800")])
    assert shown.of("r1")[0].texts() == ("half \ud800", "\ud800")


def test_the_oldest_requests_go_with_the_edits_that_only_they_had(tmp_path):
    shown = ShownEdits(tmp_path, Bounds(requests=10))
    every = edit("in every request")
    for number in range(60):
        shown.add(f"r{number}", NOON + number, [every, edit(f"text {number}")])
    shown.close()
    kept = count(tmp_path, "requests")
    assert 10 <= kept <= 26
    assert count(tmp_path, "edits") == kept + 1
    assert shown.of("r0") == []
    assert [one.texts()[0] for one in shown.of("r59")] == ["in every request", "text 59"]


def test_the_file_stays_as_small_as_it_is_meant_to_be(tmp_path):
    bounds = Bounds(bytes=100_000)
    shown = ShownEdits(tmp_path, bounds)
    for number in range(60):
        noise = "".join(chr(0x4E00 + (number * 7919 + n * n * 31) % 20_000) for n in range(3_000))
        shown.add(f"r{number}", NOON + number, [edit(noise)])
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        (size,) = connection.execute("SELECT TOTAL(size) FROM edits").fetchone()
        connection.close()
        assert size <= bounds.bytes
    assert shown.of("r59")[0].texts()[0] == noise
    shown.close()
    assert (tmp_path / FILE_NAME).stat().st_size < 400_000


def test_one_request_does_not_drive_out_all_others(tmp_path):
    shown = ShownEdits(tmp_path, Bounds(bytes=60_000))
    shown.add("small", NOON, [edit("small")])
    texts = ["".join(chr(0x4E00 + (n * n * k) % 20_000) for n in range(6_000)) for k in range(1, 9)]
    shown.add("large", NOON, [edit(text) for text in texts])
    shown.close()
    assert shown.of("small")[0].texts()[0] == "small"
    kept = [one.texts()[0] for one in shown.of("large")]
    assert kept[0] == texts[0]
    assert kept[-1] == ""
    assert shown.of("large")[-1].before_size == 6_000


def test_what_is_too_old_goes(tmp_path):
    shown = ShownEdits(tmp_path, Bounds(days=1))
    shown.add("old", NOON, [edit("old")])
    shown.add("new", NOON + 90_000, [edit("new")])
    shown.close()
    assert shown.of("old") == []
    assert len(shown.of("new")) == 1


def test_several_writers_share_one_file(tmp_path):
    def write(name):
        shown = ShownEdits(tmp_path)
        for number in range(25):
            shown.add(f"{name}{number}", NOON, [edit("shared"), edit(f"{name} {number}")])
        shown.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(tmp_path, "requests") == 75
    assert count(tmp_path, "edits") == 76
    for name in "abc":
        assert ShownEdits(tmp_path).of(f"{name}24")[1].texts()[0] == f"{name} 24"


def test_clearing_leaves_no_text_on_the_disk(shown, tmp_path):
    secret = "".join(chr(97 + n * n * 31 % 26) for n in range(5_000))
    shown.add("r1", NOON, [edit(secret)])
    assert shown.of("r1")
    shown.clear()
    assert shown.of("r1") == []
    assert (tmp_path / FILE_NAME).stat().st_size < 40_000
    shown.add("r2", NOON, [edit("after that")])
    assert shown.of("r2")[0].texts()[0] == "after that"


def test_clearing_what_was_never_made_makes_nothing(shown, tmp_path):
    shown.clear()
    assert not (tmp_path / FILE_NAME).exists()


def test_a_damaged_file_is_said_in_words_on_reading_and_writing(shown, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 99)
    with pytest.raises(StoreError, match="may be removed"):
        shown.add("r1", NOON, [edit()])
    with pytest.raises(StoreError, match="may be removed"):
        shown.of("r1")
    (tmp_path / FILE_NAME).unlink()
    shown.add("r1", NOON, [edit()])
    assert len(shown.of("r1")) == 1


def test_a_damaged_text_is_said_in_words(shown, tmp_path):
    shown.add("r1", NOON, [edit()])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE edits SET packed = x'00'")
    connection.close()
    with pytest.raises(StoreError, match="damaged"):
        shown.of("r1")[0].texts()


def test_a_file_of_a_newer_version_is_left_alone(shown, tmp_path):
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer headroom"):
        shown.add("r1", NOON, [edit()])
    with pytest.raises(StoreError, match="newer headroom"):
        shown.of("r1")


def test_a_file_that_nobody_has_filled_yet_holds_nothing(shown, tmp_path):
    (tmp_path / FILE_NAME).touch()
    assert shown.of("r1") == []
