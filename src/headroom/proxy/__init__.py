"""The proxy between any client and its provider (extra `proxy`).

    headroom proxy --port 8787

Names load on first use: the command line asks for them only when it serves.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headroom.proxy.app import create_app
    from headroom.proxy.serving import serve

__all__ = ["create_app", "serve"]

_HOMES = {"create_app": "app", "serve": "serving"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'headroom.proxy' has no attribute {name!r}")
    return getattr(importlib.import_module(f"headroom.proxy.{_HOMES[name]}"), name)
