"""aider, the real one: wrapped, run, unwrapped. It has no tools: what a test printed goes to the
model in the user's turn."""

import pytest
from a_log import as_it_was, show_in
from harness import somebody

from headroom.markers import omissions
from scripted_upstream import Reply, in_thread

CONF = "# mine\nmap-tokens: 0   # none\ncheck-update: false\nanalytics: false"
QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
KEYS = {"ANTHROPIC_API_KEY": "sk-none", "OPENAI_API_KEY": "sk-none", "GEMINI_API_KEY": "none"}
MODELS = ("openai/gpt-4.1", "anthropic/claude-sonnet-4-20250514", "gemini/gemini-2.5-pro")
PLAIN = ("--no-show-model-warnings", "--no-show-release-notes", "--yes-always", "--no-pretty")


@pytest.fixture
def scene(program, tmp_path):
    """Somebody with aider and keys, before a model that has seen enough."""
    aider = program("aider")
    with (
        in_thread([Reply(text="Jobs, all of them quick.")]) as upstream,
        somebody(tmp_path, upstream, aider) as user,
    ):
        user.environ.update(QUIET, **KEYS)
        show_in(user, code=1)
        user.write(".aider.conf.yml", CONF)
        yield user, upstream


def words(model):
    return (*PLAIN, "--no-git", "--model", model, "--message", "/test python3 show.py")


def texts(request):
    """All that the model is shown, as it stands in the request."""
    return request.body.decode()


@pytest.mark.parametrize("model", MODELS)
def test_it_calls_through_the_proxy_and_unwrapping_leaves_its_files_as_they_were(scene, model):
    user, upstream = scene
    before = user.files()
    user.wrap("aider")
    done = user.run("aider", *words(model))
    assert "Jobs, all of them quick." in done.stdout, done.stdout[-1500:] + done.stderr
    assert omissions(texts(upstream.requests[-1]))
    user.unwrap("aider")
    assert as_it_was(user, before)
