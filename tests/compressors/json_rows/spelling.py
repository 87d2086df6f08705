"""How the folded text spells cells, names and JSON with marks; the scanner that reads it.

It imports nothing of the product. Numbers come back as `Number` (their literal spelling), so
that `1`, `1.0`, `"1"` and `true` stay apart in comparisons.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

MISSING = type("Missing", (), {"__repr__": lambda self: "MISSING"})()

NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\Z|-?Infinity\Z|NaN\Z")


@dataclass(frozen=True)
class Number:
    spelled: str


@dataclass
class Cite:
    """A citation not yet looked up."""

    entity: str
    key: str


def parse_json(text: str) -> Any:
    """Any JSON text, strict about duplicate keys, numbers by their spelling."""

    def record(pairs):
        made = dict(pairs)
        assert len(made) == len(pairs), "duplicate key"
        return made

    return json.loads(
        text, object_pairs_hook=record, parse_int=Number, parse_float=Number, parse_constant=Number
    )


class Scanner:
    """Reads the spelling of cells, names and JSON with `<marks>`, left to right."""

    def __init__(self, text: str, place: int = 0) -> None:
        self.text = text
        self.place = place

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self, wanted: str) -> None:
        assert self.text.startswith(wanted, self.place), (wanted, self.text[self.place :][:80])
        self.place += len(wanted)

    def at(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.place):
            self.place += len(wanted)
            return True
        return False

    def string(self) -> str:
        value, self.place = json.JSONDecoder().raw_decode(self.text, self.place)
        return value

    def until(self, stops: str) -> str:
        start = self.place
        while self.place < len(self.text) and self.text[self.place] not in stops:
            self.place += 1
        return self.text[start : self.place]

    # --- JSON with marks
    def extended(self) -> Any:
        first = self.peek()
        if first == "<":
            self.take("<")
            inside = self.until(">")
            self.take(">")
            entity, _, key = inside.partition(" ")
            return Cite(entity, key)
        if first == "{":
            self.take("{")
            made: dict[str, Any] = {}
            while not self.at("}"):
                key = self.string()
                self.take(":")
                assert key not in made
                made[key] = self.extended()
                self.at(",")
            return made
        if first == "[":
            self.take("[")
            items = []
            while not self.at("]"):
                items.append(self.extended())
                self.at(",")
            return items
        if first == '"':
            return self.string()
        return literal(self.until(",]}"))

    # --- cells
    def raw_cell(self, inner: bool) -> str:
        """The text of one cell."""
        start = self.place
        first = self.peek()
        if first == '"':
            self.string()
        elif first and first in "[{(<":
            self.brackets()
            while self.peek() == "(":  # rows of a child table stand one behind the other
                self.brackets()
        else:
            self.until(",()[]" if inner else ",")
        return self.text[start : self.place]

    def brackets(self) -> None:
        """Past one balanced bracket; quoted strings inside are skipped."""
        first = self.peek()
        if first in "<{":
            self.extended()
            return
        depth = 0
        while True:
            sign = self.peek()
            assert sign, "unbalanced"
            opens = self.text[self.place - 1] in "[(,"
            if opens and sign == '"':
                self.string()
                continue
            if opens and sign == "{" and not self.text.startswith("{}", self.place):
                self.extended()
                continue
            self.place += 1
            if sign in "[(":
                depth += 1
            elif sign in "])":
                depth -= 1
                if depth == 0:
                    return

    # --- names
    def step(self) -> str:
        if self.peek() == '"':
            return self.string()
        found = re.compile(r"[\w$@/*#-]+", re.ASCII).match(self.text, self.place)
        assert found, self.text[self.place :][:60]
        self.place = found.end()
        return found[0]

    def path(self) -> tuple[str, ...]:
        steps = [self.step()]
        while self.peek() == "." and self.text[self.place + 1 : self.place + 2] != "(":
            self.take(".")
            steps.append(self.step())
        return tuple(steps)


def literal(text: str) -> Any:
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    assert NUMBER.match(text), text
    return Number(text)


def scalar(text: str, strings: bool = False) -> Any:
    """A bare or quoted cell."""
    if text == "":
        return MISSING
    if text[0] == '"':
        return json.loads(text)
    if text == "null":
        return None
    if strings:
        return text
    if text[0] in "[{<":
        return plain_cell(Scanner(text))
    if text in ("true", "false") or NUMBER.match(text):
        return literal(text)
    return text


def plain_cell(scan: Scanner) -> Any:
    if scan.peek() == "<":
        return scan.extended()
    if scan.peek() == "{":
        return scan.extended()
    if scan.peek() == "[":
        # either compact JSON or a list of cells; both read as a list of cells
        scan.take("[")
        items = []
        while not scan.at("]"):
            if scan.peek() and scan.peek() in "[{<":
                items.append(plain_cell(scan))
            else:
                items.append(scalar(scan.raw_cell(inner=True)))
            scan.at(",")
        return items
    return scalar(scan.raw_cell(inner=True))
