"""Codex, the real one: wrapped, run, unwrapped."""

import base64
import json
from datetime import date

import pytest
from a_log import (
    FACT,
    before_a_model,
    fact_of,
    retrieval,
    wrapped_behind_a_corporate_proxy,
)

from headroom.markers import omissions
from scripted_upstream import Reply, ToolCall

KEY = {"OPENAI_API_KEY": "sk-none", "CODEX_API_KEY": "sk-none"}
CONFIG = """# how I like it
check_for_update_on_startup = false
model   = "gpt-5.5"

[tui]
notifications = false # too loud
"""
READS = Reply(
    text="I look at the log.", tool_calls=[ToolCall("exec_command", {"cmd": "python3 show.py"})]
)


def code(text):
    """What a model says that is to write JavaScript."""
    return Reply(tool_calls=[ToolCall("exec", freeform=text)])


READS_BY_CODE = code(
    'const r = await tools.exec_command({cmd: "python3 show.py"}); text(r.output);'
)


@pytest.fixture
def play(program, tmp_path):
    """Somebody with Codex before a model that says this, and what the model was asked."""
    with before_a_model(tmp_path, program("codex"), ".codex/config.toml", CONFIG) as begin:
        yield begin


def ask(user, *more, environ=KEY, program=("codex",)):
    done = user.run(
        *program, "exec", "--dangerously-bypass-approvals-and-sandbox", *more,
        "What is in the log?", environ=environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_its_tool_results_arrive_compressed_and_unwrapping_leaves_its_files_as_they_were(play):
    user, turns = play(READS, Reply(text="Jobs, all of them quick."))
    before = user.files()
    user.wrap("codex")
    assert ask(user) == "Jobs, all of them quick."
    assert turns.asked[-1].on_socket
    shown = turns.asked[-1].results[-1]
    assert omissions(shown)
    assert len(shown) < 1_000
    user.unwrap("codex")
    assert {name: user.files()[name] for name in before} == before
    assert not (user.home / ".codex" / "hooks.json").exists()


def test_results_of_its_code_mode_arrive_compressed(play):
    user, turns = play(READS_BY_CODE, Reply(text="Jobs."))
    user.wrap("codex")
    assert ask(user, "-m", "gpt-6.1-sol") == "Jobs."
    assert omissions(turns.asked[-1].results[-1])


def test_a_retrieval_is_hidden_from_it_and_the_answer_holds_what_only_the_original_had(play):
    user, turns = play(READS, retrieval(), fact_of)
    user.wrap("codex")
    events = [json.loads(line) for line in ask(user, "--json").splitlines()]
    assert FACT not in turns.asked[-2].results[-1]
    assert FACT in turns.asked[-1].results[-1]
    items = [event["item"] for event in events if event["type"] == "item.completed"]
    assert items[-1]["text"] == f"Found: {FACT}."
    assert "command_execution" in {item["type"] for item in items}
    assert not {item["type"] for item in items} & {"mcp_tool_call", "error"}


def test_it_calls_all_three_tools_of_the_mcp_server(play):
    """Codex shows a server's tools from the turn on in which it has started."""
    refs = []

    def looks(request):
        refs.extend(hidden.ref for hidden in omissions(request.results[-1]))
        if "mcp__headroom" not in request.results[-1]:
            turns.replies = [*turns.replies[:-1], looks, turns.replies[-1]]
            return code(
                'await tools.exec_command({cmd: "sleep 1"}); text(ALL_TOOLS.map(t => t.name))'
            )
        return code(f"""
            const of = name => tools[`mcp__headroom__headroom_${{name}}`];
            text(await of("retrieve")({{ref: "{refs[0]}", match: "10:03:20"}}));
            text(await of("compress")({{text: Array(99).fill("the same line again").join("\\n")}}));
            text(await of("stats")({{}}));
        """)

    user, turns = play(READS_BY_CODE, looks, Reply(text="Done."))
    user.wrap("codex")
    assert ask(user, "-m", "gpt-6.1-sol") == "Done."
    said = turns.asked[-1].results[-1]
    assert FACT in said
    assert "tokens" in said
    assert "requests" in said


def test_a_hook_that_the_user_trusts_starts_the_proxy_that_does_not_run(play):
    user, _ = play(Reply(text="Hello."))
    user.wrap("codex")
    user.headroom("proxy", "stop")
    assert ask(user, "--dangerously-bypass-hook-trust") == "Hello."
    assert user.url in user.headroom("proxy", "status")


def test_one_run_goes_through_the_proxy_and_changes_no_configuration(play):
    user, turns = play(READS, Reply(text="Done."))
    before = user.files()
    assert ask(user, program=(user.bin / "headroom", "wrap", "codex", "--")) == "Done."
    assert omissions(turns.asked[-1].results[-1])
    assert {name: user.files()[name] for name in before} == before


def test_a_chatgpt_login_passes_through(play):
    user, turns = play(READS, Reply(text="Done."))
    user.write(".codex/auth.json", json.dumps(login()))
    user.wrap("codex")
    assert ask(user, environ={}) == "Done."
    request = turns.asked[-1]
    shown = next(r for r in turns.asked if r.results).results[-1]
    assert omissions(shown)
    assert request.on_socket
    assert json.loads((user.home / ".codex" / "auth.json").read_text("utf-8")) == login()


def login():
    """What Codex keeps of a login, signed by nobody."""
    claims = {
        "email": "somebody@example.com",
        "exp": 4_000_000_000,
        "https://api.openai.com/auth": {"chatgpt_account_id": "acc", "chatgpt_plan_type": "pro"},
    }
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    token = ".".join(
        [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        + ["c2ln"]
    )
    return {
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": None,
        "tokens": {
            "id_token": token,
            "access_token": token,
            "refresh_token": "none",
            "account_id": "acc",
        },
        "last_refresh": f"{date.today().isoformat()}T00:00:00Z",
    }


def test_a_gateway_stays_the_upstream(play):
    user, turns = play(Reply(text="Hello."))
    upstream = user.environ.pop("HEADROOM_OPENAI_UPSTREAM")
    team = f'[model_providers.team]\nname = "Team"\nbase_url = "{upstream}/team/v1"\n'
    user.write(".codex/config.toml", f'model_provider = "team"\n{team}')
    for _ in range(2):
        user.wrap("codex")
        assert ask(user) == "Hello."
        assert turns.asked[-1].path == "/team/v1/responses"


def test_a_corporate_proxy_is_passed_by(play):
    user, _ = play(Reply(text="Hello."))
    corporate = wrapped_behind_a_corporate_proxy(user, "codex")
    assert ask(user, environ={**KEY, **corporate}) == "Hello."
