"""Which compressors take a region, the surest first. It knows their scores and nothing else."""

from collections.abc import Sequence

from headroom.compressors import Compressor, Sample

_SURE = 0.9


class Router:
    """An ordering of compressors for a sample; equal scores keep the order of registration."""

    def __init__(self, compressors: Sequence[Compressor]) -> None:
        self._compressors = tuple(compressors)

    def is_sure(self, sample: Sample) -> bool:
        """Whether a compressor has hardly a doubt that the whole text is of its kind."""
        return any(compressor.score(sample) >= _SURE for compressor in self._compressors)

    def ranked(self, sample: Sample) -> list[Compressor]:
        """Those whose score is not negative, highest first."""
        scored = [(compressor.score(sample), compressor) for compressor in self._compressors]
        able = [entry for entry in scored if entry[0] >= 0]
        return [compressor for _, compressor in sorted(able, key=lambda entry: -entry[0])]
