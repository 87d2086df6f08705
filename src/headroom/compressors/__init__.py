"""Compressors: one kind of content each. Adding one is a file here and a line in `_BUILT_IN`.

A compressor's module loads with its first use: a process that retrieves an original or shows
the store should not pay for what it never calls.
"""

import importlib

from headroom.compressors._api import Compressor, Sample

_BUILT_IN = {
    "json_rows": "JsonRows",
    "build_output": "BuildOutput",
    "log": "Log",
    "html": "Html",
    "table": "Table",
    "search": "SearchResults",
    "diff": "Diff",
    "listing": "Listing",
    "code": "Code",
    "prose": "Prose",
}


def built_in(*names: str) -> tuple[Compressor, ...]:
    """Fresh compressors of these names, or all that ship with the package, in the order of
    registration."""
    return tuple(_load(name) for name in _BUILT_IN if not names or name in names)


def _load(name: str) -> Compressor:
    module = importlib.import_module(f"headroom.compressors.{name}")
    compressor: Compressor = getattr(module, _BUILT_IN[name])()
    return compressor


__all__ = ["Compressor", "Sample", "built_in"]
