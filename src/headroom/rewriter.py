"""One text as parts: what stays, what repeats earlier lines, what a compressor shortened.

It opens envelopes, finds repeats and asks the router; it decides nothing about the whole text
and stores nothing. Joined, the parts are the text as it may be sent.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from headroom import envelopes, originals, segments
from headroom.calls import call_of
from headroom.compressors import Sample
from headroom.edits import Fidelity
from headroom.markers import gap_line, omission, omissions, shows_whole_lines
from headroom.noise import cleaned
from headroom.policy import Policy
from headroom.router import Router
from headroom.seen import Piece, Seen
from headroom.stores import Store
from headroom.wire import json_spans

_MOSTLY = 0.9
_MAINLY = 0.7
_FILE = re.compile(r"[\w./~-]*\w\.\w{1,10}\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text as it will read, and the original it rests on, if it was changed.

    `compressor` is empty where the stretch stands as it was.
    """

    text: str
    compressor: str = ""
    fidelity: Fidelity = Fidelity.LOSSLESS
    original: bytes | None = None
    ref: str = ""


class Rewriter:
    """Rewrites one text under a policy, beside what was seen before it. May raise whatever the
    compressors raise."""

    def __init__(self, router: Router, policy: Policy, store: Store | None, seen: Seen) -> None:
        self._router = router
        self._policy = policy
        self._store = store
        self._seen = seen

    def parts(self, sample: Sample, *, person: bool) -> list[Part]:
        """The text with its regions rewritten; `person` tells that a person may have written it."""
        text, parts, at = sample.text, [], 0
        for region in self._regions(sample, person=person):
            parts.append(Part(text[at : region.start]))
            parts += self._region(replace(sample, text=text[region.start : region.end]))
            at = region.end
        return [*parts, Part(text[at:])]

    def compressed(self, sample: Sample) -> Part:
        """The first proposal that is shorter, by the surest compressor; else the text, without
        its noise. Of a file that an agent may edit, only a proposal that shows its lines as they
        are, and all of them where the user has named it."""
        text, noise = sample.text, ""
        if len(text) < segments.MIN_REGION:
            return Part(text)
        call = call_of(sample.tool, sample.source)
        policy = self._policy
        if call.reads and _names(sample.asked, call.path or call.command):
            policy = replace(policy, omit=False)
        if policy.omit:
            text, noise = cleaned(text, verbatim=call.reads)
        part = Part(text)
        original, ref = self._named(sample.text) if noise else (None, "")
        shown = replace(sample, text=text) if noise else sample
        for compressor in self._router.ranked(shown, policy):
            if original is None:
                original, ref = self._named(sample.text)
            proposal = compressor.compress(replace(shown, ref=ref), policy)
            if proposal is None or len(proposal.text) >= len(text):
                continue
            if call.reads and not shows_whole_lines(text, proposal.text):
                continue
            part = Part(proposal.text, compressor.name, proposal.fidelity, original, ref)
            break
        return _without_noise(replace(part, original=original, ref=ref), noise) if noise else part

    def _named(self, text: str) -> tuple[bytes, str]:
        """The original that a text is, and its ref in the store."""
        original = originals.to_bytes(text)
        return original, self._store.ref(original) if self._store else ""

    def _regions(self, sample: Sample, *, person: bool) -> list[segments.Region]:
        """The text's regions, or all of it where a compressor is sure of it as a whole: the JSON
        inside of a page, a diff or a match is a part of that, unless it is most of the text."""
        found = segments.regions(sample.text, person=person)
        whole = segments.Region(0, len(sample.text))
        if person or found in ([], [whole]) or _is_mainly_json(sample.text, found):
            return found
        return [whole] if self._router.is_sure(sample) else found

    def _region(self, sample: Sample) -> list[Part]:
        """A JSON text that only wraps long strings has those rewritten, each as what it is."""
        found = envelopes.letters(sample.text)
        if not found:
            return self._lines(sample)
        body, at = sample.text.encode("utf-8"), 0
        parts: list[Part] = []
        for letter in found:
            written = self.parts(replace(sample, text=letter.text), person=False)
            if any(part.compressor for part in written):
                parts.append(Part(body[at : letter.start].decode("utf-8")))
                parts += _as_json_string(written)
                at = letter.end
        return [*parts, Part(body[at:].decode("utf-8"))]

    def _lines(self, sample: Sample) -> list[Part]:
        """Lines shown before become references and the rest is compressed, or all of it is
        compressed as one (half a JSON text is no JSON), whichever is shorter."""
        pieces = self._seen.pieces(sample.text)
        if all(piece.repeat is None for piece in pieces):
            return _referred(self.compressed(sample), self._seen)
        parts: list[Part] = []
        repeated = 0
        for text, repeat in _cut(sample.text, pieces):
            if repeat is None:
                parts.append(self.compressed(replace(sample, text=text)))
            else:
                parts.append(Part(repeat, "repeats"))
                repeated += len(text)
            parts.append(Part("\n"))
        parts.pop()
        if repeated < _MOSTLY * len(sample.text):
            whole = _referred(self.compressed(sample), self._seen)
            if _length(whole) < _length(parts):
                return whole
        return parts


def _is_mainly_json(text: str, found: Sequence[segments.Region]) -> bool:
    sizes = (region.end - region.start for region in found if text[region.start] in "[{")
    return max(sizes, default=0) > _MAINLY * len(text)


def _referred(part: Part, seen: Seen) -> list[Part]:
    """A compressed part whose lines may be those of an earlier compressed text."""
    pieces = seen.pieces(part.text) if part.compressor else []
    if all(piece.repeat is None for piece in pieces):
        return [part]
    parts: list[Part] = []
    for text, repeat in _cut(part.text, pieces):
        parts.append(replace(part, text=text) if repeat is None else Part(repeat, "repeats"))
        parts.append(Part("\n"))
    parts.pop()
    # Whatever became of its lines, the original is to be kept.
    return [replace(part, text=""), *parts]


def _cut(text: str, pieces: Sequence[Piece]) -> Iterator[tuple[str, str | None]]:
    """The pieces as texts, each with the reference that stands for it."""
    lines = text.split("\n")
    for piece in pieces:
        yield "\n".join(lines[piece.start : piece.end]), piece.repeat


def _length(parts: Sequence[Part]) -> int:
    return sum(len(part.text) for part in parts)


def _without_noise(part: Part, noise: str) -> Part:
    """A part that says at its end what noise it left out."""
    said = f"{noise} omitted"
    told = any(marker.ref == part.ref for marker in omissions(part.text))
    return replace(
        part,
        text=f"{part.text}\n{gap_line(said) if told else omission(said, part.ref)}",
        compressor="+".join(filter(None, ("noise", part.compressor))),
        fidelity=Fidelity.RECOVERABLE,
    )


def _names(asked: str, source: str) -> bool:
    """Whether a person's words name one of the files in `source`."""
    names = {path.rpartition("/")[2] for path in _FILE.findall(source)}
    return any(name in asked for name in names)


def _as_json_string(parts: Sequence[Part]) -> list[Part]:
    inner = [json_spans.encoded(part.text).decode("utf-8")[1:-1] for part in parts]
    texts = [replace(part, text=text) for part, text in zip(parts, inner, strict=True)]
    return [Part('"'), *texts, Part('"')]
