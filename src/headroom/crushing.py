"""One text of a known kind, shortened: the front doors of the JSON and the code compressor."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from headroom import settings
from headroom.compressors import Compressor, Sample, built_in
from headroom.compressors.code import Code, Rules
from headroom.engine import Engine
from headroom.errors import SettingsError
from headroom.library import Savings, store_of
from headroom.policy import Policy
from headroom.stores import Store
from headroom.tokens import counter_for


@dataclass(frozen=True, slots=True)
class Crushed(Savings):
    """One compressed value. `ref` gives the original back; empty where nothing was changed."""

    text: str
    ref: str


class SmartCrusher:
    """Compresses JSON: a lossless fold, and rows omitted where that is not enough."""

    def __init__(self, *, policy: str | Policy | None = None, store: Store | None = None) -> None:
        chosen = settings.load()
        self._policy = chosen.policy_for(policy)
        self._store = store or store_of(chosen)

    def compress(self, data: Any, *, query: str = "", model: str | None = None) -> Crushed:
        """A Python value or JSON text, shortened. A value counts as its compact JSON.

        Raises:
            SettingsError: `data` is neither text nor a value that JSON can hold.
            StoreError: the original could not be kept.
        """
        text = data if isinstance(data, str) else _compact(data)
        engine = _Single(built_in("json_rows"), self._policy, self._store)
        return engine.crushed(Sample(text, query=query), model)


class CodeCompressor:
    """Compresses source code: imports, signatures and what a question names stay as they are,
    other bodies give way to markers.

    `language` names it ("python", "typescript", …); without it the code tells. `budget` is the
    size in tokens to come down to, a third of the code by default.

    Raises:
        SettingsError: no such language or policy.
    """

    def __init__(
        self,
        *,
        language: str = "",
        budget: int | None = None,
        policy: str | Policy | None = None,
        store: Store | None = None,
    ) -> None:
        chosen = settings.load()
        self._compressor = Code(Rules(others=1.0), language=language)
        self._budget = budget
        self._policy = chosen.policy_for(policy)
        self._store = store or store_of(chosen)

    def compress(self, code: str, *, query: str = "", model: str | None = None) -> Crushed:
        """Code as text, shortened; every line that is shown is as it was.

        Raises:
            StoreError: the original could not be kept.
        """
        budget = self._budget
        if budget is None:
            budget = counter_for(model or "").count(code) // 3
        policy = replace(self._policy, budget=budget)
        engine = _Single((_Known(self._compressor),), policy, self._store)
        return engine.crushed(Sample(code, query=query), model)


class _Known:
    """The code compressor for a text that is code whatever it looks like."""

    def __init__(self, code: Code) -> None:
        self.name = code.name
        self.compress = code.compress

    def score(self, sample: Sample) -> float:
        """The caller knows."""
        return 1.0


class _Single:
    """One text through compressors that are known to be right for it."""

    def __init__(self, compressors: Sequence[Compressor], policy: Policy, store: Store) -> None:
        self._compressors = compressors
        self._policy = policy
        self._store = store

    def crushed(self, sample: Sample, model: str | None) -> Crushed:
        """The sample's text, shorter where that saves tokens."""
        counter = counter_for(model or "")
        part = Engine(self._compressors, counter, self._policy, self._store).compress_text(sample)
        before, after = counter.measure(sample.text), counter.measure(part.text)
        exact = before.exact and after.exact
        if after.tokens >= before.tokens:
            return Crushed(before.tokens, before.tokens, exact, sample.text, "")
        return Crushed(before.tokens, after.tokens, exact, part.text, part.ref)


def _compact(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise SettingsError(f"the data is not JSON: {error}") from error
