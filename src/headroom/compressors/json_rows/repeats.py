"""Records that a document says again and again: found once, named, cited by one short key.

    user: 12 records, cited by login

Its rule: records belong together when they have the same keys in the same order; they are
worth a table of their own when most of them are copies. It decides what is cited, not how it
is written.
"""

import re
from collections import Counter
from typing import Any, NamedTuple

import orjson

from headroom.compressors.json_rows.values import NUMBER
from headroom.compressors.json_rows.walk import Shapes

_LEAST_BYTES = 40
_MOST_DISTINCT = 0.6
_KEY = re.compile(r"[A-Za-z\d][\w.@/:-]*\Z", re.ASCII)
_GOOD_KEYS = ("login", "name", "id", "key", "handle", "title", "slug", "email")
_WORD = re.compile(r"\W+")


class Entity(NamedTuple):
    """One kind of repeated record: its distinct `records`, each cited by the key beside it.

    `field` names the column that the keys come from; None: they are row numbers, `#1`.
    """

    name: str
    field: str | None
    records: list[dict[str, Any]]
    keys: list[str]


class Citation(NamedTuple):
    """Where a record is said: the entity and the key."""

    entity: Entity
    key: str


Citations = dict[int, Citation]
"""From the `id()` of a repeated record to what stands for it."""


def find_repeats(
    value: Any, shapes: Shapes, rows: set[int], left_out: set[int]
) -> tuple[list[Entity], Citations]:
    """The repeated records within `value`, which `shapes` holds all of. Records whose `id()`
    is in `rows` are rows of a table and are written out where they stand; those in `left_out`
    are not written at all."""
    candidates = _candidates(shapes, rows)
    if not candidates:
        return [], {}
    survey = _Survey(candidates, left_out)
    survey.visit(value, "record")
    return _name_all(survey)


def _candidates(shapes: Shapes, rows: set[int]) -> dict[int, bytes]:
    """The written form of each record that may be a copy, by `id()`."""
    found: dict[int, bytes] = {}
    for keys, group in shapes.items():
        records = [record for record in group if id(record) not in rows]
        if len(records) < 2 or len(keys) < 2 or "#" in keys:
            continue
        head = {orjson.dumps(record) for record in records[:16]}
        if len(records) >= 64 and len(head) == 16:
            spread = records[:: len(records) // 32]
            if len({orjson.dumps(record) for record in spread}) == len(spread):
                continue
        written = list(map(orjson.dumps, records))
        distinct = set(written)
        if len(distinct) > _MOST_DISTINCT * len(written):
            continue
        if sum(map(len, distinct)) < _LEAST_BYTES * len(distinct):
            continue
        found.update(zip(map(id, records), written, strict=True))
    return found


class _Survey:
    """Counts what would really be said twice once outer copies are gone."""

    def __init__(self, candidates: dict[int, bytes], left_out: set[int]) -> None:
        self._candidates = candidates
        self._left_out = left_out
        self.distinct: dict[bytes, dict[str, Any]] = {}
        self.places: list[tuple[dict[str, Any], bytes, str]] = []

    def visit(self, value: Any, name: str) -> None:
        if type(value) is dict:
            if not self._enter(value, name):
                return
            for key, inside in value.items():
                if type(inside) is dict or type(inside) is list:
                    self.visit(inside, key)
        else:
            for inside in value:
                if type(inside) is dict or type(inside) is list:
                    self.visit(inside, name)

    def _enter(self, record: dict[str, Any], name: str) -> bool:
        written = self._candidates.get(id(record))
        if written is None:
            return id(record) not in self._left_out
        self.places.append((record, written, name))
        if written in self.distinct:
            return False
        self.distinct[written] = record
        return True


def _name_all(survey: _Survey) -> tuple[list[Entity], Citations]:
    groups: dict[tuple[str, ...], dict[bytes, dict[str, Any]]] = {}
    for written, record in survey.distinct.items():
        groups.setdefault(tuple(record), {})[written] = record
    counts = Counter([written for _, written, _ in survey.places])
    entities: list[Entity] = []
    cited: dict[bytes, Citation] = {}
    taken: set[str] = {"str", "json"}
    for group in groups.values():
        count = sum([counts[written] for written in group])
        size = sum(map(len, group)) / len(group)
        saved = (count - len(group)) * size
        if len(group) > _MOST_DISTINCT * count or saved < 100:
            continue
        names = Counter([name for _, written, name in survey.places if written in group])
        name = free_name(names.most_common(1)[0][0], taken)
        records = list(group.values())
        field, texts = _choose_key(records)
        entity = Entity(name, field, records, texts)
        entities.append(entity)
        for written, text in zip(group, texts, strict=True):
            cited[written] = Citation(entity, text)
    places = {id(r): cited[w] for r, w, _ in survey.places if w in cited}
    return entities, places


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted` as a plain word that nothing else is called, now taken."""
    base = _WORD.sub("_", wanted)[:40].strip("_") or "record"
    if base[0].isdigit():
        base = f"record_{base}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}{number}", number + 1
    taken.add(name)
    return name


def _choose_key(records: list[dict[str, Any]]) -> tuple[str | None, list[str]]:
    """The field whose values name the records best, else row numbers."""
    best: tuple[float, str, list[str]] | None = None
    for field in records[0]:
        values = [record[field] for record in records]
        if set(map(type, values)) != {str} or len(set(values)) < len(values):
            continue
        texts = [value.lstrip(NUMBER) for value in values]
        if not all(map(_KEY.match, texts)) or "null" in texts or "true" in texts:
            continue
        length = sum(map(len, texts)) / len(texts)
        cost = length * (0.5 if field.lower() in _GOOD_KEYS else 1.0)
        if length <= 40 and (best is None or cost < best[0]):
            best = (cost, field, texts)
    if best is None:
        return None, [f"#{number}" for number in range(1, len(records) + 1)]
    return best[1], best[2]
