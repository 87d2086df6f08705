"""Events that name their parent, as the threads that were really sent.

The links form trees. Of each tree one thread counts: the way from its root to its last
message, with the parts of an answer and the results of its calls that hang beside the way
because they came in parallel. It knows nothing of files and their spelling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `parent` is the uuid of the one before it, "" where it begins a thread, None
    where nothing is said: then it follows the former event of its branch. `message` is None
    where the event only links others."""

    uuid: str
    parent: str | None
    branch: str
    message: dict[str, Any] | None
    session: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The events with a message on the way from `root` to the last one, in their order;
    `abandoned` counts those that are not on it."""

    root: Event
    events: list[Event]
    abandoned: int


def threads(events: Sequence[Event]) -> list[Thread]:
    """A thread for each tree that holds a message, in the order of their roots."""
    parents = _parents(events)
    trees: dict[int, list[int]] = {}
    roots: list[int] = []
    for index, parent in enumerate(parents):
        roots.append(index if parent is None else roots[parent])
        trees.setdefault(roots[index], []).append(index)
    found = []
    for root, members in trees.items():
        told = [index for index in members if events[index].message is not None]
        if told:
            way = _way(told[-1], parents)
            kept = _with_parallel(told, way, events)
            found.append(Thread(events[root], kept, len(told) - len(kept)))
    return found


def _parents(events: Sequence[Event]) -> list[int | None]:
    """The index of each event's parent, which always stands before it. A parent that is not
    in the file is taken to be the former event of the branch."""
    places: dict[str, int] = {}
    latest: dict[str, int] = {}
    parents: list[int | None] = []
    for index, event in enumerate(events):
        parent = None if event.parent == "" else places.get(event.parent or "")
        if parent is None and event.parent != "":
            parent = latest.get(event.branch)
        if parent is not None and events[parent].branch != event.branch:
            parent = latest.get(event.branch)
        parents.append(parent)
        if event.uuid:
            places[event.uuid] = index
        latest[event.branch] = index
    return parents


def _way(leaf: int, parents: Sequence[int | None]) -> set[int]:
    way = set()
    at: int | None = leaf
    while at is not None:
        way.add(at)
        at = parents[at]
    return way


def _with_parallel(told: Iterable[int], way: set[int], events: Sequence[Event]) -> list[Event]:
    """The events on the way, the other parts of the answers on it, and the results of their
    calls."""
    answers = {_answer(events[index]) for index in told if index in way} - {""}
    near = [index for index in told if index in way or _answer(events[index]) in answers]
    calls = {call for index in near for call in _blocks(events[index], "tool_use", "id")}
    kept = set(near)
    for index in told:
        results = _blocks(events[index], "tool_result", "tool_use_id")
        if results and calls.issuperset(results):
            kept.add(index)
    return [events[index] for index in told if index in kept]


def _answer(event: Event) -> str:
    message = event.message or {}
    return str(message.get("id") or "") if message.get("role") == "assistant" else ""


def _blocks(event: Event, kind: str, key: str) -> set[str]:
    content = (event.message or {}).get("content")
    return {
        str(block.get(key))
        for block in (content if isinstance(content, list) else ())
        if isinstance(block, dict) and block.get("type") == kind
    }
