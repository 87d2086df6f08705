"""The compressor of test and build output, as a package: `BuildOutput` is all the outside sees."""

from headroom.compressors.build_output.compressor import BuildOutput

__all__ = ["BuildOutput"]
