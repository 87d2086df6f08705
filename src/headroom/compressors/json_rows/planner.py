"""Lays a table out: each field is a constant, a rule, or a column.

Its rule: what is said in fewer places wins, in this order: equal in all records, following
from other columns, counting, and only then cells. Child tables add their facts to their
parent's.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from headroom.compressors.json_rows.cells import cell, cells, joined, said
from headroom.compressors.json_rows.choose import named_fields
from headroom.compressors.json_rows.columns import Column
from headroom.compressors.json_rows.derive import (
    UNLESS,
    Rule,
    Templates,
    affixes,
)
from headroom.compressors.json_rows.fields import Child, Cited, Constant, Path, Plain, fields_of
from headroom.compressors.json_rows.layout import Layout, Shown, dotted, grouped
from headroom.compressors.json_rows.repeats import Citation, Citations, Entity
from headroom.compressors.json_rows.sections import Candidate, day_prefixes
from headroom.compressors.json_rows.sequences import sequence
from headroom.compressors.json_rows.shorten import Shortened, shorten
from headroom.compressors.json_rows.twins import Twins
from headroom.compressors.json_rows.values import compact, holds_record
from headroom.compressors.json_rows.weight import weight

_WORTH_SPLITTING = 32
"""Tokens that a common beginning must be worth: a value said in two places is read less surely,
and copied less surely, than one that stands whole."""


class Planner:
    """Lays out tables against one document's citations; `coded` allows codes and lookups."""

    def __init__(self, citations: Citations, coded: bool) -> None:
        self._citations = citations
        self.coded = coded
        self.cited: dict[str, Entity] = {}

    def plan(
        self, records: list[dict[str, Any]], prefix: str = "", keep: str | None = None
    ) -> Layout | None:
        """The layout of a table; a `prefix` says that it stands in another's cells. The field
        `keep` is always a column. None where the records are too unlike for a table."""
        fields = fields_of(records, self._citations)
        if fields is None:
            return None
        draft = _Draft(self, len(records), prefix, keep)
        draft.keep(named_fields(records))
        for entry in fields:
            draft.add(entry)
        return draft.finish()

    def constant(self, value: Any) -> str:
        """A value said once for all records."""
        if type(value) is dict or type(value) is list:
            return self.written(value)
        return cell(value, inner=True)

    def cite(self, citation: Citation) -> str:
        """The mark that stands for a repeated record outside of tables."""
        return f"<{self.used(citation.entity).name} {citation.key}>"

    def used(self, entity: Entity) -> Entity:
        """Note that the entity is cited, so that its table is written."""
        self.cited.setdefault(entity.name, entity)
        return entity

    def written(self, value: Any) -> str:
        """Compact JSON with repeated records cited."""
        if not self._citations:
            return compact(value)
        if type(value) is dict:
            citation = self._citations.get(id(value))
            if citation is not None:
                return self.cite(citation)
            return (
                "{" + ",".join([f"{compact(k)}:{self.written(v)}" for k, v in value.items()]) + "}"
            )
        if type(value) is list and holds_record(value):
            return "[" + ",".join(map(self.written, value)) + "]"
        return compact(value)


class _Draft:
    """One table being laid out."""

    def __init__(self, planner: Planner, size: int, prefix: str, keep: str | None) -> None:
        self._planner = planner
        self._prefix = prefix
        self._inner = bool(prefix)
        self._entity = keep is not None
        self._keep: set[Path] = {(keep,)} if keep is not None else set()
        self._size = size
        self._constants: list[tuple[Path, str]] = []
        self._facts: list[str] = []
        self._plain: list[Plain] = []
        self._shown: dict[int, Shown] = {}
        self._cited: list[Column] = []
        self._days: dict[Path, Candidate] = {}
        self._order = 0
        self._places: dict[Path, int] = {}

    def keep(self, names: Sequence[str]) -> None:
        """Leave these fields as columns that say each value in full."""
        if not self._inner:
            self._keep |= {(name,) for name in names}

    def add(self, entry: Plain | Constant | Cited | Child) -> None:
        """Take one field in."""
        self._order += 1
        self._places[entry.path] = self._order
        if isinstance(entry, Constant):
            self._constants.append((entry.path, "=" + self._planner.constant(entry.value)))
        elif isinstance(entry, Plain):
            self._plain.append(entry)
        elif isinstance(entry, Cited):
            self._add_cited(entry)
        else:
            self._add_child(entry)

    def _show(self, path: Path, suffix: str, written: list[str]) -> None:
        self._shown[self._places[path]] = Shown(path, suffix, written)

    def _add_cited(self, entry: Cited) -> None:
        self._planner.used(entry.entity)
        if entry.lists:
            written = [
                f"[{joined(keys)}]" if type(keys) is list else cell(keys, inner=True)
                for keys in entry.keys
            ]
            self._show(entry.path, f"[]:{entry.entity.name}", written)
            return
        written = [key if type(key) is str else cell(key, inner=True) for key in entry.keys]
        self._show(entry.path, f":{entry.entity.name}", written)
        self._cited.append(Column(dotted(entry.path), entry.keys))

    def _add_child(self, entry: Child) -> None:
        prefix = f"{self._prefix}{dotted(entry.path)}{entry.kind}."
        layout = self._planner.plan(entry.records, prefix)
        if layout is None:
            self._plain.append(Plain(entry.path, entry.values))
            return
        self._facts.extend(layout.facts)
        rows = [f"({row})" for row in layout.rows()]
        taken = list(accumulate((n if type(n) is int else 0 for n in entry.counts), initial=0))
        empty = "()" if entry.kind == "?" else entry.kind
        written = [
            ("".join(rows[start : start + n]) or empty) if type(n) is int else cell(n, inner=True)
            for start, n in zip(taken, entry.counts, strict=False)
        ]
        self._show(entry.path, f"{entry.kind}({layout.header()})", written)

    def finish(self) -> Layout:
        """The layout, once all fields are in."""
        for path, column in self._derive():
            self._say(path, column)
        columns = [self._shown[place] for place in sorted(self._shown)]
        sectioned = not self._inner and not self._entity
        done: Shortened = shorten(
            columns,
            self._days,
            self._prefix,
            frozenset(self._keep),
            coded=self._planner.coded,
            sectioned=sectioned,
        )
        facts = [*self._facts, *done.facts]
        if self._inner:
            where = self._prefix[:-1]
            if self._constants:
                facts.append(f"same in all {where}: {grouped(self._constants)}")
            if done.empties:
                facts.append(f"empty cells {where}: {grouped(done.empties)}")
        return Layout(self._size, self._constants, done.empties, facts, done.columns, done.sections)

    def _derive(self) -> list[tuple[Path, Column]]:
        """The fields that follow from no other; the rest become facts."""
        left: list[tuple[Path, Column]] = []
        names = {dotted(entry.path) for entry in self._plain} | {c.name for c in self._cited}
        templates = Templates(names)
        twins = Twins()
        for cited in self._cited:
            templates.offer(cited)
        for entry in sorted(self._plain, key=lambda entry: _bulk(entry.values)):
            field = Column(dotted(entry.path), entry.values)
            rule = None
            if entry.path not in self._keep:
                rule = twins.find(field) or templates.find(field) or twins.nearly(field)
            templates.offer(field)
            twins.offer(field)
            if rule is None:
                left.append((entry.path, field))
            else:
                self._say_rule(entry.path, rule)
        return left

    def _say_rule(self, path: Path, rule: Rule) -> None:
        unless = UNLESS if rule.unless else ""
        self._facts.append(f"{self._prefix}{dotted(path)} = {rule.text}{unless}")
        if rule.rest is None:
            return
        if not rule.unless:
            self._show(path, "", cells(Column("", rule.rest), self._inner, text=True))
            return
        self._show(path, "", cells(Column("", rule.rest), self._inner))

    def _say(self, path: Path, column: Column) -> None:
        label = self._prefix + column.name
        kept = path in self._keep
        if not self._inner and not kept:
            counted = sequence(column.values)
            if counted is not None:
                self._facts.append(f"{label} runs {counted}")
                return
        texts = None if kept else column.texts()
        if texts is not None and self._say_days(path, texts):
            return
        if texts is not None and len(texts) > 3:
            prefix, suffix = affixes(texts)
            if suffix.startswith("."):
                suffix = ""  # a file's name is copied with its ending
            gain = weight(prefix) + weight(suffix) if prefix or suffix else 0
            price = max(weight(label) + 3 + gain, _WORTH_SPLITTING)
            if gain * len(texts) > price and _can_frame(prefix, suffix):
                self._facts.append(f"{label} = {prefix}{{}}{suffix}")
                rest = [text[len(prefix) : len(text) - len(suffix)] for text in texts]
                self._show(path, "", cells(Column("", rest), self._inner, text=True))
                return
        ending, written, general = said(column, self._inner)
        self._shown[self._places[path]] = Shown(path, ending, written, general)

    def _say_days(self, path: Path, texts: list[str]) -> bool:
        """A column of times by the day, where rows of one day stand together."""
        days = None if self._inner or self._entity else day_prefixes(texts)
        if days is None:
            return False
        rest = [text[len(day) :] for text, day in zip(texts, days, strict=True)]
        above = cells(Column("", days), inner=False, text=True)
        self._days[path] = Candidate(f"{dotted(path)} starts ", above)
        self._show(path, "", cells(Column("", rest), inner=False, text=True))
        return True


def _bulk(values: list[Any]) -> int:
    return sum([len(v) for v in (values[0], values[-1]) if type(v) is str])


def _can_frame(prefix: str, suffix: str) -> bool:
    text = prefix + suffix
    return (
        text.isprintable()
        and "{" not in text
        and "}" not in text
        and text == text.strip()
        and not text.startswith('"')
    )
