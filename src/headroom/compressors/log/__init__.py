"""The log compressor, as a package: `Log` is all that the outside sees."""

from headroom.compressors.log.compressor import Log

__all__ = ["Log"]
