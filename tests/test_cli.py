"""The commands, run as a user runs them."""

import json
import subprocess
import sys

import pytest

import headroom

LOG = "\n".join(
    f"2026-03-01 10:{index // 60:02d}:{index % 60:02d} INFO http: request {index} took {index % 97} ms"
    for index in range(2_000)
)


def run(*arguments, stdin=b"", code=0):
    done = subprocess.run(
        [sys.executable, "-m", "headroom", *arguments], input=stdin, capture_output=True
    )
    assert done.returncode == code, done.stderr.decode()
    return done


def test_the_version_is_said():
    assert run("--version").stdout.decode().split()[-1] == headroom.__version__


def test_a_pipe_is_shortened_on_stdout_and_the_figures_go_to_stderr():
    done = run("compress", stdin=LOG.encode())
    assert len(done.stdout) < len(LOG) / 5
    assert b"saved" in done.stderr
    assert b"tokens" not in done.stdout.split(b"\n")[-1]


def test_a_file_is_read_and_its_original_comes_back_byte_for_byte(tmp_path):
    raw = LOG.encode() + b"\n\xff\xfe not UTF-8\n"
    (tmp_path / "app.log").write_bytes(raw)
    figures = json.loads(run("compress", str(tmp_path / "app.log"), "--json").stdout)
    assert figures["saved_tokens"] == figures["original_tokens"] - figures["compressed_tokens"]
    (ref,) = figures["edits"][0]["refs"]
    assert run("retrieve", ref).stdout == raw
    assert run("retrieve", ref, "--lines", "3").stdout.decode() == LOG.split("\n")[2] + "\n"
    assert ref in json.loads(run("retrieve", ref, "--json", "--lines", "1").stdout)["ref"]


def test_quiet_says_nothing_on_stderr():
    assert run("compress", "--quiet", stdin=LOG.encode()).stderr == b""


@pytest.mark.parametrize("text", [b"", b"short", b"\xff\xfe\x00", b"\n\n", b"[1, 2"])
def test_what_cannot_be_shortened_passes_unchanged(text):
    out = run("compress", "-", stdin=text).stdout
    assert out == text


def test_a_file_that_is_not_there_is_said_plainly():
    done = run("compress", "/no/such/file", code=1)
    assert b"cannot read /no/such/file: No such file" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retrieve", "zzzzzzzz"], b"zzzzzzzz"),
        (["proxy", "--host", "0.0.0.0"], b"HEADROOM_PROXY_TOKEN"),
    ],
)
def test_errors_say_what_happened_and_what_to_do(arguments, said):
    done = run(*arguments, code=1)
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["store", "purge"], b"--older-than DAYS, --ref REF or --everything"),
        (["store", "purge", "--older-than", "-5"], b"-5"),
        (["compress", "--policy", "brutal"], b"brutal"),
    ],
)
def test_misuse_says_how_it_is_meant(arguments, said):
    done = run(*arguments, code=2)
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


def test_odd_names_are_shown_as_they_are(monkeypatch):
    monkeypatch.setenv("HEADROOM_PROJECT", "[/x]")
    run("compress", "--quiet", stdin=LOG.encode())
    assert b"[/x]" in run("store", "list").stdout


def test_a_folder_that_cannot_be_made_is_said_and_the_text_passes(monkeypatch):
    monkeypatch.setenv("HEADROOM_HOME", "/proc/nope")
    done = run("compress", stdin=LOG.encode())
    assert done.stdout == LOG.encode()
    assert b"unchanged: failed" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wrong_setting_is_named(monkeypatch):
    monkeypatch.setenv("HEADROOM_STORE_DAYS", "soon")
    assert b"HEADROOM_STORE_DAYS must be a number above 0" in run("store", code=1).stderr


def test_the_store_is_shown_verified_and_purged():
    run("compress", "--quiet", stdin=LOG.encode())
    figures = json.loads(run("store", "--json").stdout)
    assert figures["originals"] == 1
    assert figures["bytes_original"] == len(LOG)
    assert b"originals" in run("store").stdout
    (entry,) = json.loads(run("store", "list", "--json").stdout)
    assert entry["ref"].encode() in run("store", "list").stdout
    assert json.loads(run("store", "verify", "--json").stdout)["checked"] == 1
    assert b"all of them whole" in run("store", "verify").stdout
    assert b"Remove every original" in run("store", "purge", "--everything", code=1).stderr
    assert json.loads(run("store", "purge", "--ref", entry["ref"], "--json").stdout) == {
        "purged": 1
    }
    assert b"purged" in run("retrieve", entry["ref"], code=1).stderr


def test_a_damaged_original_fails_the_check(home):
    run("compress", "--quiet", stdin=LOG.encode())
    import sqlite3

    with sqlite3.connect(home / "store.db") as connection:
        connection.execute("UPDATE contents SET data = x'00'")
    connection.close()
    assert b"damaged" in run("store", "verify", code=1).stdout


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m headroom compress --quiet | head -c 10"
    done = subprocess.run(["sh", "-c", command], input=LOG.encode(), capture_output=True)
    assert (len(done.stdout), done.stderr) == (10, b"")


def test_help_lists_the_commands():
    said = run("--help").stdout.decode()
    for name in ("compress", "retrieve", "store", "perf"):
        assert name in said


def session(tmp_path, name="session.jsonl"):
    call = {"id": "c1", "type": "function", "function": {"name": "logs", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Which requests were slow?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": LOG},
        {"role": "assistant", "content": "None of them."},
    ]
    lines = [json.dumps({"id": f"s{number}", "messages": messages}) for number in range(3)]
    (tmp_path / name).write_text("\n".join(lines), "utf-8")
    return str(tmp_path / name)


def test_recorded_sessions_are_replayed(tmp_path):
    path = session(tmp_path)
    figures = json.loads(run("evals", "replay", path, "--json", "--limit", "2").stdout)
    assert figures["policy"] == "balanced"
    counted = figures["files"][path]
    assert (counted["conversations"], counted["turns"]) == (2, 4)
    assert counted["billed_saving"] > 0.5
    assert counted["stability"] == 1.0
    assert counted["contents"]["log"]["texts"] == 2


def test_a_replay_is_a_table_of_shares_and_of_contents(tmp_path):
    paths = session(tmp_path), session(tmp_path, "other.jsonl")
    shown = run("evals", "replay", *paths, "--policy", "safe").stdout.decode()
    assert "policy safe" in shown
    for word in ("session", "other", "all", "recall", "stable", "100.0%", "left as it was"):
        assert word in shown


def test_a_replay_of_nothing_readable_is_a_users_mistake(tmp_path):
    (tmp_path / "notes.txt").write_text("dear diary", "utf-8")
    done = run("evals", "replay", str(tmp_path / "notes.txt"), code=1)
    assert b"no transcript" in done.stderr
    assert b"Traceback" not in done.stderr
    module = subprocess.run(
        [sys.executable, "-m", "headroom.evals", "replay", "/no/such/file"], capture_output=True
    )
    assert module.returncode == 1
    assert module.stderr.startswith(b"headroom: cannot read /no/such/file")
