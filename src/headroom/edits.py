"""What compression proposes and what became of it: proposals, edits, skips, results.

Every candidate text ends as exactly one `Edit` or one `Skip`; metrics, logs and evals read
those two lists and nothing else.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from headroom.conversation import Path

Body = TypeVar("Body")
Other = TypeVar("Other")


class Fidelity(str, Enum):
    """LOSSLESS decodes to the original without the store; RECOVERABLE needs the store."""

    LOSSLESS = "lossless"
    RECOVERABLE = "recoverable"


class Reason(str, Enum):
    """Why a text was left as it was. ASKED_AGAIN: a call was repeated at once because its result
    had been cut. LATE: the deadline had passed."""

    EXCLUDED = "excluded"
    TOO_SMALL = "too_small"
    NO_GAIN = "no_gain"
    FAILED = "failed"
    LATE = "late"
    ASKED_AGAIN = "asked_again"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A compressor's shorter text for one sample, and what it costs to go back."""

    text: str
    fidelity: Fidelity


@dataclass(frozen=True, slots=True)
class Edit:
    """One accepted replacement.

    `compressor` names all that took part, joined by `+`; `refs` are the originals it rests on,
    in the order of the text. Token counts are of the whole text at `path`.
    """

    path: Path
    before: str
    after: str
    compressor: str
    fidelity: Fidelity
    refs: tuple[str, ...]
    tokens_before: int
    tokens_after: int


@dataclass(frozen=True, slots=True)
class Skip:
    """One text left as it was; `detail` holds the traceback of a failure."""

    path: Path
    reason: Reason
    detail: str = ""


class Measure(NamedTuple):
    """One text of a request in tokens, as it came and as it is sent. `sent` tells within this
    process whether the same was sent before: 0 is the text as it came."""

    before: int
    after: int
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Result(Generic[Body]):
    """A compressed body with the record of what was done to it.

    Tokens are of the whole request's texts; `exact` is false where they are an estimate.
    `measures` has one of each text of the conversation, in order, or is empty.
    """

    body: Body
    edits: tuple[Edit, ...]
    skips: tuple[Skip, ...]
    tokens_before: int
    tokens_after: int
    exact: bool
    measures: tuple[Measure, ...] = ()

    def with_body(self, body: Other) -> "Result[Other]":
        """The same record with another body."""
        counts = (self.tokens_before, self.tokens_after, self.exact, self.measures)
        return Result(body, self.edits, self.skips, *counts)
