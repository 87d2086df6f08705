"""Hypothesis strategies for JSON values and request bodies."""

import json
from typing import Any

from hypothesis import strategies as st

TEXTS = st.text(max_size=40)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)


@st.composite
def spelled(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> bytes:
    """A value as JSON bytes, in one of the spellings that clients use."""
    text = json.dumps(
        draw(values),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1, 2])),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    )
    return text.encode("utf-8", "surrogatepass" if not text.isascii() else "strict")


TEXT_PARTS = st.builds(lambda text: {"type": "text", "text": text}, TEXTS)
OTHER_PARTS = st.just({"type": "image", "source": {"type": "base64", "data": "aGk="}})
CONTENTS = st.one_of(TEXTS, st.lists(st.one_of(TEXT_PARTS, OTHER_PARTS), max_size=3))


def _anthropic_message() -> st.SearchStrategy[dict[str, Any]]:
    results = st.builds(
        lambda content: {"type": "tool_result", "tool_use_id": "t1", "content": content}, CONTENTS
    )
    calls = st.builds(
        lambda value: {"type": "tool_use", "id": "t1", "name": "read", "input": {"x": value}},
        SCALARS,
    )
    return st.one_of(
        st.builds(lambda content: {"role": "user", "content": content}, CONTENTS),
        st.builds(lambda part: {"role": "user", "content": [part]}, results),
        st.builds(lambda part: {"role": "assistant", "content": [part]}, calls),
    )


def _openai_message() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(
            lambda role, content: {"role": role, "content": content},
            st.sampled_from(["system", "user", "assistant", "developer"]),
            CONTENTS,
        ),
        st.builds(
            lambda content: {"role": "tool", "tool_call_id": "t1", "content": content}, CONTENTS
        ),
        st.builds(
            lambda arguments: {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "t1",
                        "type": "function",
                        "function": {"name": "read", "arguments": arguments},
                    }
                ],
            },
            TEXTS,
        ),
    )


def _responses_item() -> st.SearchStrategy[dict[str, Any]]:
    parts = st.builds(lambda text: {"type": "input_text", "text": text}, TEXTS)
    texts = st.one_of(TEXTS, st.lists(parts, max_size=3))
    return st.one_of(
        st.builds(
            lambda role, content: {"type": "message", "role": role, "content": content},
            st.sampled_from(["user", "developer", "assistant"]),
            texts,
        ),
        st.builds(
            lambda text: {
                "type": "function_call",
                "call_id": "t1",
                "name": "read",
                "arguments": text,
            },
            TEXTS,
        ),
        st.builds(
            lambda output: {"type": "function_call_output", "call_id": "t1", "output": output},
            texts,
        ),
        st.just({"type": "reasoning", "encrypted_content": "x"}),
    )


def _gemini_content() -> st.SearchStrategy[dict[str, Any]]:
    long = TEXTS.map(lambda text: text * 20 + "x" * 200)
    parts = st.one_of(
        st.builds(lambda text: {"text": text}, TEXTS),
        st.builds(lambda v: {"functionCall": {"name": "read", "args": {"x": v}}}, SCALARS),
        st.builds(
            lambda text: {"functionResponse": {"name": "read", "response": {"output": text}}}, long
        ),
        st.just({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
    )
    return st.builds(
        lambda role, listed: {"role": role, "parts": listed},
        st.sampled_from(["user", "model"]),
        st.lists(parts, max_size=3),
    )


def _converse_message() -> st.SearchStrategy[dict[str, Any]]:
    parts = st.one_of(
        st.builds(lambda text: {"text": text}, TEXTS),
        st.builds(
            lambda v: {"toolUse": {"toolUseId": "t1", "name": "read", "input": {"x": v}}}, SCALARS
        ),
        st.builds(
            lambda text: {"toolResult": {"toolUseId": "t1", "content": [{"text": text}]}}, TEXTS
        ),
        st.just({"cachePoint": {"type": "default"}}),
    )
    return st.builds(
        lambda role, listed: {"role": role, "content": listed},
        st.sampled_from(["user", "assistant"]),
        st.lists(parts, max_size=3),
    )


def bodies(
    messages: st.SearchStrategy[dict[str, Any]], key: str = "messages"
) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda listed, extra: {**extra, "model": "m", key: listed},
        st.lists(messages, max_size=5),
        st.dictionaries(TEXTS.filter(lambda name: name not in _READ), VALUES),
    )


_READ = ("system", "messages", "input", "instructions", "contents", "systemInstruction")
BODIES = {
    "anthropic_messages": bodies(_anthropic_message()),
    "bedrock_converse": bodies(_converse_message()),
    "gemini": bodies(_gemini_content(), "contents"),
    "openai_chat": bodies(_openai_message()),
    "openai_responses": bodies(_responses_item(), "input"),
}
