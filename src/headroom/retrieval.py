r"""Part of an original, by line range, by regular expression, by JSON path. Pure: no store.

Selectors combine: the path first, then `lines` and `match` on the lines of what it gave.

    path    $.users[3].name   $['a b']   $[12:40]   $.items[*].id   $[-1]
            What it finds, as indented JSON; a text as it is. Behind `*` and slices a list of
            what is there. In NDJSON, $[3] is the value of the fourth line that is not blank.
    lines   "120"   "120-160"   "120-"   "-20" (the last 20)   "1-3,90-95"
            Verbatim, counted from 1, both ends included.
    match   a regular expression, tried on each line. The lines that match are shown as
            `NUMBER: line`, `context` lines around each as `NUMBER- line`, and `--` between
            groups that do not touch, as grep does it. Within `lines` where both are given.

Only \n and \r\n end a line, so that numbers agree with those in markers and in editors.
Bytes that are not UTF-8 come through as `surrogateescape` has them.
"""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from headroom import originals
from headroom.errors import SettingsError

_MATCH_SECONDS = 2.0
_LONGEST_PATTERN = 2_000
_NAMES_SHOWN = 12

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_RANGE = re.compile(r"(?P<first>\d*)(?P<dash>-?)(?P<last>\d*)")
_STEP = re.compile(
    r"""\.?(?:\[\*\]|\*)(?P<every>)
      | \.?\[(?P<start>-?\d*):(?P<stop>-?\d*)\]
      | \.?\[(?P<index>-?\d+)\]
      | \.?\[(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)")\]
      | \.(?P<name>[^.\[\]*'"]+)""",
    re.VERBOSE,
)


def select(
    original: bytes,
    *,
    lines: str | None = None,
    match: str | None = None,
    path: str | None = None,
    context: int = 0,
) -> str:
    """The part of `original` that the selectors name; all of it without any.

    Raises:
        SettingsError: a selector cannot be read, names nothing here, or takes too long.
    """
    text = originals.to_text(original)
    if path is not None:
        text = _at_path(text, path)
    if lines is None and match is None:
        return text
    every = _lines(text)
    chosen = range(len(every)) if lines is None else _numbers(lines, len(every))
    if match is None:
        return "".join(every[at] for at in chosen)
    return _matching(every, chosen, match, context)


def _lines(text: str) -> list[str]:
    """With their ends."""
    parts = text.split("\n")
    ended = [part + "\n" for part in parts[:-1]]
    return [*ended, parts[-1]] if parts[-1] else ended


def _numbers(spec: str, count: int) -> list[int]:
    """Positions, from 0, of the lines that `spec` names, in order and once each."""
    chosen: set[int] = set()
    for part in spec.replace(" ", "").split(","):
        found = _RANGE.fullmatch(part)
        if found is None or not (found["first"] or found["last"]):
            raise SettingsError(f'lines={spec!r} is no range of lines; write "120-160" or "120"')
        chosen.update(_positions(found, count))
    if not chosen:
        raise SettingsError(f"lines={spec!r} names no line: there are {count:,}, numbered from 1")
    return sorted(chosen)


def _positions(found: re.Match[str], count: int) -> range:
    first, last = _number(found["first"]), _number(found["last"])
    if not found["first"]:
        return range(max(count - last, 0), count)
    if not found["dash"]:
        last = first
    elif not found["last"]:
        last = count
    if first < 1 or (found["last"] and last < first):
        raise SettingsError(f"lines={found[0]!r} is no range: lines count from 1, first to last")
    return range(first - 1, min(last, count))


def _number(digits: str) -> int:
    # More digits than any count of lines; int() itself refuses thousands of them.
    return int(digits[:18] or 0)


def _matching(every: list[str], chosen: Iterable[int], match: str, context: int) -> str:
    positions = list(chosen)
    hits = _hits(every, positions, match)
    if not hits:
        return f"[no line matches {match!r}; {len(positions):,} lines were searched]"
    allowed = set(positions)
    near = {at for hit in hits for at in range(hit - context, hit + context + 1)}
    shown = []
    before = None
    for at in sorted(near & allowed):
        if context and before is not None and at > before + 1:
            shown.append("--\n")
        shown.append(f"{at + 1}{':' if at in hits else '-'} {every[at]}")
        before = at
    return "".join(shown)


def _hits(every: list[str], positions: list[int], match: str) -> set[int]:
    # `re` has no time limit, and the pattern is anybody's. 20 ms to import.
    import regex  # noqa: PLC0415

    if len(match) > _LONGEST_PATTERN:
        raise SettingsError(f"match is longer than {_LONGEST_PATTERN:,} characters")
    try:
        pattern = regex.compile(match)
    except (regex.error, RecursionError, OverflowError) as error:
        raise SettingsError(f"match={match!r} is no regular expression: {error}") from error
    hits = set()
    deadline = time.monotonic() + _MATCH_SECONDS
    for at in positions:
        line = every[at].removesuffix("\n").removesuffix("\r")
        try:
            found = pattern.search(line, timeout=max(deadline - time.monotonic(), 0.001))
        except TimeoutError:
            raise SettingsError(
                f"match={match!r} took longer than {_MATCH_SECONDS:g} s; use a simpler pattern, "
                "or narrow it with lines"
            ) from None
        if found:
            hits.add(at)
    return hits


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it is spelt, so that none changes on its way."""

    spelling: str


def _at_path(text: str, path: str) -> str:
    try:
        found = _walk(_parse(text), path)
        if isinstance(found, str) and _can_be_written(found):
            return found
        return _render(found, "\n")
    except RecursionError:
        raise SettingsError(
            "the JSON is nested too deeply for a path; use lines or match"
        ) from None


def _parse(text: str) -> Any:
    # No JSON text holds colour codes; a coloured one was counted without them.
    text = _COLOURS.sub("", text.removeprefix("\ufeff"))
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        whole = error
    values = []
    for number, line in enumerate(_lines(text), 1):
        if line.strip():
            try:
                values.append(_loads(line))
            except json.JSONDecodeError:
                where = f"nor is its line {number:,}" if values else "at all"
                raise SettingsError(
                    f"path needs JSON, and the original is not JSON ({whole}) {where}; "
                    "use lines or match"
                ) from None
    return values


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def _walk(root: Any, path: str) -> Any:
    """The value at `path`, or the list of values when a step may find several."""
    if len(path) > _LONGEST_PATTERN:
        raise SettingsError(f"path is longer than {_LONGEST_PATTERN:,} characters")
    found, several = [root], False
    rest = path.strip().removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = "." + rest
    at = 0 if rest != "." else 1
    while at < len(rest):
        step = _STEP.match(rest, at)
        if step is None:
            raise SettingsError(
                f"path={path!r} cannot be read at {rest[at:]!r}; write $.users[3].name, "
                "$['a b'], $[12:40] or $.items[*].id"
            )
        reached = [value for each in found for value in _children(each, step)]
        several = several or step["every"] is not None or step["start"] is not None
        if not reached and not several:
            raise SettingsError(f"path={path!r} finds nothing at {step[0]!r}: {_inside(found[0])}")
        found, at = reached, step.end()
    return found if several else found[0]


def _children(value: Any, step: re.Match[str]) -> list[Any]:
    if isinstance(value, list):
        if step["every"] is not None:
            return value
        if step["start"] is not None:
            start, stop = (
                int(part) if part not in ("", "-") else None for part in step.group("start", "stop")
            )
            return value[start:stop]
        at = int(step["index"]) if step["index"] else len(value)
        return [value[at]] if -len(value) <= at < len(value) else []
    if isinstance(value, dict):
        if step["every"] is not None:
            return list(value.values())
        name = _key(step)
        return [value[name]] if name in value else []
    return []


def _key(step: re.Match[str]) -> str | None:
    quoted = step["single"] if step["single"] is not None else step["double"]
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted)
    return step["name"]


def _inside(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value):,}, [0] to [{len(value) - 1}]" if value else "an empty list"
    if isinstance(value, dict):
        names = ", ".join(list(value)[:_NAMES_SHOWN])
        return f"an object with {names}{', …' if len(value) > _NAMES_SHOWN else ''}"
    return "a value with nothing inside"


def _render(value: Any, newline: str) -> str:
    if isinstance(value, _Number):
        return value.spelling
    inner = newline + "  "
    if isinstance(value, dict) and value:
        members = (f"{_quoted(name)}: {_render(each, inner)}" for name, each in value.items())
        return "{" + inner + ("," + inner).join(members) + newline + "}"
    if isinstance(value, list) and value:
        return (
            "[" + inner + ("," + inner).join(_render(each, inner) for each in value) + newline + "]"
        )
    return _quoted(value)


def _quoted(value: Any) -> str:
    readable = json.dumps(value, ensure_ascii=False)
    return readable if _can_be_written(readable) else json.dumps(value)


def _can_be_written(text: str) -> bool:
    """False for a half of a surrogate pair that JSON spelt as an escape."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
