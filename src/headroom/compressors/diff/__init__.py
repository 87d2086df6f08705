"""The diff compressor, as a package: `Diff` is all that the outside sees."""

from headroom.compressors.diff.compressor import Diff

__all__ = ["Diff"]
