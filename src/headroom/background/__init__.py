"""The proxy as a process of its own: started once, found again, ended when it is told to.

    running = background.ensure(settings.load(), {"port": 8787})

Rule: what a port answers decides, not what was written down; and no process is ended that is not
known to be the proxy on that port. Nothing here knows how a proxy serves. Names load on first
use: where one runs already, finding it is all that is paid for.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headroom.background.ensuring import ensure
    from headroom.background.finding import find, known
    from headroom.background.health import Health
    from headroom.background.stopping import stop
    from headroom.background.values import BackgroundError, Known, Running

__all__ = ["BackgroundError", "Health", "Known", "Running", "ensure", "find", "known", "stop"]

_HOMES = {
    "BackgroundError": "values",
    "Health": "health",
    "Known": "values",
    "Running": "values",
    "ensure": "ensuring",
    "find": "finding",
    "known": "finding",
    "stop": "stopping",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'headroom.background' has no attribute {name!r}")
    return getattr(importlib.import_module(f"headroom.background.{_HOMES[name]}"), name)
