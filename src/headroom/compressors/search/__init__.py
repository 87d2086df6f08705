"""The search compressor, as a package: `SearchResults` is all that the outside sees."""

from headroom.compressors.search.compressor import SearchResults

__all__ = ["SearchResults"]
