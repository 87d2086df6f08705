"""The prose compressor, as a package: `Prose` and the seam for a trained model."""

from headroom.compressors.prose.compressor import Prose
from headroom.compressors.prose.model import SentenceModel

__all__ = ["Prose", "SentenceModel"]
