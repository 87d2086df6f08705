"""opencode, the real one: wrapped, run, unwrapped."""

import json

import pytest
from a_log import as_it_was, show_in
from harness import asked, somebody

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, ToolCall

CONFIG = """{
  "$schema": "https://opencode.ai/config.json",
  // how I like it
  "share": "disabled",
  "provider": {"anthropic": {"options": {"timeout": 600000,},},}, // slow
}
"""
QUIET = {
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD": "true",
    # It installs what plug-ins could need, whether there is one or not.
    "npm_config_registry": "http://127.0.0.1:9",
}
KEYS = {"ANTHROPIC_API_KEY": "sk-none", "OPENAI_API_KEY": "sk-none"}
READS = Reply(
    text="I look at the log.",
    tool_calls=[ToolCall("bash", {"command": "python3 show.py", "description": "Show the log"})],
)
ANSWER = Reply(text="Jobs, all of them quick.")
MODELS = ("anthropic/claude-sonnet-4-5", "openai/gpt-5.4")


@pytest.fixture
def scene(program, tmp_path):
    """Somebody with opencode and keys, before a model that looks at a log."""
    opencode = program("opencode")
    with (
        asked([READS, ANSWER]) as (upstream, turns),
        somebody(tmp_path, upstream, opencode) as user,
    ):
        user.environ.update(QUIET, **KEYS)
        show_in(user)
        user.write(".config/opencode/opencode.jsonc", CONFIG)
        yield user, turns


def ask(user, *words):
    done = user.run(*words, "What is in the log?")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Jobs, all of them quick." in done.stdout


@pytest.mark.parametrize("model", MODELS)
def test_its_tool_results_arrive_compressed_and_unwrapping_leaves_its_files_as_they_were(
    scene, model
):
    user, turns = scene
    before = user.files()
    user.wrap("opencode")
    ask(user, "opencode", "run", "-m", model)
    last = turns.asked[-1]
    assert omissions(last.results[-1])
    assert [name for name in last.tools if name.endswith(TOOL_NAME)] == [f"headroom_{TOOL_NAME}"]
    user.unwrap("opencode")
    assert as_it_was(user, before)


def test_a_file_that_was_made_for_it_is_gone_after_unwrapping(scene):
    user, turns = scene
    config = user.home / ".config" / "opencode" / "opencode.jsonc"
    config.unlink()
    user.wrap("opencode")
    ask(user, "opencode", "run", "-m", MODELS[0])
    assert omissions(turns.asked[-1].results[-1])
    user.unwrap("opencode")
    assert not config.with_name("opencode.json").exists()


@pytest.mark.parametrize("model", MODELS)
def test_one_run_changes_no_file(scene, model):
    user, turns = scene
    user.write("project/opencode.json", json.dumps({"share": "disabled"}))
    before = user.files()
    words = ("opencode", "--", "run", "-m", model, "What is in the log?")
    assert "Jobs, all of them quick." in user.wrap(*words)
    assert omissions(turns.asked[-1].results[-1])
    after = user.files()
    del before["project/opencode.json"], after["project/opencode.json"]
    assert {name: after[name] for name in before} == before
