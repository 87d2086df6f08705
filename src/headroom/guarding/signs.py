"""What tells that a text was written from what we show and not from what is there.

A sign is a line that only our rendition has: a marker, a reference, a row of a re-folded table. A
line that stands in an original is none, whatever it looks like: who works on such a file is
innocent. Looking is cheap where nothing can be found, and nothing is read of the edits before.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

from headroom.edits import Edit
from headroom.markers import TOOL_NAME

LEAST_MARKER = 8
"""Characters that a marker has at least to be one wherever it stands."""
SHORT_GAP = "[…]"
"""May be anybody's, but behind the same line as in a rendition."""
LEAST_ROW = 24
"""Characters of a folded row that are no chance any more."""
_MOST_LOOKS = 1_000
_MOST_ROWS = 100
"""Lines with a bracket of ours, and rows, that are looked up; more of them prove nothing more."""
_FOLDING = frozenset({"json_rows", "table", "log"})
_OPENINGS = ("[… ", "[= ")
_LOOKS = re.compile(rf"\[(?:…|\\{{1,4}}u2026|= )|{TOOL_NAME}")
_NAMED = re.compile(rf"{TOOL_NAME}\W{{1,8}}(\w+)")
# A patch's sign and a line number in front of a line, where an agent puts them.
_FRONT = re.compile(r"[ \t]*(?:[+-][ \t]*)?(?:[1-9][0-9]{0,6}[\t→:|][ \t]?)?")
_NUMBER = re.compile(r"\A *[0-9]+: ")
# What a sign without a ref may stand behind on its line.
_BEHIND = re.compile(r"[\s#/*;%>-](?=\[(?:…|=) )")
_ENDS = frozenset(("", "*/", "-->", '"""', "'''", ".", ";"))
_MOST_BEHIND = 4
_LEAST_BEHIND = 12
_MOST_READ = 50_000_000
"""Characters of originals that are searched for rows; behind that a row proves nothing."""


class Place(NamedTuple):
    """Where a sign stands: the row of an edit's `after`; -1 for one inside of a JSON string."""

    edit: int
    row: int


class Guilt(NamedTuple):
    """What was found in a text: lines that are or hold a marker, rows of an outline, the refs
    of the markers."""

    markers: int
    rows: int
    refs: tuple[str, ...]
    sample: str = ""

    def __bool__(self) -> bool:
        return bool(self.markers or self.rows > 1)


class Signs:
    """The signs that one request's edits have put before the model."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.edits = tuple(edits)
        self._left = _MOST_READ

    def may_be_in(self, text: str) -> bool:
        """Whether a text (or its JSON) is worth to be looked at. Cheap."""
        return _LOOKS.search(text) is not None or bool(self._rows)

    def places(self, line: str) -> Sequence[Place]:
        """Where the line stands as a marker or a reference, but for what is in front of it; none
        where it is an original's own."""
        bare = bare_of(line)
        found = self._markers.get(bare, ())
        return () if found and self._is_innocent(bare) else found

    def guilt(self, text: str) -> Guilt:
        """What of these signs a text has."""
        markers, rows, refs, sample = 0, 0, [], ""
        looks_left, rows_left = _MOST_LOOKS, _MOST_ROWS
        looked = _LOOKS.search(text) is not None
        before = ""
        for line in text.split("\n"):
            if looked and looks_left and _LOOKS.search(line):
                looks_left -= 1
                if (known := self._marked(line, before)) is not None:
                    markers += 1
                    refs += known
                    sample = sample or bare_of(line)
            elif rows_left and len(line) >= LEAST_ROW and (row := self._row(line)):
                rows_left -= 1
                rows += self._is_no_original(row)
            before = line
        return Guilt(markers, rows, tuple(dict.fromkeys(refs)), sample)

    def _marked(self, line: str, before: str) -> list[str] | None:
        """The refs of a line that is a sign, or holds a marker; None for any other."""
        named = [found for found in _NAMED.finditer(line) if found[1] in self._refs]
        if refs := [found[1] for found in named if found[0] not in self._own_names]:
            return refs
        bare = bare_of(line)
        if bare == SHORT_GAP and before.strip() in self._short_gaps:
            return []
        for each in (bare, line.strip(), *_signs_behind(line)):
            if (found := self._markers.get(each)) and not self._is_innocent(each):
                return [ref for ref in self.edits[found[0].edit].refs[:1] if len(found) == 1]
        return None

    def _is_innocent(self, sign: str) -> bool:
        """Whether what reads like a sign is an original's own: it stands there, or it names
        nothing that was omitted here."""
        refs = _NAMED.findall(sign)
        if refs and self._refs.isdisjoint(refs):
            return True
        return any(sign in text for text in self._marked_originals)

    def _row(self, line: str) -> str:
        """The folded row that a line may be, or empty."""
        bare = line.strip()
        if bare not in self._rows:
            bare = line[1:].strip() if line[0] in "+- " else bare  # in a patch
        return bare if bare in self._rows else ""

    def _is_no_original(self, row: str) -> bool:
        bare = _without_number(row)
        if row in self._own_lines or bare in self._own_lines:
            return False
        self._left -= sum(len(edit.before) for edit in self.edits)
        # Of the two, the shorter is in every text that the longer is in.
        return self._left > 0 and not any(bare in edit.before for edit in self.edits)

    @cached_property
    def _own_lines(self) -> frozenset[str]:
        """The originals' lines. To search an original for each row would take long."""
        return frozenset(line.strip() for edit in self.edits for line in edit.before.split("\n"))

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """What originals say themselves of the retrieve tool."""
        texts = (edit.before for edit in self.edits if TOOL_NAME in edit.before)
        return frozenset(found[0] for text in texts for found in _NAMED.finditer(text))

    @cached_property
    def _marked_originals(self) -> list[str]:
        """The originals in which something looks like a sign."""
        befores = (edit.before for edit in self.edits)
        return [text for text in befores if "[…" in text or "[= " in text]

    @cached_property
    def _refs(self) -> frozenset[str]:
        return frozenset(ref for edit in self.edits for ref in edit.refs)

    @cached_property
    def _markers(self) -> dict[str, list[Place]]:
        """Every marker, reference or line with one in it, and where it stands."""
        found: dict[str, list[Place]] = {}
        for number, edit in enumerate(self.edits):
            if "[…" not in edit.after and "[= " not in edit.after:
                continue
            for row, line in enumerate(edit.after.split("\n")):
                if "[…" not in line and "[= " not in line:
                    continue
                places = [(line, row)]
                if "\\n" in line:
                    places = [(inner, -1) for inner in _inside(line)]
                for text, at in places:
                    if len(bare := text.strip()) >= LEAST_MARKER:
                        found.setdefault(bare, []).append(Place(number, at))
        return found

    @cached_property
    def _short_gaps(self) -> frozenset[str]:
        """The lines before those that are nothing but `[…]`."""
        return frozenset(
            before.strip()
            for edit in self.edits
            if SHORT_GAP in edit.after
            for before, line in pairwise(edit.after.split("\n"))
            if line == SHORT_GAP and len(before.strip()) >= LEAST_MARKER
        )

    @cached_property
    def _rows(self) -> frozenset[str]:
        """Lines of re-folded texts that may be lines of no original."""
        return frozenset(
            bare
            for edit in self.edits
            if not _FOLDING.isdisjoint(edit.compressor.split("+"))
            for line in edit.after.split("\n")
            if len(bare := line.strip()) >= LEAST_ROW
        )


def bare_of(line: str) -> str:
    """A line without what an agent may have put in front of it, and without white space."""
    front = _FRONT.match(line)
    return line[front.end() if front else 0 :].strip()


def _signs_behind(line: str) -> list[str]:
    """The signs that a line may end in, or have before the end of a comment."""
    found: list[str] = []
    for begin in islice(_BEHIND.finditer(line), _MOST_BEHIND):
        sign, bracket, end = line[begin.end() :].rpartition("]")
        if end.strip() in _ENDS:
            found.append(sign + bracket)
    return [text for text in found if len(text) >= _LEAST_BEHIND]


def _without_number(line: str) -> str:
    """A log's line is shown behind its number."""
    return _NUMBER.sub("", line, count=1)


def _inside(line: str) -> list[str]:
    """The marked lines of the texts in a line of JSON."""
    inner = (part.replace('\\"', '"') for part in line.split("\\n"))
    return [part for part in inner if part.lstrip().startswith(_OPENINGS)]
