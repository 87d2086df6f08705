"""Gemini CLI, the real one: wrapped, run, unwrapped."""

import pytest
from a_log import FACT, before_a_model, fact_of, retrieval
from harness import texts

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, ToolCall

KEY = {
    "GEMINI_API_KEY": "none",
    "GEMINI_CLI_TRUST_WORKSPACE": "true",
    "GEMINI_TELEMETRY_ENABLED": "false",
    "NO_UPDATE_NOTIFIER": "1",
}
OF_MCP = f"mcp_headroom_{TOOL_NAME}"
SETTINGS = """{
    // mine
    "ui": { "hideBanner": true },
  "general": {"enableAutoUpdate":
  false}
}"""
READS = Reply(
    text="I look at the log.",
    tool_calls=[ToolCall("run_shell_command", {"command": "python3 show.py"})],
)


@pytest.fixture
def play(program, tmp_path):
    """Somebody with Gemini CLI before a model that says this, and what the model was asked."""
    with before_a_model(tmp_path, program("gemini"), ".gemini/settings.json", SETTINGS) as begin:
        yield begin


def ask(user, *more, environ=KEY, program=("gemini",)):
    """What Gemini CLI answers to a question. A model is named, since it asks one for it else."""
    done = user.run(
        *program, "-m", "gemini-2.5-pro", "--yolo", "-p", "What is in the log?", *more,
        environ=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_its_tool_results_arrive_compressed_and_unwrapping_leaves_its_files_as_they_were(play):
    user, turns = play(READS, Reply(text="Jobs, all of them quick."))
    before = user.files()
    user.wrap("gemini")
    assert ask(user).endswith("Jobs, all of them quick.")
    shown = turns.asked[1].results[0]
    assert omissions(shown)
    assert len(shown) < 2_000
    user.unwrap("gemini")
    after = user.files()
    assert {name: after[name] for name in before} == before
    assert ".gemini/.env" not in after


def test_its_own_mcp_tool_is_there_from_the_first_request_on_and_no_second_one(play):
    user, turns = play(READS, Reply(text="Done."))
    user.wrap("gemini")
    ask(user)
    assert len(turns.asked) == 2
    for request in turns.asked:
        assert [name for name in request.tools if TOOL_NAME in name] == [OF_MCP]


def test_a_retrieval_is_hidden_from_it_and_the_answer_holds_what_only_the_original_had(play):
    user, turns = play(READS, retrieval(), fact_of)
    user.wrap("gemini", "--no-mcp")
    assert ask(user).endswith(f"Found: {FACT}.")
    assert FACT not in turns.asked[1].results[0]
    assert FACT in turns.asked[2].results[-1]
    (chat,) = (user.home / ".gemini" / "tmp").glob("*/chats/session-*.jsonl")
    assert f'"name":"{TOOL_NAME}"' not in chat.read_text("utf-8")


def test_it_starts_the_proxy_that_does_not_run(play):
    user, turns = play(Reply(text="Hello."))
    user.wrap("gemini")
    user.headroom("proxy", "stop")
    assert ask(user).endswith("Hello.")
    assert len(turns.asked) == 1
    assert user.url in user.headroom("proxy", "status")


def test_one_run_goes_through_the_proxy_and_changes_no_file(play):
    user, turns = play(READS, Reply(text="Done."))
    settings = '{"security": {"auth": {"selectedType": "gemini-api-key"}}}'
    user.write(".gemini/settings.json", settings)
    wrapped = (user.bin / "headroom", "wrap", "gemini", "--")
    before = user.files()
    assert ask(user, program=wrapped).endswith("Done.")
    assert omissions(turns.asked[1].results[0])
    after = user.files()
    assert {name: after[name] for name in before} == before


def test_a_file_of_variables_in_the_project_wins_and_is_named(play):
    user, turns = play(Reply(text="Hello."))
    user.wrap("gemini")
    (user.project / ".env").write_text("DATABASE=local\n", "utf-8")
    done = user.run(user.bin / "headroom", "wrap", "gemini", "--port", str(user.port))
    line = f"GOOGLE_GEMINI_BASE_URL={user.url}"
    assert str(user.project / ".env") in done.stdout.replace("\n", "")
    assert line in done.stdout.replace("\n", "")
    (user.project / ".env").write_text(f"DATABASE=local\n{line}\n", "utf-8")
    ask(user)
    assert len(turns.asked) == 1


def test_a_google_login_is_left_as_it_is(play):
    user, _ = play(Reply(text="Hello."))
    user.write(
        ".gemini/settings.json", '{"security": {"auth": {"selectedType": "oauth-personal"}}}'
    )
    assert "Code Assist" in user.wrap("gemini")
    assert ".gemini/.env" not in user.files()
    assert "SessionStart" not in texts([(user.home / ".gemini/settings.json").read_text("utf-8")])
