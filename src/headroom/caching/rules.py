"""The rules by which providers keep prompts: what is kept, from which size on, for how long.

Data, and sources: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching,
https://platform.openai.com/docs/guides/prompt-caching, https://ai.google.dev/gemini-api/docs/caching.
"""

import re
from dataclasses import dataclass

SHORT, LONG = "5m", "1h"
"""How long a breakpoint asks for."""
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Rules:
    """One model's cache. `explicit`: only what stands before a breakpoint is kept, else all that
    was sent. `least`: tokens below which nothing is kept; `step`: reads come in multiples of it.
    `seconds` and `long_seconds` are lifetimes since the last use; `look_back` is how many pieces
    before a breakpoint an earlier one is found, 0 for any number."""

    explicit: bool
    least: int
    step: int
    seconds: float
    long_seconds: float
    look_back: int = 0

    def lifetime(self, mark: str) -> float:
        """Seconds that what was asked for so is kept after its last use."""
        return self.long_seconds if mark == LONG else self.seconds

    def readable(self, tokens: int) -> int:
        """How many of so many matching tokens are read from the cache."""
        return tokens // self.step * self.step if tokens >= self.least else 0


_MESSAGES = Rules(True, 1_024, 1, 300.0, 3_600.0, look_back=20)
_OPENAI = Rules(False, 1_024, 128, _DAY, _DAY)
_OTHERS = Rules(False, 1_024, 1, _DAY, _DAY)
_LARGER = (
    (re.compile(r"(?i)opus-4-[56]|haiku-4-5"), 4_096),
    (re.compile(r"(?i)opus-4-7|3-5-haiku|3-haiku"), 2_048),
)
_EXPLICIT = ("anthropic_messages", "bedrock_converse")


def rules_for(form: str, model: str) -> Rules:
    """The rules for a model that is asked in the wire format named `form`."""
    if form in _EXPLICIT:
        least = next((most for named, most in _LARGER if named.search(model)), _MESSAGES.least)
        return Rules(True, least, 1, 300.0, 3_600.0, look_back=20)
    return _OPENAI if form.startswith("openai") else _OTHERS


def kept_seconds(form: str, *, long: bool) -> float:
    """How long the cache of a wire format's provider outlives its last use, at most; `long` where
    the request asks for the longer of its lifetimes."""
    rules = rules_for(form, "")
    return rules.lifetime(LONG if long else SHORT)
