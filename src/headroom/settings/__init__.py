"""Where things are and what the user chose: flags, environment and files in, one value out.

A flag wins over the environment, the environment over the user's file. The project's file may
only make things safer than the user's own: it came with the repository.
"""

from headroom.settings.keys import (
    PRICE_KEYS,
    PROJECT_KEYS,
    PROXY_KEYS,
    TOOL_KEYS,
    USER_KEYS,
    VARIABLES,
)
from headroom.settings.loading import FILE_NAME, environment, explain, files, home, load
from headroom.settings.values import GB, ProxySettings, Setting, Settings, Upstreams

__all__ = [
    "FILE_NAME",
    "GB",
    "PRICE_KEYS",
    "PROJECT_KEYS",
    "PROXY_KEYS",
    "TOOL_KEYS",
    "USER_KEYS",
    "VARIABLES",
    "ProxySettings",
    "Setting",
    "Settings",
    "Upstreams",
    "environment",
    "explain",
    "files",
    "home",
    "load",
]
