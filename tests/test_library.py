import json
import subprocess
import sys

import pytest

from headroom import NotFound, SettingsError, SmartCrusher, compress, retrieve, retrieve_tool
from headroom.markers import omissions
from headroom.stores import InMemoryStore

LOG = "\n".join(
    f"2026-03-01 10:{index // 60 % 60:02d}:{index % 60:02d} INFO http: request {index} took {index % 97} ms"
    for index in range(3_000)
)
RECORDS = [
    {
        "id": index,
        "login": f"user{index}",
        "url": f"https://example.org/users/user{index}",
        "ok": True,
    }
    for index in range(60)
]
OPENAI = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Which request was slow?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "logs", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c", "content": LOG},
]
ANTHROPIC = [
    {"role": "user", "content": "Which request was slow?"},
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "t", "name": "logs", "input": {}}],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": LOG},
            {
                "type": "tool_result",
                "tool_use_id": "u",
                "content": [{"type": "text", "text": json.dumps(RECORDS)}],
            },
        ],
    },
]


def test_openai_messages_are_shortened_and_the_input_is_untouched():
    before = json.dumps(OPENAI)
    result = compress(OPENAI, model="gpt-4o")
    assert json.dumps(OPENAI) == before
    assert result.messages[:3] == OPENAI[:3]
    assert len(result.messages[3]["content"]) < len(LOG) / 5
    assert result.saved_tokens == result.original_tokens - result.compressed_tokens > 0
    assert result.savings_percent == pytest.approx(
        100 * result.saved_tokens / result.original_tokens
    )
    assert result.exact
    assert [edit.compressor for edit in result.edits] == ["log"]
    assert [skip.path for skip in result.skips] == [("messages", 1, "content")]


def test_anthropic_results_are_shortened_as_strings_and_as_parts():
    result = compress(ANTHROPIC, model="claude-sonnet-4-5")
    string, parts = result.messages[2]["content"]
    assert len(string["content"]) < len(LOG) / 5
    assert len(parts["content"][0]["text"]) < len(json.dumps(RECORDS)) / 2
    assert {edit.compressor for edit in result.edits} == {"log", "json_rows"}
    assert not result.exact, "Claude's tokenizer is not public: a count is an estimate"


def test_what_was_omitted_comes_back():
    result = compress(OPENAI, model="gpt-4o")
    ref = omissions(result.messages[3]["content"])[0].ref
    assert retrieve(ref) == LOG
    assert retrieve(ref, lines="3-4") == "".join(LOG.splitlines(keepends=True)[2:4])
    assert "request 1234 took" in retrieve(ref, match=r"request 1234\b")


def test_json_originals_answer_to_a_path():
    crushed = SmartCrusher().compress(RECORDS)
    assert retrieve(crushed.ref, path="$[3].login") == "user3"
    assert json.loads(retrieve(crushed.ref)) == RECORDS


def test_an_unknown_ref_is_answered_truthfully():
    with pytest.raises(NotFound, match="zzzzzzzz"):
        retrieve("zzzzzzzz")


def test_the_safe_policy_omits_nothing():
    result = compress([*OPENAI, *ANTHROPIC], policy="safe")
    assert all(edit.fidelity.value == "lossless" for edit in result.edits)
    assert not any(omissions(str(message)) for message in result.messages)


def test_a_store_of_ones_own_is_used():
    store = InMemoryStore()
    result = compress(OPENAI, store=store)
    assert store.get(result.edits[0].refs[0]).decode() == LOG
    with pytest.raises(NotFound):
        retrieve(result.edits[0].refs[0])


def test_unknown_options_and_policies_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword"):
        compress(OPENAI, aggressive=True)
    with pytest.raises(SettingsError, match="unknown policy 'brutal'"):
        compress(OPENAI, policy="brutal")


def test_compressing_compressed_messages_changes_nothing():
    once = compress(OPENAI).messages
    assert compress(once).messages == once


def test_two_processes_give_the_same_text():
    code = (
        "import json, sys; from headroom import compress;"
        "print(json.dumps(compress(json.loads(sys.stdin.read())).messages))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(OPENAI),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert json.loads(runs[0]) == json.loads(runs[1]) == compress(OPENAI).messages


def test_a_crusher_takes_values_and_json_text_alike():
    from_value = SmartCrusher().compress(RECORDS)
    from_text = SmartCrusher().compress(json.dumps(RECORDS, separators=(",", ":")))
    assert from_value == from_text
    assert from_value.savings_percent > 50
    assert from_value.original_tokens > from_value.compressed_tokens
    indented = SmartCrusher().compress(json.dumps(RECORDS, indent=2))
    assert indented.text == from_value.text


def test_a_crusher_leaves_what_it_cannot_shorten():
    crushed = SmartCrusher().compress({"a": 1})
    assert (crushed.text, crushed.ref, crushed.savings_percent) == ('{"a":1}', "", 0.0)
    assert SmartCrusher().compress("").savings_percent == 0.0


def test_a_crusher_refuses_what_json_cannot_hold():
    with pytest.raises(SettingsError, match="the data is not JSON"):
        SmartCrusher().compress({"a": object()})


@pytest.mark.parametrize("provider", ["anthropic", "openai", "gemini"])
def test_the_retrieve_tool_names_what_retrieve_takes(provider):
    definition = json.dumps(retrieve_tool(provider))
    assert "headroom_retrieve" in definition
    for argument in ("ref", "lines", "match", "path"):
        assert f'"{argument}"' in definition


def test_the_retrieve_tool_of_an_unknown_provider_is_refused():
    with pytest.raises(SettingsError, match="unknown provider"):
        retrieve_tool("acme")


def test_a_count_beyond_any_context_is_said_to_be_an_estimate():
    result = compress([{"role": "tool", "content": "word " * 1_000_000}], "gpt-4o")
    assert not result.exact
    assert result.original_tokens == pytest.approx(1_000_000, rel=0.01)


def test_a_generator_of_messages_is_read_once():
    assert len(compress(message for message in OPENAI).messages) == len(OPENAI)


@pytest.mark.parametrize("messages", ["hello", {"messages": []}, b"x"])
def test_what_is_no_list_of_messages_is_refused(messages):
    with pytest.raises(SettingsError, match="must be a list of messages"):
        compress(messages)


class Part:
    """Stands for an SDK's object."""

    def __init__(self, **fields):
        self.fields = fields

    def model_dump(self):
        return self.fields


def test_messages_of_sdk_objects_are_compressed_too():
    result = Part(type="tool_result", tool_use_id="t", content=LOG)
    compressed = compress([Part(role="user", content=(result,))])
    assert [edit.compressor for edit in compressed.edits] == ["log"]
    assert compressed.messages[0]["content"][0]["content"] == compressed.edits[0].after


def test_the_format_does_not_change_as_the_conversation_grows():
    thinking = {"role": "assistant", "content": [{"type": "thinking", "thinking": "…"}]}
    assert compress([*OPENAI, thinking]).messages[:4] == compress(OPENAI).messages


def test_the_retrieve_tool_is_made_anew_for_each_caller():
    retrieve_tool("openai")["function"]["parameters"]["required"].append("lines")
    assert retrieve_tool("anthropic")["input_schema"]["required"] == ["ref"]


def test_parts_of_an_original_keep_lone_surrogates():
    store = InMemoryStore()
    (ref,) = store.put([b"x\xed\xa0\x80 one\ntwo"])
    assert retrieve(ref, store=store) == "x\ud800 one\ntwo"
    assert retrieve(ref, lines="1", store=store) == "x\ud800 one\n"
    assert retrieve(ref, match="two", context=1, store=store).count("\n") == 1
