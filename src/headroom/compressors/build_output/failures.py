"""The names of failing tests, as runners write them.

A short summary lists them once more; a very long list is told by names alone. It knows nothing
of where a line stands or whether it is shown.
"""

import re
from collections.abc import Iterable

_LISTED = re.compile(r"(?:FAILED|ERROR) (\S+::.*)")
_INLINE = re.compile(
    r"(?:\[gw\d+\] (?:\[ *\d+%\] )?)?(\S+::.*?)(?: (?:FAILED|ERROR))?\s*(?:\[ *\d+%\] *)?$"
)
_AROUND = re.compile(
    r"^\s*(?:\[gw\d+\] |\[ *\d+%\] |--- |\[\w+\] )*"
    r"(?:(?:FAIL(?:ED|URE)?|ERROR|not ok)[: -]+(?:\d+ - )?)?"
    r"|(?: +(?:\.{3} )?(?:FAIL(?:ED|URE)?|ERROR)\b)?[ !]*(?:\[ *\d+%\]|\([\d.]+ ?m?s\))?\s*$"
)
_TOOK = re.compile(r"\(\d[\d.,]* ?m?s(?:ec(?:onds)?)?\)[.\s]*$")
_PREFIX = "::"


def listed(lines: Iterable[str]) -> set[str]:
    """The ids that a short summary among `lines` lists."""
    found = (_LISTED.match(line) for line in lines)
    return {match[1].partition(" - ")[0].strip() for match in found if match}


def inline_id(line: str) -> str:
    """The id on a line that tells a test's end while the run goes on, or ""."""
    if line.startswith(("FAILED ", "ERROR ")):
        return ""
    found = _INLINE.match(line)
    return found[1] if found else ""


def verdict(line: str) -> str:
    """`line` without the time that the test took: all else may tell one test from another."""
    return _TOOK.sub("", line).strip()


def test_of(name: str) -> str:
    """The test's own name, without its file, its class and its parameters."""
    return name.partition("[")[0].rpartition("::")[2].rpartition(".")[2]


def names(lines: Iterable[str]) -> str:
    """The names on lines of failing tests; what a name shares with the one before it, up to
    `::`, is written once."""
    told: list[str] = []
    before = ""
    for line in lines:
        name = _AROUND.sub("", line).partition(" - ")[0]
        scope, separator, own = name.rpartition(_PREFIX)
        told.append(_PREFIX + own if separator and scope == before else name)
        before = scope
    return ", ".join(told)
