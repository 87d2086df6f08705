"""A session played twice: straight to a simulated provider, which is the bill without us, and
through the proxy to another one, which is the bill with us. And what our own counts say of both.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from acting import Step, model

from headroom.wire import Usage
from provider_cache import Clock, Provider
from running import proxied
from scripted_upstream import in_thread

TIERS = ("fresh", "cache_read", "cache_write", "output", "cache_write_long")

Play = Callable[[str, Clock], Any]
"""Plays a whole session against a URL; time goes by on the clock."""


class Counted(NamedTuple):
    """One request in our counts; `events` as (kind, label). Where upstream `reported` nothing,
    both usages are zero."""

    before: Usage
    after: Usage
    events: tuple[tuple[str, str], ...]
    reported: bool


@dataclass(frozen=True, slots=True)
class Played:
    """Both bills, request by request, and our counts of the same requests."""

    straight: Sequence[Usage]
    ours: Provider
    counted: Sequence[Counted]

    @property
    def before(self) -> Usage:
        """What our counts say the bill would have been."""
        return sum((each.before for each in self.counted), Usage())

    @property
    def after(self) -> Usage:
        """What our counts say it was."""
        return sum((each.after for each in self.counted), Usage())

    @property
    def bill(self) -> Usage:
        """What it truly would have been."""
        return sum(self.straight, Usage())

    def labels(self, kind: str) -> list[str]:
        """What our counts tell of events of a kind."""
        return [label for each in self.counted for name, label in each.events if name == kind]


def played(
    play: Play,
    steps: Sequence[Step],
    folder: Path,
    *,
    hidden: Sequence[Step] | None = None,
    **proxy: Any,
) -> Played:
    """Both plays. `steps` are the model's without us; `hidden` those with us, where they differ."""
    clock = Clock()
    straight = Provider(model(*steps), clock)
    with in_thread(straight) as upstream:
        play(upstream.url, clock)
    clock = Clock()
    ours = Provider(model(*(steps if hidden is None else hidden)), clock)
    with (
        in_thread(ours) as upstream,
        proxied(upstream.url, folder, now=clock, **proxy) as running,
    ):
        play(running.url, clock)
    return Played(straight.bills, ours, _counts(folder / "home"))


def _counts(home: Path) -> list[Counted]:
    connection = sqlite3.connect(home / "counts.db")
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM exchanges ORDER BY id").fetchall()
    connection.close()
    return [
        Counted(
            Usage(*(row[f"before_{name}"] or 0 for name in TIERS)),
            Usage(*(row[name] or 0 for name in TIERS)),
            tuple((kind, label) for kind, label, *_ in json.loads(row["events"])),
            row["fresh"] is not None,
        )
        for row in rows
    ]
