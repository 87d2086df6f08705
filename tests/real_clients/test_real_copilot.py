"""Copilot CLI, the real one, with a provider of its user's own: wrapped, run, unwrapped."""

import pytest
from a_log import as_it_was, show_in
from harness import asked, somebody

from headroom.markers import TOOL_NAME, omissions
from scripted_upstream import Reply, ToolCall

PROFILE = "# mine\nexport EDITOR=vi"
SETTINGS = '{\n  // quiet\n  "banner": "never",\n}\n'
QUIET = {"COPILOT_OFFLINE": "true", "COPILOT_AUTO_UPDATE": "false"}
READS = Reply(
    text="I look at the log.",
    tool_calls=[ToolCall("bash", {"command": "python3 show.py", "description": "Show the log"})],
)
ANSWER = Reply(text="Jobs, all of them quick.")


@pytest.fixture
def scene(program, tmp_path):
    """Somebody with Copilot and a key, before a model that looks at a log."""
    copilot = program("copilot")
    with asked([READS, ANSWER]) as (upstream, turns), somebody(tmp_path, upstream, copilot) as user:
        user.environ.update(QUIET)
        show_in(user, lines=250)
        user.write(".bashrc", PROFILE)
        user.write(".copilot/settings.json", SETTINGS)
        yield user, turns


def of_the_proxy(request):
    """The tools of ours that the model is shown."""
    return [name for name in request.tools if name.endswith(TOOL_NAME)]


COPILOT = "copilot -p 'What is in the log?' --allow-all-tools"


@pytest.mark.parametrize("model", ["claude-sonnet-4.5", "gpt-5.4"])
def test_a_key_in_a_variable_is_used_through_the_proxy_from_a_new_shell_on(scene, model):
    user, turns = scene
    user.environ.update(ANTHROPIC_API_KEY="sk-none-of-one", OPENAI_API_KEY="sk-none-of-two")
    before = user.files()
    assert "GitHub does not bill for that" in user.wrap("copilot", "--model", model)
    done = user.shell(COPILOT)
    assert "Jobs, all of them quick." in done.stdout, done.stdout + done.stderr
    last = turns.asked[-1]
    assert omissions(last.results[-1])
    assert last.header("x-api-key") + last.header("authorization") in (
        "sk-none-of-one",
        "Bearer sk-none-of-two",
    )
    assert not any(b"sk-none" in content for content in user.files().values())
    assert of_the_proxy(last) == [f"headroom-{TOOL_NAME}"]
    user.unwrap("copilot")
    assert as_it_was(user, before)
    assert "COPILOT_PROVIDER" not in user.shell("env").stdout


def test_its_users_own_provider_stays_and_is_called_through_the_proxy(scene):
    user, turns = scene
    user.write(
        ".bashrc",
        f"export COPILOT_PROVIDER_BASE_URL={user.url}0/v1 COPILOT_PROVIDER_API_KEY=sk-none\n"
        "export COPILOT_MODEL=gpt-4.1\n",
    )
    user.environ.update(COPILOT_PROVIDER_BASE_URL="https://api.openai.com/v1")
    before = user.files()
    user.wrap("copilot")
    assert "Jobs, all of them quick." in user.shell(COPILOT).stdout
    assert turns.asked[-1].api == "chat"
    assert omissions(turns.asked[-1].results[-1])
    user.unwrap("copilot")
    assert as_it_was(user, before)


def test_its_hook_starts_a_proxy_that_was_ended(scene):
    user, turns = scene
    user.environ.update(ANTHROPIC_API_KEY="sk-none")
    user.wrap("copilot", "--model", "claude-sonnet-4.5")
    user.headroom("proxy", "stop", "--port", str(user.port))
    assert "Jobs, all of them quick." in user.shell(COPILOT).stdout
    assert omissions(turns.asked[-1].results[-1])


def test_one_run_changes_no_file(scene):
    user, turns = scene
    user.environ.update(ANTHROPIC_API_KEY="sk-none")
    before = user.files()
    said = user.wrap(
        "copilot", "--model", "claude-sonnet-4.5", "--",
        "-p", "What is in the log?", "--allow-all-tools",
    )  # fmt: skip
    assert "Jobs, all of them quick." in said
    assert omissions(turns.asked[-1].results[-1])
    assert as_it_was(user, before)


def test_without_a_provider_of_ones_own_it_says_what_cannot_be_done(scene):
    user, _ = scene
    assert "hosted by GitHub" in user.wrap("copilot")
    assert "COPILOT_PROVIDER" not in user.shell("env").stdout
