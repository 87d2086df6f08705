"""The text with its gaps: shown lines as they were, a gap line in the place of each hidden run.

The first gap is a full marker with the ref; those behind it are short and count alike. Where
the file's own numbers are not those of the text's lines, each gap also says the latter, for
that is what a retrieval counts. A gap names identifiers that stand nowhere in what is shown.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from headroom.compressors.code.choice import Rules
from headroom.compressors.code.framing import Page
from headroom.compressors.code.spans import BODY, COMMENT, LICENSE, TABLE, TEST
from headroom.markers import gap_line, omission

_WORD_SIGNS = bytes(
    code if code < 128 and (chr(code).isalnum() or chr(code) in "_$") else ord(" ")
    for code in range(256)
)
_JOINED = re.compile(r"[a-z\d][A-Z]|[A-Za-z]_[A-Za-z]|[A-Za-z]\d|[A-Z]{5}")
_READ_FOR_NAMES = 1_200
_LEAST_NAME = 5
_LONGEST_NAME = 40
_KINDS = {
    BODY: "lines",
    TEST: "lines",
    TABLE: "lines of a literal",
    COMMENT: "comment lines",
    LICENSE: "license lines",
}
_COMMON = """
append assert assertEqual charAt close concat contains count debug equals error extend
filter flush forEach format getString get_or_insert hasOwnProperty includes indexOf
insert isEmpty isinstance items iter_mut length lower lstrip printf print println push
range remove replace require reverse rstrip setTimeout setattr getattr hasattr slice
sorted split startsWith startswith strip super toString to_owned to_string trim tuple
unwrap unwrap_or upper values write is_empty size_t uint8_t int32_t uint32_t
static_cast utf_8 utf8
"""
_EVERYWHERE = frozenset(_COMMON.split())


class Gap(NamedTuple):
    """A hidden run: its first row, the row behind its last, and what kind of rows it has."""

    start: int
    end: int
    kind: str


def rendered(page: Page, gaps: Sequence[Gap], ref: str, rules: Rules, per_token: float) -> str:
    """The page without the rows of `gaps` (in order); `per_token` is how many characters a
    token has in this text."""
    shown = _shown(page.lines, gaps)
    known = set(_words("\n".join(row for rows in shown for row in rows)))
    parts = list(shown[0])
    for index, (gap, rows) in enumerate(zip(gaps, shown[1:], strict=True)):
        hidden = page.rows[gap.start : gap.end]
        budget = rules.names_share * (sum(map(len, hidden)) / per_token)
        telling = gap.kind not in (COMMENT, LICENSE)
        names = _names(hidden, known, int(budget * per_token), rules.most_names) if telling else []
        known.update(names)
        parts.append(_gap_line(page, gap, names, ref if index == 0 else ""))
        parts += rows
    return "\n".join(parts)


def _shown(lines: Sequence[str], gaps: Sequence[Gap]) -> list[Sequence[str]]:
    """The lines before the first gap, between each two, and behind the last."""
    starts = [0, *(end for _, end, _ in gaps)]
    ends = [*(start for start, _, _ in gaps), len(lines)]
    return [lines[start:end] for start, end in zip(starts, ends, strict=True)]


def _gap_line(page: Page, gap: Gap, names: Sequence[str], ref: str) -> str:
    start, end, kind = gap
    own = f"{page.number(start)}-{page.number(end - 1)}"
    counted = f"{start + 1}-{end}"
    used = f": uses {', '.join(names)}" if names else ""
    if ref:
        told = "" if own == counted else f", {own}"
        return omission(f"{end - start} {_KINDS[kind]} omitted{told}{used}", ref, lines=counted)
    narrowed = "" if own == counted else f' · lines="{counted}"'
    return gap_line(f"{end - start} {_KINDS[kind]}, {own}{used}{narrowed}")


def _names(hidden: Iterable[str], known: set[str], budget: int, most: int) -> list[str]:
    """Names in the hidden rows that are not known elsewhere, within `budget` characters: joined
    names first, called ones of them before others, then what is called by one plain word."""
    if budget < _LEAST_NAME or not most:
        return []
    text = "\n".join(hidden)[:_READ_FOR_NAMES]
    best: list[str] = []
    joined: list[str] = []
    called: list[str] = []
    room = budget
    candidates = [
        name
        for name in dict.fromkeys(_words(text))
        if _LEAST_NAME <= len(name) <= _LONGEST_NAME
        and name not in known
        and name not in _EVERYWHERE
    ]
    for name in candidates:
        if (name.isalpha() and name[1:].islower()) or _JOINED.search(name) is None:
            called += [name] if f"{name}(" in text else []
        elif f"{name}(" not in text:
            joined.append(name)
        else:
            best.append(name)
            room -= len(name) + 2
            if room < 0 or len(best) == most:
                break
    taken: list[str] = []
    for name in chain(best, joined, called):
        budget -= len(name) + 2
        if budget < 0 or len(taken) == most:
            break
        if not name[0].isdigit():
            taken.append(name)
    return taken


def _words(text: str) -> list[str]:
    """The words of `text`, names among them. Cut by a table: a pattern takes ten times as long."""
    return text.encode("utf-8", "replace").translate(_WORD_SIGNS).decode("ascii").split()
