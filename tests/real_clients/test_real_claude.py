"""Claude Code, the real one: wrapped, run, unwrapped."""

import json

import pytest
from a_log import (
    FACT,
    before_a_model,
    fact_of,
    retrieval,
    wrapped_behind_a_corporate_proxy,
)
from harness import texts

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, ToolCall

QUIET = {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
KEY = {**QUIET, "ANTHROPIC_API_KEY": "sk-ant-api-none"}
LOGIN = {**QUIET, "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-none"}
OF_MCP = f"mcp__headroom__{TOOL_NAME}"
SETTINGS = """{
    "permissions": { "allow": ["Bash(ls:*)"] },
  "includeCoAuthoredBy": false, "unknown": [1,2,
  3]
}"""
READS = Reply(
    text="I look at the log.",
    tool_calls=[ToolCall("Bash", {"command": "python3 show.py", "description": "Show the log"})],
)


@pytest.fixture
def play(program, tmp_path):
    """Somebody with Claude Code before a model that says this, and what the model was asked."""
    with before_a_model(tmp_path, program("claude"), ".claude/settings.json", SETTINGS) as begin:
        yield begin


def ask(user, *more, environ=KEY, program=("claude",)):
    """What Claude Code answers to a question; its own tools may be used."""
    done = user.run(
        *program, "-p", "What is in the log?", "--allowedTools=Bash,mcp__headroom", *more,
        environ=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_its_tool_results_arrive_compressed_and_unwrapping_leaves_its_files_as_they_were(play):
    user, turns = play(READS, Reply(text="Jobs, all of them quick."))
    before = user.files()
    user.wrap("claude")
    assert ask(user) == "Jobs, all of them quick."
    shown = turns.asked[1].results[0]
    assert omissions(shown)
    assert len(shown) < 1_000
    user.unwrap("claude")
    assert {name: user.files()[name] for name in before} == before
    assert "headroom" not in (user.home / ".claude.json").read_text("utf-8")


def test_what_another_base_url_switches_off_is_on_again(play):
    user, turns = play(Reply(text="Hello."))
    user.wrap("claude")
    ask(user)
    (request,) = turns.asked
    assert "ToolSearch" in request.tools
    assert "advanced-tool-use" in request.header("anthropic-beta")


def test_its_own_mcp_tool_is_there_from_the_first_request_on_and_no_second_one(play):
    user, turns = play(READS, Reply(text="Done."))
    user.wrap("claude")
    ask(user)
    assert len(turns.asked) == 2
    for request in turns.asked:
        assert [name for name in request.tools if TOOL_NAME in name] == [OF_MCP]


def test_a_retrieval_is_hidden_from_it_and_the_answer_holds_what_only_the_original_had(play):
    user, turns = play(READS, retrieval(), fact_of)
    user.wrap("claude", "--no-mcp")
    lines = ask(user, "--output-format", "stream-json", "--verbose").splitlines()
    events = [json.loads(line) for line in lines]
    assert FACT not in turns.asked[1].results[0]
    assert FACT in turns.asked[2].results[-1]
    assert events[-1]["result"] == f"Found: {FACT}."
    assert events[-1]["num_turns"] == 2
    talked = [event["message"] for event in events if event["type"] in ("assistant", "user")]
    assert [block["name"] for m in talked for block in m["content"] if block["type"] == "tool_use"] == ["Bash"]  # fmt: skip
    assert TOOL_NAME not in texts([m["content"] for m in talked if m["role"] == "assistant"])


def test_it_calls_all_three_tools_of_the_mcp_server(play):
    def compresses(request):
        text = "\n".join(f"2026-03-01 10:00:{at % 60:02} INFO job {at} done" for at in range(300))
        return Reply(tool_calls=[ToolCall("mcp__headroom__headroom_compress", {"text": text})])

    stats = Reply(tool_calls=[ToolCall("mcp__headroom__headroom_stats", {})])
    user, turns = play(READS, retrieval(OF_MCP), compresses, stats, Reply(text="Done."))
    user.wrap("claude")
    assert ask(user) == "Done."
    _, retrieved, compressed, counted = turns.asked[-1].results
    assert FACT in retrieved
    assert omissions(compressed)
    assert "request" in counted


def test_it_starts_the_proxy_that_does_not_run(play):
    user, turns = play(Reply(text="Hello."))
    user.wrap("claude")
    user.headroom("proxy", "stop")
    assert ask(user) == "Hello."
    assert len(turns.asked) == 1
    assert user.url in user.headroom("proxy", "status")


def test_one_run_goes_through_the_proxy_and_changes_no_configuration(play):
    user, turns = play(READS, Reply(text="Done."))
    before = user.files()
    wrapped = (user.bin / "headroom", "wrap", "claude", "--")
    mine = json.dumps({"env": {"MINE": "1", "ANTHROPIC_MODEL": "opus"}})
    assert ask(user, "--settings", mine, program=wrapped) == "Done."
    assert omissions(turns.asked[1].results[0])
    assert turns.asked[0].json["model"].startswith("claude-opus")
    assert [name for name in turns.asked[0].tools if TOOL_NAME in name] == [OF_MCP]
    assert {name: user.files()[name] for name in before} == before


def test_a_login_passes_through(play):
    user, turns = play(READS, Reply(text="Done."))
    user.wrap("claude")
    ask(user, environ=LOGIN)
    request = turns.asked[1]
    assert request.header("authorization") == f"Bearer {LOGIN['CLAUDE_CODE_OAUTH_TOKEN']}"
    assert "oauth-2025-04-20" in request.header("anthropic-beta")
    assert omissions(request.results[0])


def test_a_gateway_stays_the_upstream(play):
    user, turns = play(Reply(text="Hello."))
    upstream = user.environ.pop("HEADROOM_ANTHROPIC_UPSTREAM")
    settings = {"env": {"ANTHROPIC_BASE_URL": f"{upstream}/gateway/"}}
    user.write(".claude/settings.json", json.dumps(settings))
    for _ in range(2):
        assert f"{upstream}/gateway" in user.wrap("claude")
        ask(user)
        assert turns.asked[-1].path == "/gateway/v1/messages"
    assert "ToolSearch" not in turns.asked[-1].tools


def test_a_corporate_proxy_is_passed_by(play):
    user, _ = play(Reply(text="Hello."))
    corporate = wrapped_behind_a_corporate_proxy(user, "claude")
    assert ask(user, environ={**KEY, **corporate}) == "Hello."


def test_on_bedrock_its_requests_are_compressed_and_signed_anew(play):
    pytest.importorskip("botocore")
    user, turns = play(READS, Reply(text="Done."))
    aws = {
        "AWS_ACCESS_KEY_ID": "AKIDNONE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "eu-west-1",
    }
    user.environ |= {"CLAUDE_CODE_USE_BEDROCK": "1", **aws}
    user.wrap("claude", "--no-mcp")
    assert ask(user, "--model", "eu.anthropic.claude-sonnet-5", environ=QUIET) == "Done."
    request = turns.asked[-1]
    assert request.path.startswith("/model/eu.anthropic.claude-sonnet-5/invoke")
    assert "/eu-west-1/bedrock/aws4_request" in request.header("authorization")
    assert omissions(request.results[-1])
