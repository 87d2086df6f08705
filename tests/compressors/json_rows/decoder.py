"""The way back from a folded text, written from the format's description alone.

It imports nothing of the product; `spelling` reads cells and names, this file what they mean.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from spelling import MISSING, Cite, Number, Scanner, parse_json, scalar

STARTS = "\0starts"
UNLESS = " (unless given)"


TITLE = re.compile(
    r"(?:(?P<name>\w+)(?: part (?P<part>\d+))?: )?(?P<size>\d+) (?P<noun>records?|entry|entries|JSON lines)"
    r"(?:, cited by (?P<key>.+)|, rows (?P<rows>[\d,-]+))?\Z"
)
SPELLINGS = {
    "lower": lambda t: t.lower(),
    "lower, . for space": lambda t: t.lower().replace(" ", "."),
    "lower, - for space": lambda t: t.lower().replace(" ", "-"),
    "lower, _ for space": lambda t: t.lower().replace(" ", "_"),
    "lower, no spaces": lambda t: t.lower().replace(" ", ""),
    "%20 for space": lambda t: t.replace(" ", "%20"),
}


@dataclass
class Col:
    path: tuple[str, ...]
    kind: str  # "", "str", "[]", "{}", "?", "cite", "cites"
    entity: str = ""
    table: "Table | None" = None


@dataclass
class Table:
    cols: list[Col] = field(default_factory=list)
    consts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    rules: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    runs: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    lookups: list[tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]] = field(
        default_factory=list
    )
    empties: dict[tuple[str, ...], str] = field(default_factory=dict)
    repeats: list[tuple[tuple[str, ...], str, list[str]]] = field(default_factory=list)
    legends: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    first_row: int = 0

    def find(self, path: tuple[str, ...]) -> "Col | None":
        return next((col for col in self.cols if col.path == path), None)


def header(scan: Scanner, prefix: tuple[str, ...] = ()) -> list[Col]:
    cols: list[Col] = []
    while scan.peek() not in ("", ")"):
        path = (*prefix, *scan.path())
        if scan.at(".("):
            cols += header(scan, path)
            scan.take(")")
        elif scan.at("[]:"):
            cols.append(Col(path, "cites", scan.until(",)")))
        elif scan.at(":"):
            kind = scan.until(",)")
            cols.append(Col(path, kind) if kind in ("str", "json") else Col(path, "cite", kind))
        elif any(scan.at(kind := k) for k in ("[](", "{}(", "?(")):
            inside = header(scan)
            scan.take(")")
            kind = kind[:-1]
            cols.append(Col(path, kind, table=Table(inside)))
        else:
            cols.append(Col(path, ""))
        if not scan.at(","):
            break
    return cols


def constants(scan: Scanner, prefix: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    found = []
    while scan.peek() not in ("", ")"):
        path = (*prefix, *scan.path())
        if scan.at(".("):
            found += constants(scan, path)
            scan.take(")")
        else:
            scan.take("=")
            found.append((path, scan.raw_cell(inner=True)))
        if not scan.at(","):
            break
    return found


def located(root: Table, scan: Scanner) -> tuple[Table, tuple[str, ...]]:
    """The table and column that a fact's name means: `a.b[].c` is column c of the table b."""
    table = root
    while True:
        path = scan.path()
        for kind in ("[].", "{}.", "?."):
            if scan.at(kind):
                col = table.find(path)
                assert col is not None, path
                assert col.table is not None, path
                table = col.table
                break
        else:
            return table, path


def pairs(scan: Scanner, inner: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    while True:
        key = scan.until("=")
        scan.take("=")
        assert key not in found
        found[key] = scan.raw_cell(inner)
        if not scan.at(","):
            assert scan.peek() == ""
            return found


def read_fact(root: Table, line: str) -> None:
    scan = Scanner(line)
    table, path = located(root, scan)
    inner = table is not root
    if scan.at(" = "):
        table.rules.append((path, line[scan.place :]))
    elif scan.at(" runs "):
        table.runs.append((path, line[scan.place :]))
    elif scan.at(" in each section: ") or scan.at(":str in each section: "):
        kind = "str" if ":str in each" in line else ""
        table.repeats.append((path, kind, cells_in(scan)))
    elif scan.at(" values: "):
        table.legends[path] = pairs(scan, inner)
    else:
        scan.take(" by ")
        other, by = located(root, scan)
        assert other is table
        scan.take(": ")
        table.lookups.append((path, by, pairs(scan, inner)))


def cells_in(scan: Scanner) -> list[str]:
    found = [scan.raw_cell(inner=False)]
    while scan.at(","):
        found.append(scan.raw_cell(inner=False))
    return found


def child_constants(root: Table, line: str, empties: bool) -> None:
    scan = Scanner(line, len("empty cells ") if empties else len("same in all "))
    table = root
    while True:
        path = scan.path()
        kind = next(k for k in ("[]", "{}", "?") if scan.at(k))
        assert kind
        col = table.find(path)
        assert col is not None
        assert col.table is not None
        table = col.table
        if scan.at(": "):
            if empties:
                table.empties |= dict(constants(scan))
            else:
                table.consts += constants(scan)
            return
        scan.take(".")


def counted(said: str, size: int) -> list[Any]:
    found = re.fullmatch(r"(\"?)(-?\d+)\"? to \"?(-?\d+)\"?(?: by (-?\d+))?", said)
    if found:
        step = int(found[4] or 1)
        made = [str(int(found[2]) + step * n) for n in range(size)]
        assert made[-1] == found[3]
        return [text if found[1] else Number(text) for text in made]
    found = re.fullmatch(r"(\S+(?: \d\d:\S+)?) to (.+) by (-?\d+) (days|seconds)", said)
    assert found, said
    first = found[1]
    size_of = 19 if len(first) > 10 else 10
    step = timedelta(**{found[4]: int(found[3])})
    start = datetime.fromisoformat(first[:size_of])
    made = [
        (start + step * n).isoformat(first[10:11] or "T")[:size_of] + first[size_of:]
        for n in range(size)
    ]
    assert made[-1] == found[2]
    return made


def read_line(root: Table, line: str) -> None:
    if line.startswith("same in all: "):
        root.consts += constants(Scanner(line, len("same in all: ")))
    elif line.startswith("same in all "):
        child_constants(root, line, empties=False)
    elif line.startswith("empty cells: "):
        root.empties |= dict(constants(Scanner(line, len("empty cells: "))))
    elif line.startswith("empty cells "):
        child_constants(root, line, empties=True)
    else:
        read_fact(root, line)


def whole_rows(root, rows, sections, starts) -> list[list[str]]:
    """Each row's cells, those said above it and in each section included."""
    above = [path for path, _ in (sections[0] if sections else [])]
    own = len(root.cols)
    root.cols = [Col(p, "") if p[-1] == STARTS else Col(p[:-1], p[-1]) for p in above] + root.cols
    cells = []
    for row, section_cells in zip(rows, sections, strict=True):
        assert [path for path, _ in section_cells] == above
        cells.append([text for _, text in section_cells] + split_row(row, own, inner=False))
    for path, kind, repeated in root.repeats:
        root.cols.append(Col(path, kind))
        since = 0
        for number in range(len(rows)):
            since = 0 if number in starts else since + 1
            cells[number].append(repeated[since])
    return cells


class Decoder:
    def __init__(self, text: str) -> None:
        self.entities: dict[str, dict[str, Any]] = {}
        self.lists: dict[str, dict[int, Any]] = {}
        self.maps: set[str] = set()
        lines = text.split("\n")
        self.skeleton: str | None = None
        if lines[0][:1] in ("{", "[", "<"):
            self.skeleton = lines[0]
            assert lines[1] == ""
            lines = lines[2:]
        self.root: list[Any] | None = None
        while lines:
            lines = self.block(lines)

    def block(self, lines: list[str]) -> list[str]:
        title = TITLE.match(lines[0])
        assert title, lines[0]
        size = int(title["size"])
        root = Table()
        place = 1
        facts: list[str] = []
        while place < len(lines) and lines[place] and not lines[place].startswith("columns: "):
            facts.append(lines[place])
            place += 1
        rows = [""] * size
        sections: list[list[tuple[tuple[str, ...], str]]] = [[] for _ in range(size)]
        starts: set[int] = set()
        if place < len(lines) and lines[place].startswith("columns: "):
            scan = Scanner(lines[place], len("columns: "))
            root.cols = header(scan)
            assert scan.peek() == "", lines[place]
            place += 1
            now: list[tuple[tuple[str, ...], str]] = []
            taken = 0
            rows = []
            while taken < size:
                line = lines[place]
                place += 1
                if line.startswith("## "):
                    now = section(line)
                    starts.add(taken)
                    continue
                rows.append(line)
                sections[taken] = now
                taken += 1
        for line in facts:
            read_line(root, line)
        records = self.records(root, whole_rows(root, rows, sections, starts))
        self.keep(title, records)
        if place < len(lines):
            assert lines[place] == "", lines[place]
            place += 1
        return lines[place:]

    def keep(self, title: Any, records: list[Any]) -> None:
        name = title["name"]
        if title["key"]:
            by = title["key"]
            table = self.entities.setdefault(name, {})
            for number, record in enumerate(records, 1):
                if by == "#":
                    key = record.pop("#")
                    assert key == f"#{number}"
                else:
                    value = record[Scanner(by).step()]
                    key = value.spelled if isinstance(value, Number) else value
                assert key not in table
                table[key] = record
            return
        if title["noun"].startswith("entr"):
            made = as_map(records)
            records = made  # type: ignore[assignment]
        if name is None:
            self.root = records
            return
        if title["rows"] is None:
            assert name not in self.lists
            self.lists[name] = {0: records}
            self.maps.add(name)
            return
        table = self.lists.setdefault(name, {})
        if title["noun"].startswith("entr"):
            self.maps.add(name + "/map")
            records = [{k: v} for k, v in records.items()]  # type: ignore[union-attr]
        numbers = places(title["rows"])
        assert len(numbers) == len(records)
        for number, record in zip(numbers, records, strict=True):
            assert number not in table
            table[number] = record

    # --- rebuilding
    def records(self, table: Table, rows: list[list[str]]) -> list[dict[str, Any]]:
        size = len(rows)
        texts = said_cells(table, rows)
        kinds = {col.path: col for col in table.cols}
        ruled = {path for path, _ in table.rules}
        values: dict[tuple[str, ...], list[Any]] = {}
        for path, cells in texts.items():
            days = texts.get((*path, STARTS))
            if days is not None:
                values[path] = [
                    scalar(day, strings=True) + scalar(c, strings=True)
                    for day, c in zip(days, cells, strict=True)
                ]
            elif path not in ruled and path[-1] != STARTS:
                values[path] = self.column(kinds.get(path, Col(path, "")), cells)
        for path, said in table.runs:
            values[path] = counted(said, size)
        for path, text in table.consts:
            value = Scanner(text).extended() if text[:1] == "<" else scalar(text)
            values[path] = [value] * size
        self.derive(table, values, texts, kinds, size)
        return [build({path: column[n] for path, column in values.items()}) for n in range(size)]

    def derive(self, table, values, texts, kinds, size) -> None:
        waiting = list(table.rules)
        names = {}
        for path in [*values, *[path for path, _ in table.rules]]:
            names[dotted(path)] = path
        while waiting:
            later = []
            for path, rule in waiting:
                refs = [r for r in re.findall(r"\{([^{}]*)\}", rule) if source(r, names)]
                needed = [source(r, names)[0] for r in refs]
                if any(n not in values for n in needed):
                    later.append((path, rule))
                else:
                    said = texts.get(path, [""] * size)
                    values[path] = [
                        self.ruled(rule, refs, said[n], n, (names, values, texts, kinds))
                        for n in range(size)
                    ]
            assert len(later) < len(waiting), (later, list(names))
            waiting = later

    def ruled(self, rule, refs, said, n, known) -> Any:
        names, values, _, _ = known
        pattern = rule
        if rule.endswith(UNLESS):
            if said != "":
                return scalar(said)
            pattern = rule[: -len(UNLESS)]
        if refs and pattern == "{" + refs[0] + "}" and refs[0] in names:
            return values[names[refs[0]]][n]
        if pattern[0] == '"' and pattern[-1] == '"':
            pattern = pattern[1:-1]
        return re.sub(
            r"\{([^{}]*)\}",
            lambda m: scalar(said, strings=True) if m[1] == "" else self.filled(m, n, *known),
            pattern,
        )

    def filled(self, match, n, names, values, texts, kinds) -> str:
        found = source(match[1], names)
        if not found:
            return match[0]
        path, spell = found
        value = texts[path][n] if path in kinds and kinds[path].kind == "cite" else values[path][n]
        text = value.spelled if isinstance(value, Number) else value
        assert isinstance(text, str), text
        return SPELLINGS[spell](text) if spell else text

    def column(self, col: Col, cells: list[str]) -> list[Any]:
        if col.kind == "cite":
            return [Cite(col.entity, c) if c not in ("", "null") else scalar(c) for c in cells]
        if col.kind == "cites":
            return [
                [Cite(col.entity, key) for key in c[1:-1].split(",") if key]
                if c not in ("", "null")
                else scalar(c)
                for c in cells
            ]
        if col.table is not None:
            return self.children(col, cells)
        if col.kind == "json":
            return [scalar(c) if c in ("", "null") else c for c in cells]
        return [scalar(c, strings=col.kind == "str") for c in cells]

    def children(self, col: Col, cells: list[str]) -> list[Any]:
        assert col.table is not None
        rows: list[list[str]] = []
        counts: list[int | None] = []
        for c in cells:
            if c[:1] != "(":
                counts.append(None)
                continue
            if c == "()" and col.kind == "?":
                counts.append(1)
                rows.append(split_row("", len(col.table.cols), inner=True))
                continue
            scan = Scanner(c)
            count = 0
            while scan.at("("):
                rows.append(split_in(scan, len(col.table.cols)))
                scan.take(")")
                count += 1
            assert scan.peek() == ""
            counts.append(count)
        records = self.records(col.table, rows)
        made: list[Any] = []
        place = 0
        for c, count in zip(cells, counts, strict=True):
            if count is None:
                made.append({"[]": [], "{}": {}}[c] if c in ("[]", "{}") else scalar(c))
                continue
            group = records[place : place + count]
            place += count
            made.append(
                group if col.kind == "[]" else group[0] if col.kind == "?" else as_map(group)
            )
        return made

    def resolved(self, value: Any) -> Any:
        if isinstance(value, Cite):
            if value.key == "":
                return self.resolved(self.list_of(value.entity))
            return self.resolved(self.entities[value.entity][value.key])
        if isinstance(value, dict):
            return {key: self.resolved(inside) for key, inside in value.items()}
        if isinstance(value, list):
            return [self.resolved(inside) for inside in value]
        return value

    def list_of(self, name: str) -> Any:
        table = self.lists[name]
        if name in self.maps:
            return table[0]
        assert sorted(table) == list(range(1, len(table) + 1))
        records = [table[n] for n in sorted(table)]
        if name + "/map" in self.maps:
            return {key: value for record in records for key, value in record.items()}
        return records

    def value(self) -> Any:
        if self.skeleton is None:
            return self.resolved(self.root)
        scan = Scanner(self.skeleton)
        made = scan.extended()
        assert scan.peek() == ""
        return self.resolved(made)


def said_cells(table: Table, rows: list[list[str]]) -> dict[tuple[str, ...], list[str]]:
    """The cells by column, with codes, empty cells and lookups undone."""
    texts = {col.path: [row[n] for row in rows] for n, col in enumerate(table.cols)}
    for path, legend in table.legends.items():
        texts[path] = [legend[c] if c not in ("", "null") else c for c in texts[path]]
    for path, empty in table.empties.items():
        texts[path] = [empty if c == "" else c for c in texts[path]]
    for path, by, found in reversed(table.lookups):
        texts[path] = [found[c] for c in texts[by]]
    return texts


def source(ref: str, names: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], str] | None:
    if ref in names:
        return names[ref], ""
    name, colon, spell = ref.partition(":")
    if colon and name in names and spell in SPELLINGS:
        return names[name], spell
    return None


def dotted(path: tuple[str, ...]) -> str:
    plain = re.compile(r"[A-Za-z_$@\d/-][\w$@/-]*\Z", re.ASCII)
    # What some readers take for the end of a line is escaped, so that a name stays on its line.
    breakers = {ord(c): f"\\u{ord(c):04x}" for c in "\x7f\x85\u2028\u2029"}
    return ".".join(
        s
        if s in ("*", "#") or plain.match(s)
        else json.dumps(s, ensure_ascii=False).translate(breakers)
        for s in path
    )


def as_map(records: list[dict[str, Any]]) -> dict[str, Any]:
    made = {}
    for record in records:
        key = record.pop("*")
        assert isinstance(key, str)
        assert key not in made
        made[key] = record
    return made


def section(line: str) -> list[tuple[tuple[str, ...], str]]:
    scan = Scanner(line, len("## "))
    found = []
    while True:
        path = scan.path()
        if scan.at(" starts "):
            found.append(((*path, STARTS), scan.raw_cell(inner=False)))
        else:
            kind = "str" if scan.at(":str") else ""
            scan.take("=")
            found.append(((*path, kind), scan.raw_cell(inner=False)))
        if not scan.at(","):
            assert scan.peek() == ""
            return found


def places(said: str) -> list[int]:
    numbers: list[int] = []
    for part in said.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def split_row(row: str, size: int, inner: bool) -> list[str]:
    if size == 0:
        assert row == ""
        return []
    scan = Scanner(row)
    cells = [scan.raw_cell(inner)]
    while scan.at(","):
        cells.append(scan.raw_cell(inner))
    assert scan.peek() == "", (row, cells)
    assert len(cells) == size, (row, size, cells)
    return cells


def split_in(scan: Scanner, size: int) -> list[str]:
    if size == 0:
        return []
    cells = [scan.raw_cell(inner=True)]
    while scan.at(","):
        cells.append(scan.raw_cell(inner=True))
    assert len(cells) == size, (scan.text, size, cells)
    return cells


def build(flat: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in flat.items():
        if value is MISSING:
            continue
        spot = made
        for step in path[:-1]:
            spot = spot.setdefault(step, {})
        assert path[-1] not in spot
        spot[path[-1]] = value
    return made


def decode(text: str) -> Any:
    """The value that `text`, folded or plain JSON or JSON lines, stands for."""
    try:
        return parse_json(text)
    except ValueError:
        pass
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        return [parse_json(line) for line in lines]
    except ValueError:
        return Decoder(text).value()
