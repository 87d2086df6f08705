"""Stores of originals: one file each."""

from headroom.stores._api import Entry, Retention, Settled, Store, StoreStats, Verification
from headroom.stores.in_memory import InMemoryStore
from headroom.stores.settled import InMemorySettled, SqliteSettled
from headroom.stores.sqlite import SqliteStore

__all__ = [
    "Entry",
    "InMemorySettled",
    "InMemoryStore",
    "Retention",
    "Settled",
    "SqliteSettled",
    "SqliteStore",
    "Store",
    "StoreStats",
    "Verification",
]
