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
from headroom.tokens._tables import NO_TOKEN, Ranks

# About a million tokens: what no model's context holds, nobody needs to the last token.
LARGE = 4 * 1024 * 1024
_SAMPLES, _SAMPLE = 32, 64 * 1024

_LONG_PIECE = 2_000
_SEGMENTS, _SEGMENT = 64, 500

# Pieces worth a look at which of them are equal.
_MANY = 32

_KEPT_TEXT = 128  # bytes; what is longer seldom comes back
_KEPT = 50_000  # entries of a cache; 2 to 5 MB for what is common, 12 MB at worst


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tokens, and whether it is exact or an estimate."""

    tokens: int
    exact: bool


class Encoding:
    """One encoding, ready to count. Safe to share between threads: the caches only ever map a
    text to its one count, so a lost update costs time and nothing else.

    Inside, an estimate is a float, and so is every sum with an estimate in it.
    """

    def __init__(self, name: str) -> None:
        self._inside = splitter(name, at_end=False)
        self._at_end = splitter(name, at_end=True)
        self._of_word: dict[bytes, float] = {}
        self._of_chunk: dict[bytes, float] = {}
        self._of_piece = _Pieces(Ranks(name))

    def measure(self, text: str) -> Count:
        """The number of tokens of `text`; special tokens count as the text they are."""
        tokens = self._tokens(text) if len(text) <= LARGE else self._sampled(text)
        return Count(round(tokens), exact=isinstance(tokens, int))

    def _sampled(self, text: str) -> float:
        step = len(text) // _SAMPLES
        samples = (text[at * step : at * step + _SAMPLE] for at in range(_SAMPLES))
        return sum(map(self._tokens, samples)) * len(text) / (_SAMPLES * _SAMPLE)

    def _tokens(self, text: str) -> float:
        parts = words(normal(text))
        first = word(parts[0], first=True)
        if len(parts) == 1:
            return self._end(first)
        return self._text(first) + self._words(parts[1:-1]) + self._end(word(parts[-1]))

    def _words(self, parts: list[bytes]) -> float:
        known = self._of_word
        counts = list(map(known.get, parts))
        total = sum(filter(None, counts))
        for part, times in _unknown(parts, counts).items():
            if len(part) > _KEPT_TEXT:
                count = self._text(word(part))
            else:
                count = self._pieces(self._inside(word(part)))
                _keep(known, part, count)
            total += times * count
        return total

    def _text(self, text: bytes) -> float:
        return self._chunks(chunks(text))

    def _end(self, text: bytes) -> float:
        """What ends the whole text: its last chunk is split by the pattern for the end."""
        parts = chunks(text)
        last = sum(self._pieces(self._at_end(chunk)) for chunk in parts[-1:])
        return self._chunks(parts[:-1]) + last

    def _chunks(self, parts: list[bytes]) -> float:
        known = self._of_chunk
        counts = list(map(known.get, parts))
        total = sum(filter(None, counts))
        for chunk, times in _unknown(parts, counts).items():
            count = self._pieces(self._inside(chunk))
            if len(chunk) <= _KEPT_TEXT:
                _keep(known, chunk, count)
            total += times * count
        return total

    def _pieces(self, pieces: list[bytes]) -> float:
        known = self._of_piece
        if len(pieces) <= _MANY:
            return sum(map(known.__getitem__, pieces))
        return sum(times * known[piece] for piece, times in Counter(pieces).items())


class _Pieces(dict[bytes, float]):
    """Tokens by piece, counted when first asked for."""

    __slots__ = ("_rank_of",)

    def __init__(self, ranks: Ranks) -> None:
        super().__init__()
        self._rank_of = ranks.__getitem__

    def __missing__(self, piece: bytes) -> float:
        if len(piece) > _LONG_PIECE:
            return self._estimated(piece)
        count = self._counted(piece)
        if len(piece) <= _KEPT_TEXT:
            _keep(self, piece, count)
        return count

    def _counted(self, piece: bytes) -> int:
        rank_of = self._rank_of
        return 1 if rank_of(piece) != NO_TOKEN else merged_count(piece, rank_of)

    def _estimated(self, piece: bytes) -> float:
        step = max(_SEGMENT, len(piece) // _SEGMENTS)
        segments = Counter(piece[at : at + _SEGMENT] for at in range(0, len(piece), step))
        tokens = sum(times * self._counted(segment) for segment, times in segments.items())
        return float(round(tokens * len(piece) / sum(map(len, segments.elements()))))


def _unknown(parts: list[bytes], counts: list[float | None]) -> Mapping[bytes, int]:
    """How often each of the parts stands there whose count is not known."""
    if None not in counts:
        return {}
    return Counter([part for part, count in zip(parts, counts, strict=True) if count is None])


def _keep(counts: dict[bytes, float], text: bytes, count: float) -> None:
    if len(counts) >= _KEPT:
        counts.clear()
    counts[text] = count
