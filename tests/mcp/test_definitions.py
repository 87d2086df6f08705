import json

from headroom.mcp.definitions import INSTRUCTIONS, RETRIEVE, definitions
from headroom.tokens import counter_for
from headroom.tool_definition import retrieve_tool


def billed():
    """The tools as a client hands them to its model."""
    return [
        {"name": each.name, "description": each.description, "input_schema": each.schema}
        for each in definitions()
    ]


def test_all_tools_together_cost_less_than_220_tokens_a_request():
    said = json.dumps(billed(), separators=(",", ":"))
    assert counter_for("gpt-4o").count(said) < 220


def test_the_retrieve_tool_is_the_one_that_the_proxy_offers():
    assert billed()[0] == retrieve_tool("anthropic")
    assert billed()[0]["name"] == RETRIEVE


def test_the_instructions_are_one_sentence():
    assert INSTRUCTIONS.count(". ") == 0
    assert INSTRUCTIONS.endswith(".")
    assert counter_for("gpt-4o").count(INSTRUCTIONS) < 40
