"""Columns that follow from others: equal ones, and strings that are a template around them.

    url = https://api.github.com/repos/{repo}/issues/{number}

Its rule: a template is guessed from three rows and believed only after it gave back every row.
Braces that name no column of the same table stand for themselves.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from headroom.compressors.json_rows.columns import Column
from headroom.compressors.json_rows.values import MISSING, NUMBER

_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_SOURCES = 4
_FIRST_MARK = 0xE000
_MARKS = re.compile("[\ue000-\ue0ff]")
_HOLE = "\ue0ff"
_WORTH_TEMPLATE = 4
_LEAST_ROWS = 4
"""Rows in which a value may repeat another; in fewer it may be by chance, and misleads."""
_MOSTLY = 0.7
_GLANCE = 3
UNLESS: Final = " (unless given)"
"""Ends a rule that a cell which is not empty overrules."""

VARIANTS: Final[dict[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "lower, . for space": lambda text: text.lower().replace(" ", "."),
    "lower, - for space": lambda text: text.lower().replace(" ", "-"),
    "lower, _ for space": lambda text: text.lower().replace(" ", "_"),
    "lower, no spaces": lambda text: text.lower().replace(" ", ""),
    "%20 for space": lambda text: text.replace(" ", "%20"),
}
"""Other spellings of a column that a template may use, as `{name:lower}`."""


class _Source:
    """A column's text, row by row, as templates see it; `probe` is three rows of it,
    `glance` how a spelling of it would begin."""

    def __init__(self, column: Column) -> None:
        self.name = column.name
        self._column = column
        self._texts: list[str] | None = None
        first, middle, last = probe(column.values)
        self.probe = (first.lstrip(NUMBER), middle.lstrip(NUMBER), last.lstrip(NUMBER))
        long = len(self.probe[0]) >= _WORTH_TEMPLATE
        self.glance = self.probe[0][:_GLANCE].lower() if long else ""

    def text(self, row: int) -> str:
        """One row's text."""
        value: str = self._column.values[row]
        return value.lstrip(NUMBER)

    @property
    def texts(self) -> list[str]:
        """All rows' text, numbers by their spelling; made when first asked for."""
        if self._texts is None:
            self._texts = self._column.spellings()
        return self._texts


def probe(texts: Sequence[str]) -> tuple[str, str, str]:
    """First, middle and last: the rows a guess is made from."""
    return texts[0], texts[len(texts) // 2], texts[-1]


class Rule(NamedTuple):
    """What a column follows from. `rest` is what its cells still say: the text in the hole,
    or with `unless` the values that break the rule, MISSING where it holds."""

    text: str
    rest: list[Any] | None
    unless: bool


class _Guess(NamedTuple):
    """Texts in which the sources' texts are replaced by marks."""

    sources: list[_Source]
    marked: list[str]


class Templates:
    """Finds templates within one table; `offer` makes a column one that others may use."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._sources: list[_Source] = []

    def offer(self, column: Column) -> None:
        """Let later columns refer to this one."""
        if column.strings and "{" not in column.name and "}" not in column.name:
            self._sources.append(_Source(column))

    def find(self, column: Column) -> Rule | None:
        """The template for a column of strings: one that gives back every value, else one
        around a rest that stays in the cells, else one that holds for most rows."""
        texts = column.texts()
        if texts is None or len(texts) < _LEAST_ROWS:
            return None
        if not column.together.isascii() and _MARKS.search(column.together):
            return None
        seen = probe(texts)
        first = seen[0]
        fitting = [s for s in self._sources if s.probe[0] in first and _fits(s.probe, seen)]
        fitting.sort(key=lambda source: -len(source.probe[0]))
        guesses: list[_Guess] = []
        for chosen in _choices(fitting):
            guess = _guess(texts, chosen)
            if guess is not None:
                if guess.marked.count(guess.marked[0]) == len(texts):
                    return self._rule(guess.marked[0], guess)
                guesses.append(guess)
        variant = self._find_variant(texts, seen, fitting)
        if variant is not None or not guesses:
            return variant
        return self._framing(guesses, texts) or self._mostly(guesses, texts)

    def _find_variant(
        self, texts: list[str], seen: tuple[str, str, str], fitting: list[_Source]
    ) -> Rule | None:
        spelled: list[_Source] = []
        lowered = seen[0].lower()
        for source in self._sources:
            if not source.glance or source.glance not in lowered:
                continue
            words = _variant(source.probe, seen)
            if words is not None:
                other = list(map(VARIANTS[words], source.texts))
                spelled.append(_Source(Column(f"{source.name}:{words}", other)))
        if not spelled:
            return None
        chosen = sorted(spelled + fitting, key=lambda source: -len(source.probe[0]))
        guess = _guess(texts, chosen[:_MOST_SOURCES])
        if guess is None or guess.marked.count(guess.marked[0]) < len(texts):
            return None
        return self._rule(guess.marked[0], guess)

    def _framing(self, guesses: list[_Guess], texts: list[str]) -> Rule | None:
        """A template around a rest: `title = {number} - {}`."""
        for guess in guesses:
            prefix, suffix = affixes(guess.marked)
            if not _MARKS.search(prefix + suffix):
                continue
            rule = self._rule(prefix + _HOLE + suffix, guess)
            if rule is not None:
                starts, ends = _sizes(prefix, guess), _sizes(suffix, guess)
                rest = [
                    text[start : len(text) - end]
                    for text, start, end in zip(texts, starts, ends, strict=True)
                ]
                return Rule(rule.text, rest, unless=False)
        return None

    def _mostly(self, guesses: list[_Guess], texts: list[str]) -> Rule | None:
        """A template that holds for most rows; the others say their value."""
        for guess in guesses:
            common, count = Counter(guess.marked).most_common(1)[0]
            if count < _MOSTLY * len(texts) or len(texts) < 6 or not _MARKS.search(common):
                continue
            rule = self._rule(common, guess)
            if rule is not None:
                rest = [
                    MISSING if marked == common else text
                    for marked, text in zip(guess.marked, texts, strict=True)
                ]
                return Rule(rule.text, rest, unless=True)
        return None

    def _rule(self, marked: str, guess: _Guess) -> Rule | None:
        """The template in words, unless its own signs would be taken for something else."""
        literal = _MARKS.sub("", marked)
        if not literal.isprintable() or marked != marked.strip() or UNLESS in literal:
            return None
        names = [source.name for source in guess.sources]
        said = {chr(_FIRST_MARK + number): name for number, name in enumerate(names)}
        said[_HOLE] = ""
        template = _MARKS.sub(lambda mark: "{" + said[mark[0]] + "}", marked)
        wanted = [said[mark] for mark in _MARKS.findall(marked)]
        known = [r for r in _BRACES.findall(template) if self._means_something(r)]
        if known != wanted:
            return None
        alone = len(marked) == 1 or template[0] == '"' == template[-1]
        return Rule(f'"{template}"' if alone else template, None, unless=False)

    def _means_something(self, reference: str) -> bool:
        return reference == "" or reference.split(":")[0] in self._names


def _choices(fitting: list[_Source]) -> list[list[_Source]]:
    if not fitting:
        return []
    first = fitting[:_MOST_SOURCES]
    return [first] if len(first) == 1 else [first, fitting[:1]]


def _variant(source: tuple[str, str, str], seen: tuple[str, str, str]) -> str | None:
    """The spelling of a column that its three probes call for."""
    for words, spell in VARIANTS.items():
        first = spell(source[0])
        if first != source[0] and first in seen[0]:
            tried = (first, spell(source[1]), spell(source[2]))
            if _fits(tried, seen):
                return words
    return None


def _guess(texts: list[str], sources: list[_Source]) -> _Guess | None:
    """The texts with the sources marked in them, if three rows promise a template."""
    tried = [_marked(texts[row], sources, row) for row in (0, len(texts) // 2, -1)]
    if len(set(tried)) == len(tried):
        prefix, suffix = affixes(tried)
        if not _MARKS.search(prefix + suffix):
            return None
    marked = texts
    for number, source in enumerate(sources):
        mark = chr(_FIRST_MARK + number)
        parts = source.texts
        if "" in parts:
            return None
        marked = [text.replace(part, mark) for text, part in zip(marked, parts, strict=True)]
    return _Guess(sources, marked)


def _sizes(marked: str, guess: _Guess) -> list[int]:
    """How long a marked text is in each row, once the sources are back in it."""
    sizes = [len(_MARKS.sub("", marked))] * len(guess.marked)
    for number, source in enumerate(guess.sources):
        times = marked.count(chr(_FIRST_MARK + number))
        if times:
            texts = source.texts
            sizes = [size + times * len(text) for size, text in zip(sizes, texts, strict=True)]
    return sizes


def _marked(text: str, chosen: list[_Source], row: int) -> str:
    for number, source in enumerate(chosen):
        text = text.replace(source.text(row), chr(_FIRST_MARK + number))
    return text


def _fits(source: tuple[str, str, str], seen: tuple[str, str, str]) -> bool:
    a, b, c = source
    return a != "" and a in seen[0] and b != "" and b in seen[1] and c != "" and c in seen[2]


def affixes(texts: list[str]) -> tuple[str, str]:
    """What all the strings start with and end with, cut back to the last sign between words
    so that no word or number is torn; the two never overlap."""
    low, high = min(texts), max(texts)
    start = _shared(low, high)
    prefix = low[:start]
    while prefix and prefix[-1].isalnum():
        prefix = prefix[:-1]
    if len({text[-1:] for text in texts}) > 1:
        return prefix, ""
    ends = [text[len(prefix) :][::-1] for text in texts]
    low, high = min(ends), max(ends)
    suffix = low[: _shared(low, high)][::-1]
    while suffix and suffix[0].isalnum():
        suffix = suffix[1:]
    return prefix, suffix


def _shared(low: str, high: str) -> int:
    for place, (a, b) in enumerate(zip(low, high, strict=False)):
        if a != b:
            return place
    return min(len(low), len(high))
