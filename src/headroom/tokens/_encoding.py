"""Counts tokens of one encoding: cut, look up what was met before, split and merge the rest.

Exact up to two bounds that keep time and memory flat on hostile input: a single piece beyond
`_LONG_PIECE` bytes is merged in segments, and a text beyond `LARGE` characters is counted in
samples. Either makes the result an estimate, and it says so. Both bounds depend on the text
alone, never on what was counted before: the same text has the same count in every process.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from headroom.tokens._merge import merged_count
from headroom.tokens._split import chunks, normal, splitter, word, words
from headroom.tokens._tables import Table

# About a million tokens: what no model's context holds, nobody needs to the last token.
LARGE = 4 * 1024 * 1024
_SAMPLES, _SAMPLE = 32, 64 * 1024

_LONG_PIECE = 2_000
_SEGMENTS, _SEGMENT = 64, 500

# Pieces worth a look at which of them are equal.
_MANY = 32

_KEPT_TEXT = 128  # bytes; what is longer seldom comes back
_WORTH_KEEPING = 8  # bytes of a piece; what is shorter is merged as fast as it is looked up
_KEPT = 50_000  # entries; a few MB for what is common, 15 MB at worst


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tokens, and whether it is exact or an estimate."""

    tokens: int
    exact: bool


class Encoding:
    """One encoding, ready to count. Safe to share between threads: the caches only ever map a
    text to its one count, so a lost update costs time and nothing else."""

    def __init__(self, name: str) -> None:
        self.table = Table(name)
        self.inside = splitter(name, at_end=False)
        self.at_end = splitter(name, at_end=True)
        self.of_word: dict[bytes, int] = {}
        self.of_chunk: dict[bytes, int] = {}
        self.of_piece: dict[bytes, int] = {}

    def measure(self, text: str) -> Count:
        """The number of tokens of `text`; special tokens count as the text they are."""
        if len(text) > LARGE:
            return self._sampled(text)
        counting = _Counting(self)
        return Count(counting.text(text), exact=counting.exact)

    def _sampled(self, text: str) -> Count:
        step = len(text) // _SAMPLES
        samples = (text[at * step : at * step + _SAMPLE] for at in range(_SAMPLES))
        tokens = sum(_Counting(self).text(sample) for sample in samples)
        return Count(round(tokens * len(text) / (_SAMPLES * _SAMPLE)), exact=False)


class _Counting:
    """One text being counted; `exact` turns false when a piece had to be estimated."""

    def __init__(self, encoding: Encoding) -> None:
        self.exact = True
        self._encoding = encoding

    def text(self, text: str) -> int:
        parts = words(normal(text))
        first = word(parts[0], first=True)
        if len(parts) == 1:
            return self._end(first)
        return self._text(first) + self._words(parts[1:-1]) + self._end(word(parts[-1]))

    def _words(self, parts: list[bytes]) -> int:
        known = self._encoding.of_word
        counts = list(map(known.get, parts))
        total = sum(filter(None, counts))
        for part, times in _unknown(parts, counts).items():
            if len(part) > _KEPT_TEXT:
                count = self._text(word(part))
            else:
                count = self._pieces(self._encoding.inside(word(part)))
                _keep(known, part, count)
            total += times * count
        return total

    def _text(self, text: bytes) -> int:
        return self._chunks(chunks(text))

    def _end(self, text: bytes) -> int:
        """What ends the whole text: its last chunk is split by the pattern for the end."""
        parts = chunks(text)
        last = sum(self._pieces(self._encoding.at_end(chunk)) for chunk in parts[-1:])
        return self._chunks(parts[:-1]) + last

    def _chunks(self, parts: list[bytes]) -> int:
        known = self._encoding.of_chunk
        counts = list(map(known.get, parts))
        total = sum(filter(None, counts))
        for chunk, times in _unknown(parts, counts).items():
            count = self._pieces(self._encoding.inside(chunk))
            if len(chunk) <= _KEPT_TEXT:
                _keep(known, chunk, count)
            total += times * count
        return total

    def _pieces(self, pieces: list[bytes]) -> int:
        ranks, total = self._encoding.table.ascii, len(pieces)
        if total > _MANY:
            for piece, times in Counter(pieces).items():
                if piece not in ranks:
                    total += times * (self._piece(piece) - 1)
            return total
        for piece in pieces:
            if piece not in ranks:
                total += self._piece(piece) - 1
        return total

    def _piece(self, piece: bytes) -> int:
        table = self._encoding.table
        ranks = table.ascii if piece.isascii() else table.all()
        if piece in ranks:
            return 1
        if len(piece) <= _LONG_PIECE:
            return self._merged(piece, ranks)
        self.exact = False
        step = max(_SEGMENT, len(piece) // _SEGMENTS)
        segments = Counter(piece[at : at + _SEGMENT] for at in range(0, len(piece), step))
        tokens = sum(
            times * (1 if segment in ranks else merged_count(segment, ranks))
            for segment, times in segments.items()
        )
        return round(tokens * len(piece) / sum(map(len, segments.elements())))

    def _merged(self, piece: bytes, ranks: dict[bytes, int]) -> int:
        if not _WORTH_KEEPING <= len(piece) <= _KEPT_TEXT:
            return merged_count(piece, ranks)
        count = self._encoding.of_piece.get(piece)
        if count is None:
            count = merged_count(piece, ranks)
            _keep(self._encoding.of_piece, piece, count)
        return count


def _unknown(parts: list[bytes], counts: list[int | None]) -> Mapping[bytes, int]:
    """How often each of the parts stands there whose count is not known."""
    if None not in counts:
        return {}
    return Counter([part for part, count in zip(parts, counts, strict=True) if count is None])


def _keep(counts: dict[bytes, int], text: bytes, count: int) -> None:
    if len(counts) >= _KEPT:
        counts.clear()
    counts[text] = count
