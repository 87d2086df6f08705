"""Compressors: one kind of content each. Adding one is a file here and a line in `_BUILT_IN`.

A compressor's module loads when it is wanted: a process that retrieves an original or shows
the store should not pay for what it never calls.
"""

import importlib
from collections.abc import Callable
from functools import cached_property

from headroom.compressors._api import Compressor, Sample
from headroom.edits import Proposal
from headroom.policy import Policy

# The class, and the highest score that it gives.
_BUILT_IN = {
    "json_rows": ("JsonRows", 0.9),
    "build_output": ("BuildOutput", 0.95),
    "log": ("Log", 1.0),
    "html": ("Html", 0.95),
    "table": ("Table", 0.92),
    "search": ("SearchResults", 0.95),
    "diff": ("Diff", 0.97),
    "listing": ("Listing", 0.95),
    "code": ("Code", 0.95),
    "prose": ("Prose", 0.6),
}


class _BuiltIn:
    """A compressor of the package, loaded when it is first asked for something."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._kind, self.surest = _BUILT_IN[name]

    @cached_property
    def loaded(self) -> Compressor:
        """The compressor itself."""
        module = importlib.import_module(f"headroom.compressors.{self.name}")
        compressor: Compressor = getattr(module, self._kind)()
        return compressor

    def score(self, sample: Sample) -> float:
        """As the compressor scores it."""
        return self.loaded.score(sample)

    def may_gain(self, sample: Sample, policy: Policy) -> bool:
        """As the compressor says; one that does not say may always gain."""
        asked: Callable[[Sample, Policy], bool] | None = getattr(self.loaded, "may_gain", None)
        return asked is None or asked(sample, policy)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """As the compressor proposes it."""
        return self.loaded.compress(sample, policy)


def built_in(*names: str) -> tuple[Compressor, ...]:
    """Fresh compressors of these names, or all that ship with the package, in the order of
    registration; ready to work."""
    made = _made(names)
    for each in made:
        _ = each.loaded
    return made


def on_demand(*names: str) -> tuple[Compressor, ...]:
    """The same, each loaded with its first use: for a process that may need none of them."""
    return _made(names)


def _made(names: tuple[str, ...]) -> tuple[_BuiltIn, ...]:
    return tuple(_BuiltIn(name) for name in _BUILT_IN if not names or name in names)


__all__ = ["Compressor", "Sample", "built_in", "on_demand"]
