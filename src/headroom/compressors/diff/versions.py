"""Which packages a lock file's diff moves from version to version, in a few words.

    lodash 4.17.20 → 4.17.21, new left-pad 1.3.0, gone underscore 1.13.1

It reads name and version as each lock format writes them, in changed and unchanged lines; a
version whose name the hunk does not show is counted. It knows nothing of markers.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from headroom.compressors.diff.reading import File
from headroom.relevance import terms_of

_NAME = r"(?P<name>@?[\w.][\w./@+-]{0,100})"
_VERSION = r"(?P<version>[\w.+!=~^<>-]{1,60})"
_TOML = (rf'name = "{_NAME}"', rf'version = "{_VERSION}"')
_JSON = (
    rf'[ \t]+(?:"name": "{_NAME}"|"(?:[^"\n]*node_modules/)?(?P<key>@?\w[\w./+-]{{0,99}})": \{{)',
    rf'[ \t]+"version": "{_VERSION}"',
)
_YARN = (
    r'"?(?P<name>(?:@[\w.-]+/)?[\w.-]+)@[^\n]*:$',
    rf'  version:? "?{_VERSION}"?',
)
_NAMED_ON_ONE_LINE = {
    "pnpm-lock.yaml": r"  '?/?(?P<name>(?:@[\w.-]+/)?[\w.-]+)[@/](?P<version>\d[\w.+-]*)[^\n]*:",
    "gemfile.lock": rf" {{4}}{_NAME} \({_VERSION}\)",
    "podfile.lock": rf"  - \"?{_NAME} \({_VERSION}\)",
    "mix.lock": rf'  "{_NAME}": \{{:\w+, :\w+, "{_VERSION}"',
    "bun.lock": r'[ \t]+"[^"\n]+": \["(?P<name>(?:@[\w.-]+/)?[\w./-]+)@(?P<version>\d[\w.+-]*)"',
    "go.sum": rf"{_NAME} (?P<version>v[\w.+-]+)(?:/go\.mod)? h1:",
}
_NAMED_BEFORE = {
    "package-lock.json": _JSON,
    "npm-shrinkwrap.json": _JSON,
    "composer.lock": _JSON,
    "pipfile.lock": _JSON,
    "yarn.lock": _YARN,
}
_MORE = len(", 12,345 more versions changed")
_WORDS = ("", "new ", "gone ")
_SIGN = r"^(?P<sign>[ +-])"


class Moves(NamedTuple):
    """By package, the versions that went and came; `nameless` counts those of no known name."""

    gone: dict[str, list[str]]
    come: dict[str, list[str]]
    nameless: int


def told(lines: Sequence[str], file: File, query: str, room: int) -> str:
    """The moves of a lock file's diff in words, at most `room` characters, those of packages that
    the question names first; "" where none is seen."""
    name = file.path.lower().rpartition("/")[2]
    text = "\n".join(lines[file.body : file.end]).replace("\r", "")
    if name in _NAMED_ON_ONE_LINE:
        return _words(_on_one_line(text, _NAMED_ON_ONE_LINE[name]), terms_of(query), room)
    if name.endswith(".lock") or name in _NAMED_BEFORE:
        return _words(_named_before(text, *_NAMED_BEFORE.get(name, _TOML)), terms_of(query), room)
    return ""


def _on_one_line(text: str, pattern: str) -> Moves:
    sides: dict[str, dict[str, list[str]]] = {sign: defaultdict(list) for sign in "+- "}
    for found in re.finditer(_SIGN + pattern, text, re.MULTILINE):
        sides[found["sign"]][found["name"]].append(found["version"])
    return Moves(sides["-"], sides["+"], 0)


def _named_before(text: str, name: str, version: str) -> Moves:
    """Versions on a line of their own, behind the line that names the package."""
    moves: tuple[dict[str, list[str]], dict[str, list[str]]] = (
        defaultdict(list),
        defaultdict(list),
    )
    old = new = ""
    nameless = 0
    for found in re.finditer(rf"{_SIGN}(?:{name}|{version})|^@@", text, re.MULTILINE):
        sign, words = found["sign"], found.groupdict()
        called = words["name"] or words.get("key") or ""
        if sign is None or called:
            old, new = (old if sign == "+" else called), (new if sign == "-" else called)
        elif sign == " ":
            continue
        elif (old if sign == "-" else new) == "":
            nameless += 1
        elif sign == "-":
            moves[0][old].append(words["version"])
        else:
            moves[1][new].append(words["version"])
    return Moves(*moves, nameless)


def _words(moves: Moves, terms: Sequence[str], room: int) -> str:
    """The moves that fit a line: named packages first, then changed ones; the rest is counted."""
    ranked = []
    for name in dict.fromkeys([*moves.gone, *moves.come]):
        gone = list(dict.fromkeys(moves.gone.get(name, ())))
        come = list(dict.fromkeys(moves.come.get(name, ())))
        if set(gone) == set(come):
            continue
        rank = 0 if gone and come else 1 if come else 2
        said = " → ".join(" and ".join(side) for side in (gone, come) if side)
        ranked.append((name.lower().lstrip("@") not in terms, rank, f"{_WORDS[rank]}{name} {said}"))
    ranked.sort(key=lambda each: each[:2])
    return _cut([said for _, _, said in ranked], moves.nameless, room)


def _cut(items: Sequence[str], nameless: int, room: int) -> str:
    shown: list[str] = []
    room -= _MORE
    for item in items:
        room -= len(item) + 2
        if room < 0:
            break
        shown.append(item)
    more = len(items) - len(shown) + nameless
    if more:
        shown.append(f"{more:,} more versions changed" if shown else f"{more:,} versions changed")
    return ", ".join(shown)
