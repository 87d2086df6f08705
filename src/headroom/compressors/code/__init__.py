"""The code compressor, as a package: `Code`, its `Rules`, and `outline` for one file."""

from headroom.compressors.code.choice import Rules
from headroom.compressors.code.compressor import Code, outline

__all__ = ["Code", "Rules", "outline"]
