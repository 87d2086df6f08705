"""The web page compressor, as a package: `Html`, and whether its parser is installed."""

from headroom.compressors.html.compressor import Html
from headroom.compressors.html.tree import available

__all__ = ["Html", "available"]
