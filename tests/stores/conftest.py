"""Stores as the contract suite gets them, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from headroom.stores import InMemoryStore, Retention, SqliteStore

AnyStore = SqliteStore | InMemoryStore
NOON = 1_795_000_000.0


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time

    def forward(self, *, days: float = 0, hours: float = 0) -> None:
        self.time += 86_400 * days + 3_600 * hours


class MakeStore(Protocol):
    def __call__(
        self, *, retention: Retention = ..., digest: Callable[[bytes], bytes] | None = ...
    ) -> AnyStore: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "in_memory"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> MakeStore:
    def make(*, retention=None, digest=None):
        extra = {"digest": digest} if digest else {}
        retention = retention or Retention()
        if request.param == "in_memory":
            return InMemoryStore(retention=retention, now=clock, **extra)
        store = SqliteStore(tmp_path / "home", retention=retention, now=clock, **extra)
        request.addfinalizer(store.close)
        return store

    return make
