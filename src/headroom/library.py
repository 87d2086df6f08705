"""The library's calls: the engine with the user's settings and the store on disk behind it."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headroom import originals, retrieval, settings
from headroom.compressors import on_demand
from headroom.edits import Edit, Skip
from headroom.engine import Engine
from headroom.errors import SettingsError
from headroom.ledger import Ledger
from headroom.policy import Policy
from headroom.stores import Retention, SqliteStore, Store
from headroom.tokens import counter_for


@dataclass(frozen=True, slots=True)
class Savings:
    """Tokens before and after; `exact` is false where the model's own count may differ."""

    original_tokens: int
    compressed_tokens: int
    exact: bool

    @property
    def saved_tokens(self) -> int:
        """Tokens that are no longer sent."""
        return self.original_tokens - self.compressed_tokens

    @property
    def savings_percent(self) -> float:
        """Saved tokens in percent of the original's; 0.0 for an empty original."""
        return 100.0 * self.saved_tokens / self.original_tokens if self.original_tokens else 0.0


@dataclass(frozen=True, slots=True)
class Compressed(Savings):
    """A compressed message list, and what became of each text in it."""

    messages: list[Any]
    edits: tuple[Edit, ...]
    skips: tuple[Skip, ...]


def compress(
    messages: Iterable[Any],
    model: str | None = None,
    *,
    query: str = "",
    policy: str | Policy | None = None,
    store: Store | None = None,
) -> Compressed:
    """Messages of the OpenAI or Anthropic API with their tool results and pasted data shortened.

    Returns a new list; the input is untouched. Text is omitted only where its original is on
    disk: hand the model `retrieve_tool(...)` and answer its calls with `retrieve`, or pass
    `policy="safe"` for lossless edits only. `query` says what the reader is after; by default
    that is the nearest user text before each block.

    Raises:
        SettingsError: no such policy, or `messages` is no list of messages.
    """
    if isinstance(messages, (str, bytes, Mapping)):
        raise SettingsError("messages must be a list of messages, as the provider's SDK takes it")
    listed = list(messages)
    chosen = settings.load()
    engine = Engine(
        on_demand(),
        counter_for(model or ""),
        chosen.policy_for(policy),
        store or store_of(chosen),
        None if store else _ledger_of(chosen),
    )
    result = engine.compress_messages(listed, query)
    return Compressed(
        original_tokens=result.tokens_before,
        compressed_tokens=result.tokens_after,
        exact=result.exact,
        messages=result.body,
        edits=result.edits,
        skips=result.skips,
    )


def retrieve(
    ref: str,
    lines: str | None = None,
    match: str | None = None,
    path: str | None = None,
    *,
    context: int = 0,
    store: Store | None = None,
) -> str:
    """The original behind a marker's ref, or part of it: `lines="120-160"`, a regular
    expression `match` (with `context` lines around each find), a JSON path such as `$.users[3]`.

    Raises:
        NotFound: no such original; the text says whether it was purged.
        SettingsError: a selector that selects nothing meaningful.
    """
    kept = (store or disk_store()).get(ref)
    if lines is None and match is None and path is None:
        return originals.to_text(kept)
    return retrieval.select(kept, lines=lines, match=match, path=path, context=context)


def disk_store() -> SqliteStore:
    """The store on disk that the settings name."""
    return store_of(settings.load())


@functools.lru_cache(maxsize=8)
def store_of(chosen: settings.Settings) -> SqliteStore:
    """One store serves all calls of a process with equal settings."""
    retention = Retention(days=chosen.store_days, max_bytes=chosen.store_bytes)
    return SqliteStore(chosen.home, scope=chosen.project, retention=retention)


@functools.lru_cache(maxsize=8)
def _ledger_of(chosen: settings.Settings) -> Ledger:
    """What was decided with the store on disk holds for later calls that keep originals there,
    of this process and of others."""
    return Ledger(store_of(chosen).settled)
