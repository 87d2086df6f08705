"""What belongs to one project: its store, what was decided there, and the engines over both.

One process has one of each for a project, shared by all requests. Without a usable store
nothing is omitted, and the reason is told.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import replace

from headroom.attempts import attempt
from headroom.compressors import built_in
from headroom.conversation import Block, Conversation, Kind, Message
from headroom.engine import Engine
from headroom.errors import StoreError
from headroom.ledger import Ledger
from headroom.policy import Policy
from headroom.proxy.memory import SessionMemory
from headroom.settings import Settings
from headroom.stores import Retention, SqliteStore
from headroom.tokens import TokenCounter, counter_for

_MAX_PROJECTS = 64
_MAX_NAME = 200
_PROBE = b"proxy:is the store there?"
_TRY_AGAIN_SECONDS = 5.0
_BUSY_SECONDS = 3.0
"""A put waits no longer for another writer: a text whose original cannot be kept passes whole."""


class Project:
    """`trouble` says why there is no store; empty while there is one."""

    def __init__(self, settings: Settings, name: str) -> None:
        retention = Retention(days=settings.store_days, max_bytes=settings.store_bytes)
        store = SqliteStore(
            settings.home, scope=name, retention=retention, busy_seconds=_BUSY_SECONDS
        )
        self.name = name
        self.opened = time.monotonic()
        self.trouble = ""
        self.store: SqliteStore | None = store
        try:
            store.settled.get([_PROBE])
        except StoreError as error:
            self.store, self.trouble = None, str(error)
        settled = None if self.store is None else self.store.settled
        self.memory = SessionMemory(settled, alone=settings.proxy.workers == 1)
        self.ledger = Ledger(settled)
        self._policy = settings.policy
        self._compressors = built_in()
        self._engines: dict[tuple[str, bool, bool], Engine] = {}

    def is_to_be_tried_again(self) -> bool:
        """Whether the store, which could not be used, may have come back."""
        return bool(self.trouble) and time.monotonic() - self.opened > _TRY_AGAIN_SECONDS

    def engine(self, model: str, *, omit: bool) -> Engine:
        """The engine for a model, which may omit or not."""
        counter = counter_for(model)
        key = (counter.name, counter.exact, omit)
        if key not in self._engines:
            self._engines[key] = self._made(counter, omit)
        return self._engines[key]

    def _made(self, counter: TokenCounter, omit: bool) -> Engine:
        policy: Policy = self._policy if omit else replace(self._policy, omit=False)
        return Engine(self._compressors, counter, policy, self.store, self.ledger)

    def close(self) -> None:
        """Give the store's files back."""
        self.ledger.flush()
        self.memory.flush()
        if self.store is not None:
            self.store.close()


class Projects:
    """Projects by name, the least recently used going first. Safe between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Project] = OrderedDict()

    def get(self, name: str) -> Project:
        """The project of that name; the settings' own where it is empty."""
        name = name[:_MAX_NAME] or self.settings.project
        with self._lock:
            project = self._open.get(name)
            if project is None or project.is_to_be_tried_again():
                project = self._open[name] = Project(self.settings, name)
                while len(self._open) > _MAX_PROJECTS:
                    self._open.popitem(last=False)[1].close()
            self._open.move_to_end(name)
            return project

    def opened(self) -> list[Project]:
        """Those that are in use."""
        with self._lock:
            return list(self._open.values())

    def warm(self) -> None:
        """Load what all requests share, so that the first does not wait for it."""
        said = Block(("messages", 0), Kind.USER_TEXT, "warm")
        talk = Conversation("", (Message("user", (said,)),))
        attempt(lambda: self.get("").engine("", omit=False).decide(talk))

    def close(self) -> None:
        """Give all files back."""
        with self._lock:
            for project in self._open.values():
                project.close()
            self._open.clear()
