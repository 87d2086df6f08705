"""One leg of an answer in which the model retrieved, as it is remembered.

Its JSON is `{"said": content, "results": [part, …]}`: all that the model said, its calls of the
retrieve tool included, and a response for each of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Call
from headroom.wire.gemini.content import (
    Part,
    has_calls,
    is_hidden,
    is_thought,
    parts_of,
    shown,
)
from headroom.wire.values import decoded, encoded


@dataclass(frozen=True, slots=True)
class Leg:
    """What was said in a leg, and the responses to its hidden calls, in order."""

    said: Part
    results: tuple[Part, ...]

    @property
    def parts(self) -> list[Any]:
        """All parts that the model said."""
        return parts_of(self.said)

    @property
    def alone(self) -> bool:
        """Whether nothing in it was for the client to answer."""
        return not has_calls(shown(self.parts))

    @property
    def contents(self) -> list[Part]:
        """The leg as contents of a request."""
        return [self.said, {"role": "user", "parts": list(self.results)}]

    @property
    def thoughts(self) -> str:
        """The text of its thoughts."""
        return thoughts(self.parts)


def thoughts(parts: Sequence[Any]) -> str:
    """The text of the thoughts among `parts`."""
    texts = (part.get("text") for part in parts if is_thought(part))
    return "".join(text for text in texts if isinstance(text, str))


def responses(calls: Sequence[Call], results: Sequence[str]) -> list[Part]:
    """The parts that answer calls of the retrieve tool."""
    texts = [text.encode("utf-8", "replace").decode() for text in results]
    texts += [""] * (len(calls) - len(texts))
    return [
        {
            "functionResponse": {
                **({"id": call.id} if call.id else {}),
                "name": TOOL_NAME,
                "response": {"output": text},
            }
        }
        for call, text in zip(calls, texts, strict=False)
    ]


def written(legs: Sequence[Leg]) -> bytes:
    """Legs as they are remembered."""
    return encoded([{"said": leg.said, "results": list(leg.results)} for leg in legs])


def read(data: bytes) -> list[Leg]:
    """The legs in remembered data; none where it cannot be read."""
    legs = decoded(data)
    return [leg for raw in (legs if isinstance(legs, list) else ()) if (leg := _leg(raw))]


def _leg(raw: Any) -> Leg | None:
    said, results = (raw.get("said"), raw.get("results")) if isinstance(raw, dict) else (None, None)
    if not isinstance(said, dict) or not isinstance(results, list):
        return None
    hidden = sum(map(is_hidden, parts_of(said)))
    return Leg(said, tuple(results)) if 0 < hidden == len(results) else None
