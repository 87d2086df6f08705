"""One text as parts: what stays, what repeats earlier lines, what a compressor shortened.

It opens envelopes, finds repeats and asks the router; it decides nothing about the whole text
and stores nothing. Joined, the parts are the text as it may be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headroom import envelopes, originals, segments
from headroom.compressors import Compressor, Sample
from headroom.edits import Fidelity
from headroom.policy import Policy
from headroom.router import Router
from headroom.seen import Seen
from headroom.stores import Store
from headroom.wire import json_spans

_MOSTLY = 0.9


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
    """Rewrites texts with some compressors under one policy. May raise whatever they raise."""

    def __init__(
        self, compressors: Sequence[Compressor], policy: Policy, store: Store | None
    ) -> None:
        self._router = Router(compressors)
        self._policy = policy
        self._store = store

    def parts(
        self, text: str, found: Sequence[segments.Region], context: Sample, seen: Seen
    ) -> list[Part]:
        """`text` with its regions rewritten; `context` is a sample without a text."""
        parts, at = [], 0
        for region in found:
            parts.append(Part(text[at : region.start]))
            parts += self._region(replace(context, text=text[region.start : region.end]), seen)
            at = region.end
        return [*parts, Part(text[at:])]

    def compressed(self, sample: Sample) -> Part:
        """The first proposal that is shorter, by the surest compressor; else the text."""
        ranked = self._router.ranked(sample) if len(sample.text) >= segments.MIN_REGION else []
        if not ranked:
            return Part(sample.text)
        original = originals.to_bytes(sample.text)
        ref = self._store.ref(original) if self._store else ""
        sample = replace(sample, ref=ref)
        for compressor in ranked:
            proposal = compressor.compress(sample, self._policy)
            if proposal is None or len(proposal.text) >= len(sample.text):
                continue
            return Part(proposal.text, compressor.name, proposal.fidelity, original, ref)
        return Part(sample.text)

    def _region(self, sample: Sample, seen: Seen) -> list[Part]:
        """A JSON text that only wraps long strings has those rewritten, each as what it is."""
        found = envelopes.letters(sample.text)
        if not found:
            return self._lines(sample, seen)
        body, at = sample.text.encode("utf-8"), 0
        parts: list[Part] = []
        for letter in found:
            inside = segments.regions(letter.text, person=False)
            written = self.parts(letter.text, inside, sample, seen)
            if any(part.compressor for part in written):
                parts.append(Part(body[at : letter.start].decode("utf-8")))
                parts += _as_json_string(written)
                at = letter.end
        return [*parts, Part(body[at:].decode("utf-8"))]

    def _lines(self, sample: Sample, seen: Seen) -> list[Part]:
        """Lines shown before become references and the rest is compressed, or all of it is
        compressed as one (half a JSON text is no JSON), whichever is shorter."""
        pieces = seen.pieces(sample.text)
        if all(piece.repeat is None for piece in pieces):
            return [self.compressed(sample)]
        lines = sample.text.split("\n")
        parts: list[Part] = []
        repeated = 0
        for piece in pieces:
            body = "\n".join(lines[piece.start : piece.end])
            if piece.repeat is None:
                parts.append(self.compressed(replace(sample, text=body)))
            else:
                parts.append(Part(piece.repeat, "repeats"))
                repeated += len(body)
            if piece.end < len(lines):
                parts.append(Part("\n"))
        if repeated < _MOSTLY * len(sample.text):
            whole = self.compressed(sample)
            if len(whole.text) < sum(len(part.text) for part in parts):
                return [whole]
        return parts


def _as_json_string(parts: Sequence[Part]) -> list[Part]:
    inner = [json_spans.encoded(part.text).decode("utf-8")[1:-1] for part in parts]
    texts = [replace(part, text=text) for part, text in zip(parts, inner, strict=True)]
    return [Part('"'), *texts, Part('"')]
