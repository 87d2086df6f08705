"""What the server tells its clients: the tools, and one sentence about itself.

Every token of a definition is billed on every request, so names speak for themselves. It knows
no SDK: schemas are plain JSON.
"""

from dataclasses import dataclass
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.tool_definition import retrieve_tool

RETRIEVE = TOOL_NAME
COMPRESS = "headroom_compress"
STATS = "headroom_stats"
INSTRUCTIONS = (
    f'A line such as [… 90 lines omitted · {RETRIEVE}("…")] stands for text that {RETRIEVE} '
    "gives back."
)
META = {"anthropic/alwaysLoad": True}
"""Claude Code hides the tools of MCP servers behind a search; a marker's reader needs them."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One tool. `changes_nothing` is false where calling it keeps something."""

    name: str
    description: str
    schema: dict[str, Any]
    changes_nothing: bool

    @property
    def arguments(self) -> dict[str, str]:
        """The type of each argument by its name, as the schema calls it."""
        return {name: said["type"] for name, said in self.schema["properties"].items()}


def definitions() -> tuple[Definition, ...]:
    """The tools, in the order in which they are listed."""
    retrieve = retrieve_tool("anthropic")
    return (
        Definition(RETRIEVE, retrieve["description"], retrieve["input_schema"], True),
        Definition(
            COMPRESS,
            "Shorten a text or a file; what is omitted stays retrievable. query: what to keep.",
            _schema(text="string", file="string", query="string"),
            False,
        ),
        Definition(STATS, "Tokens saved so far.", _schema(hours="number"), True),
    )


def _schema(**types: str) -> dict[str, Any]:
    properties = {name: {"type": said} for name, said in types.items()}
    return {"type": "object", "properties": properties}
