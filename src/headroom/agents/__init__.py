"""The agents that `headroom wrap` knows: one file each."""

from headroom.agents._api import (
    Agent,
    Onward,
    Options,
    Proxy,
    Session,
    as_gateway,
    gateway,
    start_line,
    upstream,
)
from headroom.agents.aider import Aider
from headroom.agents.claude import Claude
from headroom.agents.claude_desktop import ClaudeDesktop
from headroom.agents.cline import Cline
from headroom.agents.codex import Codex
from headroom.agents.continue_dev import Continue
from headroom.agents.copilot import Copilot
from headroom.agents.cursor import Cursor
from headroom.agents.gemini import Gemini
from headroom.agents.opencode import Opencode
from headroom.agents.vscode import VSCode

__all__ = [
    "AGENTS",
    "Agent",
    "Onward",
    "Options",
    "Proxy",
    "Session",
    "as_gateway",
    "gateway",
    "start_line",
    "upstream",
]

AGENTS: tuple[Agent, ...] = (
    Claude(),
    Codex(),
    Copilot(),
    Aider(),
    Opencode(),
    Gemini(),
    Cursor(),
    Cline(),
    Continue(),
    ClaudeDesktop(),
    VSCode(),
)
"""In the order in which they are shown."""
