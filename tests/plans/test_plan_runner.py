import json
import os
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from headroom.plans import (
    Command,
    FileFormat,
    FilePatch,
    Plan,
    PlanError,
    Runner,
    Unreadable,
    change,
)
from headroom.plans.journal import Journal, locked
from headroom.plans.jsonc import JsonEditor

URL = "http://127.0.0.1:8787"
JSON, TOML, LINES, WHOLE = FileFormat.JSON, FileFormat.TOML, FileFormat.LINES, FileFormat.WHOLE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "changes")


def base_url(path: Path, url: str = URL) -> FilePatch:
    return FilePatch(path, JSON, (change("env", "BASE_URL", to=url),), "the base URL")


def server(path: Path) -> FilePatch:
    return FilePatch(path, JSON, (change("servers", "ours", to={"command": "headroom"}),))


def plan(*patches: FilePatch, name: str = "agent", commands: tuple[Command, ...] = ()) -> Plan:
    return Plan(name, name.title(), patches, commands)


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


ODD = {
    "comments": b'// mine\n{\n  "env": {"A": "1",}, // all\n}\n',
    "crlf": b'{\r\n  "env": {}\r\n}\r\n',
    "bom": b'\xef\xbb\xbf{"a": 1}',
    "no-end-of-line": b'{"a": 1}',
    "empty": b"",
    "taken": b'{"env": {"BASE_URL": "https://gateway.example.org"}, "servers": {"ours": 1}}',
    "unknown-keys": '{"ключ": [1, {"x": null}], "env": {"B": "2"}}\n'.encode(),
}


@pytest.mark.parametrize("before", ODD.values(), ids=ODD.keys())
def test_a_file_comes_back_byte_for_byte(home: Path, runner: Runner, before: bytes) -> None:
    path = home / "settings.json"
    path.write_bytes(before)
    outcome = runner.apply(plan(base_url(path), server(path)))
    assert [c.path for c in outcome.changed] == [path]
    assert URL.encode() in path.read_bytes()
    assert runner.revert("agent").problems == []
    assert path.read_bytes() == before
    assert runner.applied() == {}


@pytest.mark.parametrize("before", ODD.values(), ids=ODD.keys())
def test_applying_twice_is_applying_once(home: Path, runner: Runner, before: bytes) -> None:
    path = home / "settings.json"
    path.write_bytes(before)
    runner.apply(plan(base_url(path)))
    once = path.read_bytes()
    assert runner.apply(plan(base_url(path))).changed == []
    assert path.read_bytes() == once
    runner.revert("agent")
    assert path.read_bytes() == before


def test_files_and_folders_that_were_not_there_are_gone_again(home: Path, runner: Runner) -> None:
    path = home / ".config" / "agent" / "deep" / "settings.json"
    runner.apply(plan(base_url(path)))
    assert json.loads(path.read_bytes()) == {"env": {"BASE_URL": URL}}
    runner.revert("agent")
    assert list(home.iterdir()) == []


def test_a_folder_that_others_use_by_now_stays(home: Path, runner: Runner) -> None:
    path = home / ".agent" / "settings.json"
    runner.apply(plan(base_url(path)))
    (home / ".agent" / "sessions").mkdir()
    runner.revert("agent")
    assert [p.name for p in (home / ".agent").iterdir()] == ["sessions"]


def test_another_plan_of_the_same_name_takes_the_place_of_the_first(
    home: Path, runner: Runner
) -> None:
    path, other = home / "settings.json", home / "other.json"
    path.write_bytes(b'{"a": 1}')
    runner.apply(plan(base_url(path), server(other)))
    runner.apply(plan(base_url(path, "http://127.0.0.1:9000")))
    assert json.loads(path.read_bytes()) == {"a": 1, "env": {"BASE_URL": "http://127.0.0.1:9000"}}
    assert not other.exists()
    runner.revert("agent")
    assert path.read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_two_plans_on_one_file_are_taken_back_in_any_order(
    home: Path, runner: Runner, order: tuple[str, str]
) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{ "a" : 1 }\n')
    runner.apply(plan(base_url(path), name="one"))
    runner.apply(plan(server(path), name="two"))
    runner.revert(order[0])
    left = {"servers"} if order[0] == "one" else {"env"}
    assert set(json.loads(path.read_bytes())) == {"a"} | left
    runner.revert(order[1])
    assert path.read_bytes() == b'{ "a" : 1 }\n'


def test_what_the_user_changed_since_stays_and_ours_goes(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"env": {"BASE_URL": "https://old.example.org"}}')
    runner.apply(plan(base_url(path), server(path)))
    said = json.loads(path.read_bytes())
    path.write_text(json.dumps({**said, "theme": "dark"}))
    outcome = runner.revert("agent")
    assert outcome.problems == []
    assert json.loads(path.read_bytes()) == {
        "env": {"BASE_URL": "https://old.example.org"},
        "theme": "dark",
    }


def test_a_key_of_ours_that_the_user_changed_is_named_and_stays(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    runner.apply(plan(base_url(path), server(path)))
    said = json.loads(path.read_bytes())
    said["env"]["BASE_URL"] = "https://mine.example.org"
    path.write_text(json.dumps(said))
    outcome = runner.revert("agent")
    assert outcome.problems == [f"{path}: env.BASE_URL was changed since and stays as it is"]
    assert json.loads(path.read_bytes()) == {"env": {"BASE_URL": "https://mine.example.org"}}
    assert runner.applied() == {}


def test_a_change_of_the_users_outlives_another_wrap_and_unwrap(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"a": 1}')
    runner.apply(plan(base_url(path)))
    path.write_text(path.read_text().replace('"a": 1', '"a": 2'))
    runner.apply(plan(base_url(path), server(path)))
    runner.revert("agent")
    assert json.loads(path.read_bytes()) == {"a": 2}


def test_a_file_that_the_user_removed_stays_removed(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b"{}")
    runner.apply(plan(base_url(path)))
    path.unlink()
    assert runner.revert("agent").problems == []
    assert not path.exists()


def test_a_file_that_cannot_be_read_as_its_format_stops_the_whole_plan(
    home: Path, runner: Runner
) -> None:
    good, bad = home / "good.json", home / "bad.json"
    bad.write_bytes(b'{"a": ')
    with pytest.raises(Unreadable, match=r"bad\.json was left alone: not JSON: line 1"):
        runner.apply(plan(base_url(good), base_url(bad)))
    assert not good.exists()
    assert bad.read_bytes() == b'{"a": '
    assert runner.applied() == {}


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00}\x00", b'{"a": "\xe4"}'])
def test_a_file_in_another_encoding_is_left_alone(
    home: Path, runner: Runner, content: bytes
) -> None:
    path = home / "settings.json"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="not UTF-8"):
        runner.apply(plan(base_url(path)))
    assert path.read_bytes() == content


def test_a_file_that_broke_since_is_left_and_told_of(home: Path, runner: Runner) -> None:
    path, other = home / "settings.json", home / "other.json"
    runner.apply(plan(base_url(path), base_url(other)))
    path.write_bytes(b"{ broken")
    outcome = runner.revert("agent")
    assert [p for p in outcome.problems if "settings.json was left alone" in p] == outcome.problems
    assert len(outcome.problems) == 1
    assert not other.exists()
    assert runner.applied() == {"agent": "Agent"}
    path.write_bytes(b'{"env": {"BASE_URL": "%s"}}' % URL.encode())
    assert runner.revert("agent").problems == []
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no modes")
def test_mode_and_links_stay(home: Path, runner: Runner) -> None:
    target, link = home / "dotfiles" / "real.json", home / "settings.json"
    target.parent.mkdir()
    target.write_bytes(b"{}")
    target.chmod(0o640)
    link.symlink_to(target)
    runner.apply(plan(base_url(link)))
    assert link.is_symlink()
    assert URL in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    runner.revert("agent")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"{}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no modes")
def test_a_read_only_file_is_refused_before_anything_changes(home: Path, runner: Runner) -> None:
    path, other = home / "settings.json", home / "other.json"
    path.write_bytes(b"{}")
    path.chmod(0o444)
    with pytest.raises(PlanError, match="read-only"):
        runner.apply(plan(base_url(other), base_url(path)))
    assert (path.read_bytes(), other.exists()) == (b"{}", False)
    assert runner.applied() == {}


def test_no_key_of_the_users_is_kept_and_what_is_kept_is_for_the_user_alone(
    home: Path, runner: Runner, tmp_path: Path
) -> None:
    path, single = home / "settings.json", home / "single.json"
    before = b'{\n  "env": {"BASE_URL": "https://old.example.org"},\n  "apiKey": "sk-secret"\n}\n'
    path.write_bytes(before)
    single.write_bytes(b'{"apiKey": "sk-secret", "env": {"OTHER_KEY": "sk-secret"}}')
    runner.apply(plan(base_url(path), server(path), base_url(single)))
    kept = [p for p in (tmp_path / "changes").iterdir() if p.is_file()]
    assert "https://old.example.org" in (tmp_path / "changes" / "journal.json").read_text()
    assert [p for p in kept if b"sk-secret" in p.read_bytes()] == []
    if sys.platform != "win32":
        modes = {stat.S_IMODE(p.stat().st_mode) for p in kept if p.name != "lock"}
        assert modes == {0o600}
    runner.revert("agent")
    assert path.read_bytes() == before


def test_a_folder_where_a_file_should_be_is_told_of(home: Path, runner: Runner) -> None:
    (home / "settings.json").mkdir()
    with pytest.raises(PlanError, match="cannot be read"):
        runner.apply(plan(base_url(home / "settings.json")))


def test_a_preview_writes_nothing_and_shows_the_diff(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{\n  "a": 1\n}\n')
    (shown,) = runner.preview(plan(base_url(path)))
    assert path.read_bytes() == b'{\n  "a": 1\n}\n'
    assert f'+    "BASE_URL": "{URL}"' in shown.diff.splitlines()
    assert runner.applied() == {}


def test_what_was_written_before_a_crash_is_taken_back(
    home: Path, runner: Runner, tmp_path: Path
) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"a": 1}')
    runner.apply(plan(base_url(path)))
    # The journal is written first: as after a crash between it and the file.
    path.write_bytes(b'{"a": 1}')
    assert Runner(tmp_path / "changes").revert("agent").problems == []
    assert path.read_bytes() == b'{"a": 1}'


def test_blocks_of_lines_and_whole_files_come_and_go(home: Path, runner: Runner) -> None:
    profile, unit = home / ".profile", home / "units" / "headroom.service"
    profile.write_bytes(b"export A=1")
    lines = FilePatch(profile, LINES, (change(to=["export B=2"]),))
    whole = FilePatch(unit, WHOLE, (change(to="[Unit]\n"),))
    runner.apply(plan(lines, whole))
    assert profile.read_text().splitlines()[0] == "export A=1"
    assert "export B=2" in profile.read_text().splitlines()
    assert unit.read_text() == "[Unit]\n"
    with profile.open("a") as stream:
        stream.write("export C=3\n")
    runner.revert("agent")
    assert profile.read_text() == "export A=1\nexport C=3\n"
    assert not unit.parent.exists()


def test_a_whole_file_that_the_user_changed_stays(home: Path, runner: Runner) -> None:
    unit = home / "headroom.service"
    runner.apply(plan(FilePatch(unit, WHOLE, (change(to="[Unit]\n"),))))
    unit.write_text("[Unit]\n# mine\n")
    outcome = runner.revert("agent")
    assert outcome.problems == [f"{unit}: the file was changed since and stays as it is"]
    assert unit.read_text() == "[Unit]\n# mine\n"


def test_toml_keeps_comments_order_and_line_ends(home: Path, runner: Runner) -> None:
    path = home / "config.toml"
    before = b'# mine\r\nmodel = "x" # why\r\n\r\n[tools]\r\nweb = true\r\n'
    path.write_bytes(before)
    changes = (change("base_url", to=URL), change("servers", "ours", to={"command": "headroom"}))
    runner.apply(plan(FilePatch(path, TOML, changes)))
    after = path.read_bytes()
    assert after.startswith(b'# mine\r\nmodel = "x" # why\r\nbase_url')
    assert b"[servers.ours]\r\n" in after
    assert b"\n" not in after.replace(b"\r\n", b"")
    runner.revert("agent")
    assert path.read_bytes() == before


def test_commands_run_once_and_are_undone(home: Path, runner: Runner) -> None:
    log = home / "log"
    add = python(f"open({str(log)!r}, 'a').write('+')")
    undo = python(f"open({str(log)!r}, 'a').write('-')")
    asked = plan(commands=(Command(add, undo),))
    runner.apply(asked)
    runner.apply(asked)
    runner.revert("agent")
    assert log.read_text() == "+-"


def test_a_needed_command_that_fails_is_an_error_and_can_be_taken_back(
    home: Path, runner: Runner
) -> None:
    path = home / "settings.json"
    failing = Command(python("raise SystemExit('no bus')"))
    with pytest.raises(PlanError, match="no bus"):
        runner.apply(plan(base_url(path), commands=(failing,)))
    runner.revert("agent")
    assert not path.exists()


def test_another_command_that_fails_is_told_of(home: Path, runner: Runner) -> None:
    optional = Command(("no-such-program-here",), needed=False)
    (problem,) = runner.apply(plan(commands=(optional,))).problems
    assert "no-such-program-here" in problem


def test_nothing_to_take_back_is_an_error(runner: Runner) -> None:
    with pytest.raises(PlanError, match="nothing was changed here by `agent`"):
        runner.revert("agent")


def test_a_journal_that_cannot_be_read_changes_no_file(
    home: Path, runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "journal.json").write_text('{"version": 1, "files": []}')
    with pytest.raises(PlanError, match="cannot be read"):
        runner.apply(plan(base_url(home / "settings.json")))
    (tmp_path / "changes" / "journal.json").write_text('{"version": 99}')
    with pytest.raises(PlanError, match="another version"):
        Journal.load(tmp_path / "changes")
    assert os.listdir(home) == []


def test_only_one_process_changes_files_at_a_time(
    home: Path, runner: Runner, tmp_path: Path
) -> None:
    with locked(tmp_path / "changes"), pytest.raises(PlanError, match="right now"):
        runner.apply(plan(base_url(home / "settings.json")))
    runner.apply(plan(base_url(home / "settings.json")))
    assert (home / "settings.json").exists()


def test_what_is_in_force_is_told_as_it_was_applied(home: Path, runner: Runner) -> None:
    path, other = home / "settings.json", home / "other.json"
    before = time.time()
    done = plan(base_url(path), server(other), commands=(Command(python("")),))
    runner.apply(done)
    runner.apply(plan(server(path), name="second"))
    found = runner.in_force()
    assert [*found] == ["agent", "second"]
    assert found["agent"].plan == done
    assert before <= found["agent"].at <= time.time()


def test_when_a_plan_was_applied_moves_with_a_change_alone(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    runner.apply(plan(base_url(path)))
    first = runner.in_force()["agent"].at
    runner.apply(plan(base_url(path)))
    assert runner.in_force()["agent"].at == first
    path.write_bytes(b"{}")
    runner.apply(plan(base_url(path)))
    assert runner.in_force()["agent"].at > first


def test_a_plan_that_finds_all_as_it_should_be_is_applied_too(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_text(json.dumps({"env": {"BASE_URL": URL}}), "utf-8")
    assert runner.apply(plan(base_url(path))).changed == []
    assert runner.in_force()["agent"].at > 0


def test_a_plan_in_force_says_whose_upstreams_it_uses(home: Path, runner: Runner) -> None:
    patch = base_url(home / "settings.json")
    runner.apply(replace(plan(patch), providers=("openai", "chatgpt")))
    assert runner.in_force()["agent"].plan.providers == ("openai", "chatgpt")
    runner.apply(plan(patch))
    assert runner.in_force()["agent"].plan.providers == ()


def test_a_journal_without_times_and_providers_is_read(
    home: Path, runner: Runner, tmp_path: Path
) -> None:
    runner.apply(plan(base_url(home / "settings.json")))
    journal = tmp_path / "changes" / "journal.json"
    said = json.loads(journal.read_bytes())
    del said["plans"]["agent"]["applied_at"], said["plans"]["agent"]["providers"]
    journal.write_text(json.dumps(said), "utf-8")
    assert runner.in_force()["agent"].at == 0.0
    assert runner.in_force()["agent"].plan.providers == ()


def test_files_are_told_as_they_would_be_without_a_plan(home: Path, runner: Runner) -> None:
    path, made = home / "settings.json", home / "made.json"
    path.write_bytes(b'{"env": {"BASE_URL": "https://gateway.example.org"}}')
    before = path.read_bytes()
    runner.apply(plan(base_url(path), server(made)))
    now = path.read_bytes()
    assert runner.without("agent") == {path: before, made: None}
    assert path.read_bytes() == now
    assert runner.without("nobody") == {}


def test_a_file_is_told_as_it_would_be_without_several_plans(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"env": {"BASE_URL": "https://gateway.example.org"}}')
    before = path.read_bytes()
    runner.apply(plan(base_url(path)))
    runner.apply(replace(plan(server(path)), name="other"))
    assert runner.file_without(path, ["agent", "other"]) == before
    assert runner.file_without(path, ["other"]) == runner.without("other")[path] != before
    assert runner.file_without(home / "nosuch", ["agent"]) is None


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Files that the disk refuses to replace."""
    refused: set[Path] = set()
    replace = os.replace

    def refusing_replace(source: str, target: Path) -> None:
        if Path(target) in refused:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refusing_replace)
    return refused


def test_what_could_not_be_taken_back_can_be_later(
    home: Path, runner: Runner, refusing: set[Path]
) -> None:
    path, other = home / "settings.json", home / "other.json"
    path.write_bytes(b'{"a": 1}')
    other.write_bytes(b'{"b": 1}')
    runner.apply(plan(base_url(path), base_url(other)))
    refusing.add(path)
    with pytest.raises(PlanError, match="No space left"):
        runner.revert("agent")
    assert "agent" in runner.applied()
    refusing.clear()
    assert runner.revert("agent").problems == []
    assert (path.read_bytes(), other.read_bytes()) == (b'{"a": 1}', b'{"b": 1}')
    assert runner.applied() == {}


def test_a_second_plan_that_could_not_be_written_leaves_the_first_to_be_taken_back(
    home: Path, runner: Runner, refusing: set[Path]
) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"a": 1}')
    runner.apply(plan(base_url(path)))
    refusing.add(path)
    with pytest.raises(PlanError, match="No space left"):
        runner.apply(plan(base_url(path, "http://127.0.0.1:9000")))
    refusing.clear()
    assert URL in path.read_text()
    assert runner.revert("agent").problems == []
    assert path.read_bytes() == b'{"a": 1}'


def test_a_file_that_another_program_writes_meanwhile_is_not_overwritten(
    home: Path, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"a": 1}')
    save = Journal.save

    def interrupted(journal: Journal) -> None:
        save(journal)
        path.write_bytes(b'{"a": 2}')

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "save", interrupted)
        with pytest.raises(PlanError, match="by another program"):
            runner.apply(plan(base_url(path)))
    assert path.read_bytes() == b'{"a": 2}'
    runner.apply(plan(base_url(path)))
    runner.revert("agent")
    assert path.read_bytes() == b'{"a": 2}'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets few make links")
def test_a_file_of_ours_that_is_a_link_by_now_keeps_the_link_and_loses_our_keys(
    home: Path, runner: Runner
) -> None:
    path, target = home / "settings.json", home / "dotfiles.json"
    runner.apply(plan(base_url(path)))
    path.rename(target)
    path.symlink_to(target)
    assert runner.revert("agent").problems == []
    assert path.is_symlink()
    assert json.loads(target.read_bytes()) == {}


def test_a_comment_behind_our_key_does_not_swallow_what_follows(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"env": {"A": "1",\n "B": "2"}}')
    runner.apply(plan(base_url(path)))
    said = path.read_text()
    path.write_text(said.replace('"B": "2",', '"B": "2", // mine'))
    assert runner.revert("agent").problems == []
    left = path.read_text()
    assert "// mine" in left
    assert JsonEditor().read(left) == {"env": {"A": "1", "B": "2"}}


def test_a_null_that_stood_there_before_stands_there_again(home: Path, runner: Runner) -> None:
    path = home / "settings.json"
    path.write_bytes(b'{"env": {"BASE_URL": null}}')
    runner.apply(plan(base_url(path)))
    path.write_text(path.read_text().replace("{", '{"theme": 1, ', 1))
    runner.revert("agent")
    assert json.loads(path.read_bytes()) == {"theme": 1, "env": {"BASE_URL": None}}
