"""The figures of replayed conversations: counts that add up, and the shares made from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CACHED = 0.1
"""Price of a prompt token that the provider's cache already holds, of a fresh one's."""
WRITTEN = 1.25
"""Price of a prompt token that is written to the cache."""


@dataclass(frozen=True, slots=True)
class Content:
    """Texts of one kind: how many, and their tokens before and after."""

    texts: int
    before: int
    after: int

    def __add__(self, other: "Content") -> "Content":
        return Content(
            self.texts + other.texts, self.before + other.before, self.after + other.after
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What replaying conversations counted.

    `billed_*` and `penalty` are in fresh-token prices; `followed` are the turns that had a
    former request, `stable` those of them that extended it byte for byte. `used` are atoms that
    the agent took from a tool's result, `targets` lines that its edits replaced.
    """

    conversations: int = 0
    turns: int = 0
    followed: int = 0
    stable: int = 0
    billed_before: float = 0.0
    billed_after: float = 0.0
    penalty: float = 0.0
    used: int = 0
    visible: int = 0
    targets: int = 0
    present: int = 0
    tokens: int = 0
    seconds: float = 0.0
    contents: Mapping[str, Content] = field(default_factory=dict)

    @property
    def billed_saving(self) -> float:
        """The share of the prompt's price saved."""
        return _saving(self.billed_before, self.billed_after)

    @property
    def net_saving(self) -> float:
        """The billed saving, less what fetching every hidden but used atom would cost."""
        return _saving(self.billed_before, self.billed_after + self.penalty)

    @property
    def recall(self) -> float:
        """The share of used atoms that were visible when they were used."""
        return self.visible / self.used if self.used else 1.0

    @property
    def stability(self) -> float:
        """The share of requests that extended the former one byte for byte."""
        return self.stable / self.followed if self.followed else 1.0

    @property
    def edit_targets(self) -> float:
        """The share of the lines to be edited that were present when they were edited."""
        return self.present / self.targets if self.targets else 1.0

    def __add__(self, other: "Figures") -> "Figures":
        contents = dict(self.contents)
        for kind, content in other.contents.items():
            contents[kind] = contents[kind] + content if kind in contents else content
        counts = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__dataclass_fields__
            if name != "contents"
        }
        return Figures(**counts, contents=contents)


def _saving(before: float, after: float) -> float:
    return (before - after) / before if before else 0.0
