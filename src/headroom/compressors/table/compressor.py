"""The table compressor: folded without loss, rows left out only beyond the budget.

Its rule: what stands around tables stays as it is, and so do the lines of a file that was read,
which may be edited from what is shown of them.
"""

from typing import NamedTuple

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.json_rows import FlatTable
from headroom.compressors.json_rows.weight import weight_of_text
from headroom.compressors.table import writing
from headroom.compressors.table.found import tables_in
from headroom.compressors.table.model import Grid, columns_of
from headroom.compressors.table.recognition import likelihood
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy
from headroom.relevance import terms_of

_CHARS_PER_TOKEN = 3
_LESS = 0.97
_SHORTER, _AS_MUCH = 0.8, 1.01
_SURELY_BEYOND = 1.5
_LEAST_ROOM = 200
_CRLF = ", CRLF line ends"


class Table:
    """Tables of any drawing: CSV, Markdown, boxes, aligned columns."""

    name = "table"

    def score(self, sample: Sample) -> float:
        """How surely most of the text is a table."""
        return likelihood(sample.text)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """Each table folded, or shortened where its fold is beyond its share of the budget."""
        text = sample.text
        if len(text) < policy.min_tokens * _CHARS_PER_TOKEN or "\0" in text:
            return None
        crlf = "\r" in text and text.count("\r\n") == text.count("\n") == text.count("\r")
        lines = text.replace("\r\n", "\n").split("\n") if crlf else text.split("\n")
        try:
            return _Shortening(sample, policy, lines, crlf).proposal()
        except TypeError:
            # A lone surrogate, which no cell that needs quotes can say.
            return None


class _Said(NamedTuple):
    """What stands for a table."""

    text: str
    lossless: bool


class _Shortening:
    """One text being shortened, table by table."""

    def __init__(self, sample: Sample, policy: Policy, lines: list[str], crlf: bool) -> None:
        self._lines = lines
        self._crlf = crlf
        self._ref = sample.ref
        self._omit = policy.omit and bool(sample.ref)
        self._reads = call_of(sample.tool, sample.source).reads
        self._terms = terms_of(sample.query, sample.source)
        self._grids = tables_in(lines)
        self._sizes = [weight_of_text(self._own(grid)) for grid in self._grids]
        self._each_token = policy.budget / max(1, sum(self._sizes))

    def proposal(self) -> Proposal | None:
        """The text with its tables shorter, or None where none is."""
        parts: list[str] = []
        around: list[str] = []
        made: list[_Said] = []
        at = 0
        for grid, size in zip(self._grids, self._sizes, strict=True):
            said = self._said(grid, size)
            around += self._lines[at : grid.first]
            parts += self._lines[at : grid.first]
            parts.append(self._own(grid) if said is None else said.text)
            made += [] if said is None else [said]
            at = grid.end
        around += self._lines[at:]
        if not made or any(line.startswith(writing.TITLE) for line in around):
            return None
        text = "\n".join([*parts, *self._lines[at:]])
        if self._crlf and self._reads:
            text = text.replace("\n", "\r\n")
        lossless = all(said.lossless for said in made)
        return Proposal(text, Fidelity.LOSSLESS if lossless else Fidelity.RECOVERABLE)

    def _own(self, grid: Grid) -> str:
        return "\n".join(self._lines[grid.first : grid.end])

    def _said(self, grid: Grid, size: int) -> _Said | None:
        """What stands for a table, or None where it stays."""
        room = max(_LEAST_ROOM, self._each_token * size)
        if self._reads or not grid.alike:
            return self._some_lines(grid, size, room)
        flat = FlatTable(grid.names, columns_of(grid.rows, len(grid.names)))
        if not self._omit:
            return self._folded(grid, flat, size)
        head, each = flat.cost()
        if head + each * flat.size <= _SURELY_BEYOND * room:
            said = self._folded(grid, flat, size)
            if (size if said is None else weight_of_text(said.text)) <= room:
                return said
        places = flat.chosen(self._terms, frozenset(), max(room / 2, room - head), each)
        if len(places) == flat.size:
            return self._folded(grid, flat, size)
        text = writing.shortened(grid, flat, places, self._ref)
        return _Said(text, lossless=False) if weight_of_text(text) < _LESS * size else None

    def _folded(self, grid: Grid, flat: FlatTable, size: int) -> _Said | None:
        """All of a table, if that pays."""
        drawn = grid.draw(grid, self._lines)
        if drawn is None and not self._omit:
            return None
        if drawn is None:
            text = writing.without_drawing(grid, flat, self._ref)
        else:
            if drawn.rows is not grid.rows:
                flat = FlatTable(grid.names, columns_of(drawn.rows, len(grid.names)))
            text = writing.folded(drawn, flat, _CRLF if self._crlf else "")
        weight = weight_of_text(text)
        # The estimate knows little of padding; the engine counts.
        shorter = len(text) < _SHORTER * len(self._own(grid)) and weight <= _AS_MUCH * size
        pays = weight < _LESS * size or shorter
        return _Said(text, lossless=drawn is not None) if pays else None

    def _some_lines(self, grid: Grid, size: int, room: float) -> _Said | None:
        """Some of the table's own lines, where it is too large."""
        if not self._omit or size <= room:
            return None
        names = [str(number) for number in range(len(grid.names))]
        flat = FlatTable(names, columns_of(grid.rows, len(names)))
        each = max(1.0, size / flat.size)
        places = flat.chosen(self._terms, grid.odd, room, each)
        text = writing.verbatim(grid, self._lines, places, self._ref)
        return _Said(text, lossless=False) if weight_of_text(text) < _LESS * size else None
