"""Stores of originals: one file each."""

from headroom.stores._api import Entry, Retention, Store, StoreStats, Verification
from headroom.stores.in_memory import InMemoryStore
from headroom.stores.sqlite import SqliteStore

__all__ = [
    "Entry",
    "InMemoryStore",
    "Retention",
    "SqliteStore",
    "Store",
    "StoreStats",
    "Verification",
]
