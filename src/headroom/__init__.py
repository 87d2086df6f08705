"""Headroom: compresses what an AI agent reads before the LLM bills it.

    from headroom import compress, retrieve, CodeCompressor, SmartCrusher

Names load on first use: `headroom --version` and a process that only reads settings should not
pay for SQLite, regular expressions and token tables.
"""

import importlib

TYPE_CHECKING = False  # `typing` alone would double what the import of this package costs
if TYPE_CHECKING:
    from headroom.caching.aligner import CacheAligner
    from headroom.crushing import CodeCompressor, Crushed, SmartCrusher
    from headroom.errors import HeadroomError, NotFound, SettingsError, StoreError
    from headroom.library import Compressed, compress, retrieve
    from headroom.tool_definition import retrieve_tool

__version__ = "0.1.0"

__all__ = [
    "CacheAligner",
    "CodeCompressor",
    "Compressed",
    "Crushed",
    "HeadroomError",
    "NotFound",
    "SettingsError",
    "SmartCrusher",
    "StoreError",
    "compress",
    "retrieve",
    "retrieve_tool",
]

_HOMES = {
    "CacheAligner": "caching.aligner",
    "CodeCompressor": "crushing",
    "Crushed": "crushing",
    "HeadroomError": "errors",
    "NotFound": "errors",
    "SettingsError": "errors",
    "SmartCrusher": "crushing",
    "StoreError": "errors",
    "retrieve_tool": "tool_definition",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'headroom' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"headroom.{_HOMES.get(name, 'library')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
