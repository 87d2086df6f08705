"""`headroom config`, run as a user runs it."""

import json
import subprocess
import sys


def run(*arguments):
    done = subprocess.run([sys.executable, "-m", "headroom", *arguments], capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def said(*arguments):
    code, out, _ = run("config", "--json", *arguments)
    assert code == 0
    return {row["setting"]: (row["value"], row["source"]) for row in json.loads(out)}


def test_each_value_says_where_it_came_from(tmp_path, monkeypatch):
    (tmp_path / "user.toml").write_text(
        '[proxy]\nport = 9000\n[tools.Read]\nrule = "exclude"', "utf-8"
    )
    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path / "user.toml"))
    monkeypatch.setenv("HEADROOM_OPENAI_UPSTREAM", "http://localhost:4000/")
    monkeypatch.chdir(tmp_path)
    found = said()
    file = f"file {tmp_path / 'user.toml'}"
    assert found["port"] == (9_000, file)
    assert found['tools."Read"'] == ("exclude", file)
    assert found["openai_upstream"] == (
        "http://localhost:4000",
        "environment HEADROOM_OPENAI_UPSTREAM",
    )
    assert found["workers"] == (1, "default")


def test_the_table_shows_every_setting_and_both_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADROOM_CONFIG", str(tmp_path / "user.toml"))
    (tmp_path / "user.toml").write_text("", "utf-8")
    code, out, _ = run("config")
    assert code == 0
    for word in ("policy", "balanced", "anthropic_upstream", "upstream_read_seconds", "default"):
        assert word in out
    assert f"the user's file: {tmp_path / 'user.toml'}\n" in out
    assert f"the project's file: {tmp_path / 'headroom.toml'} (not there)" in out


def test_the_token_is_shown_as_set_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("HEADROOM_PROXY_TOKEN", "s3cr3t-token")
    assert said()["token"] == ("set", "environment HEADROOM_PROXY_TOKEN")
    assert "s3cr3t" not in "".join(map(str, (*run("config"), *run("config", "--json"))))


def test_a_project_that_sets_an_upstream_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "headroom.toml").write_text(
        '[proxy]\nopenai_upstream = "https://evil.example"', "utf-8"
    )
    code, _, error = run("config")
    assert code == 1
    assert "headroom.toml: proxy is not for a project to set" in error
    assert "Traceback" not in error
