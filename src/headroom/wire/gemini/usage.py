"""What Gemini reports of tokens (`usageMetadata`), and the sums over several legs.

Within a leg the figures grow from chunk to chunk. Thoughts are billed as output; the prompt's
count has the cached tokens in it, but not what built-in tools read.
"""

from dataclasses import dataclass
from typing import Any

from headroom.wire._api import Usage


@dataclass(frozen=True, slots=True)
class Spent:
    """Output of earlier legs, as the API counts it."""

    candidates: int = 0
    thoughts: int = 0

    def plus(self, meter: Any) -> "Spent":
        """With the output of one more leg."""
        return Spent(
            self.candidates + _count(meter, "candidatesTokenCount"),
            self.thoughts + _count(meter, "thoughtsTokenCount"),
        )

    def added_to(self, meter: dict[str, Any]) -> dict[str, Any]:
        """A leg's figures for the client: the output is of all legs, the input of this one."""
        summed = dict(meter)
        for name, earlier in (
            ("candidatesTokenCount", self.candidates),
            ("thoughtsTokenCount", self.thoughts),
            ("totalTokenCount", self.candidates + self.thoughts),
        ):
            if earlier:
                summed[name] = _count(meter, name) + earlier
        details = meter.get("candidatesTokensDetails")
        if self.candidates and isinstance(details, list):
            summed["candidatesTokensDetails"] = self._detailed(details)
        return summed

    def _detailed(self, details: list[Any]) -> list[Any]:
        """Earlier legs said nothing but text and calls, which count as text."""
        texts = [d for d in details if isinstance(d, dict) and d.get("modality") == "TEXT"]
        others = [detail for detail in details if detail not in texts]
        count = self.candidates + sum(_count(detail, "tokenCount") for detail in texts)
        return [{"modality": "TEXT", "tokenCount": count}, *others]


def usage_of(meter: Any) -> Usage | None:
    """The tokens of one leg; None where nothing is reported."""
    if not isinstance(meter, dict):
        return None
    cached = _count(meter, "cachedContentTokenCount")
    prompt = _count(meter, "promptTokenCount") + _count(meter, "toolUsePromptTokenCount")
    spent = Spent().plus(meter)
    return Usage(
        fresh=max(0, prompt - cached),
        cache_read=cached,
        output=spent.candidates + spent.thoughts,
    )


def _count(meter: Any, name: str) -> int:
    value = meter.get(name) if isinstance(meter, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
