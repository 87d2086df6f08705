"""An agent led through the proxy, and back: its plan applied, the proxy running, the way checked.

What an agent needs is the agent's to say (`agents/`), how a file changes the plans', how the
proxy is started `background/`'s. Here they are put in order. Rule: an agent is led to a proxy
that runs, or not at all; what was begun is taken back where it cannot be finished.
"""

from headroom.wrapping.choices import OWN
from headroom.wrapping.extras import EXTRAS, is_installed
from headroom.wrapping.leading import Wrapped, Wrapping
from headroom.wrapping.routes import headroom_argv, in_place, leads_to, other_proxy
from headroom.wrapping.services import install, uninstall
from headroom.wrapping.unwrapping import unwrap
from headroom.wrapping.usual import runner_of, users_settings

__all__ = [
    "EXTRAS",
    "OWN",
    "Wrapped",
    "Wrapping",
    "headroom_argv",
    "in_place",
    "install",
    "is_installed",
    "leads_to",
    "other_proxy",
    "runner_of",
    "uninstall",
    "unwrap",
    "users_settings",
]
