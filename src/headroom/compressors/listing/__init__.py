"""The listing compressor, as a package: `Listing` is all that the outside sees."""

from headroom.compressors.listing.compressor import Listing

__all__ = ["Listing"]
