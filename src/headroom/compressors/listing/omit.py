"""Which entries are left out where a listing is larger than the budget.

First what others wrote: the contents of vendored, generated and tool folders, each folder
counted. Then, deepest first, the middle of long runs of files more than three folders deep.
Folders stay named, and so do files that the question names, that say what a project is (a
README, a manifest), or that are the only one of their ending among many.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from operator import attrgetter

from headroom.compressors.listing.gaps import Entry, Gap, ending, gap
from headroom.relevance import is_word, terms_of

_VENDORED = re.compile(
    r"(?:^|/)(?:node_modules|\.git|\.hg|\.svn|__pycache__|\.venv|venv|virtualenv|site-packages"
    r"|dist-packages|[^/]+\.(?:dist|egg)-info|bower_components|\.(?:mypy|pytest|ruff|gradle|npm)"
    r"|\.(?:mypy|pytest|ruff|turbo|parcel)[_-]?cache|\.tox|\.nox|\.next|\.nuxt|\.idea|\.cache"
    r"|\.terraform|\.hypothesis|dist|build|target|vendor|third_party|coverage|htmlcov|Pods"
    r"|DerivedData)/"
)
_TELLING = re.compile(
    r"readme|licen[cs]e|copying|changelog|contributing|makefile|dockerfile|docker-compose|jenkinsfile"
    r"|pyproject\.|setup\.(?:py|cfg)|requirements|package\.json|tsconfig|cargo\.|go\.(?:mod|sum)"
    r"|gemfile|build\.gradle|pom\.xml|cmakelists|main\.|index\.|conftest\.|settings\.|config\b"
    r"|\.env|\.gitignore|tox\.ini|agents\.md|claude\.md|schema\.|__main__\.",
    re.IGNORECASE,
)
_FREE_LEVELS = 3
_LEAST_HIDDEN = 8
_FIRST = 2
_COMMON = 12
_GAP = 45


class Wanted:
    """What stays, however deep it stands."""

    def __init__(self, entries: Sequence[Entry], query: str, source: str, root: str) -> None:
        terms = [*terms_of(query), *[term for term in terms_of(source) if not is_word(term)]]
        self._asked = f"{query} {source}"
        self._named = _pattern([term for term in terms if term not in root.lower()])
        self._folders = {entry.folder for entry in entries}
        names = Counter([entry.name for entry in entries])
        self._common = {name for name, count in names.items() if count > _COMMON}

    def asks(self, folder: str) -> bool:
        """Whether the question or the command names a vendored folder."""
        return folder.strip("/") in self._asked

    def is_named(self, entry: Entry) -> bool:
        """Whether the question, or an exact name in the command, names it."""
        return self._named is not None and self._named.search(entry.name) is not None

    def stays(self, entry: Entry) -> bool:
        """Whether it is a folder, tells what a project is, or is named."""
        if entry.name.endswith("/") or f"{entry.folder}{entry.name}/" in self._folders:
            return True
        telling = _TELLING.match(entry.name) is not None and entry.name not in self._common
        return telling or self.is_named(entry)


def choose(entries: Sequence[Entry], query: str, source: str, over: int) -> list[Gap]:
    """The gaps that bring a text down by about `over` characters, as far as can be."""
    if len(entries) < _FIRST:
        return []
    root = _root(entries)
    wanted = Wanted(entries, query, source, root)
    gaps, saved = _taken(_vendored(entries, len(root), wanted), None)
    if saved < over and "-type d" not in source:
        hidden = {line for each in gaps for line in range(each.start, each.end)}
        left = [entry for entry in entries if entry.line not in hidden] if hidden else entries
        gaps += _taken(_thinned(left, len(root), wanted), over - saved)[0]
    return sorted(gaps)


def _taken(stretches: Iterable[tuple[str, list[Entry]]], over: int | None) -> tuple[list[Gap], int]:
    """Gaps for these stretches, all or while more must go, and about how much they save."""
    gaps, saved = [], 0
    for folder, stretch in stretches:
        size = sum([len(entry.name) + 1 for entry in stretch]) - _GAP
        if size > 0:
            gaps.append(gap(stretch, folder))
            saved += size
        if over is not None and saved >= over:
            break
    return gaps, saved


def _root(entries: Sequence[Entry]) -> str:
    """The innermost folder around all entries; `find` lists it first, in its own parent."""
    inner = [entry.folder for entry in entries[1:]]
    root = _around(min(inner), max(inner))
    first = entries[0]
    if root.startswith(f"{first.folder}{first.name.rstrip('/')}/"):
        return root
    return _around(root, first.folder)


def _around(one: str, other: str) -> str:
    """The innermost folder around both."""
    parts = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    same = [part for part, _ in takewhile(lambda pair: pair[0] == pair[1], parts)]
    return "".join([part + "/" for part in same])


def _pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    if not terms:
        return None
    named = "|".join(map(re.escape, terms))
    return re.compile(rf"(?<![^\W_])(?:{named})(?![^\W_])", re.IGNORECASE)


def _vendored(
    entries: Sequence[Entry], root: int, wanted: Wanted
) -> Iterator[tuple[str, list[Entry]]]:
    """The stretches inside each vendored folder, with that folder; what is named stays."""
    known = {entry.folder: "" for entry in entries}
    for folder in known:
        found = _VENDORED.search(folder, max(0, root - 1))
        known[folder] = folder[: found.end()] if found and not wanted.asks(found[0]) else ""
    if not any(known.values()):
        return
    for folder, members in groupby(entries, key=lambda entry: known[entry.folder]):
        if folder:
            for stretch in _stretches(members, wanted.is_named):
                yield folder, stretch


def _thinned(
    entries: Sequence[Entry], root: int, wanted: Wanted
) -> Iterator[tuple[str, list[Entry]]]:
    """The middles of long runs of files, deepest folders first."""
    runs = [
        (
            folder.removeprefix("./" if root == 0 else "").count("/", root),
            [entry for entry in members if entry.name],
        )
        for folder, members in groupby(entries, key=attrgetter("folder"))
    ]
    deep = [each for each in runs if each[0] >= _FREE_LEVELS and len(each[1]) > _LEAST_HIDDEN]
    for _, run in sorted(deep, key=lambda each: (-each[0], -len(each[1]), each[1][0].line)):
        endings = [ending(entry.name) for entry in run]
        lone = {name for name, count in Counter(endings).items() if count == 1}
        kept = {
            entry.line
            for entry, last in zip(run, endings, strict=True)
            if last in lone or wanted.stays(entry)
        }
        for stretch in _stretches(run[_FIRST:-1], lambda entry: entry.line in kept):  # noqa: B023
            if len(stretch) >= _LEAST_HIDDEN:
                yield run[0].folder, stretch


def _stretches(run: Iterable[Entry], stays: Callable[[Entry], bool]) -> Iterator[list[Entry]]:
    """Entries on lines that follow each other, between those that stay."""
    stretch: list[Entry] = []
    for entry in run:
        kept = stays(entry)
        if stretch and (kept or entry.line != stretch[-1].line + 1):
            yield stretch
            stretch = []
        if not kept:
            stretch.append(entry)
    if stretch:
        yield stretch
