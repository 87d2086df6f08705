"""Which arm of the trial a session is in. Pure: the session's name and the share decide.

Rule: raising the share moves sessions into the held-out arm and none out of it. Whoever calls
settles what is returned here with a session's first request, so that a running one stays where
it is; nothing here knows of requests or of a store.
"""

from hashlib import blake2b

COMPRESSED = "compressed"
"""Drawn to be compressed while others are held out; outside of a trial an arm is empty."""
HELD_OUT = "held out"
SWITCHED_OFF = "switched off"

_KEY = b"headroom holdout"
_BYTES = 8


def arm_of(session: str, share: float) -> str:
    """The arm of a session while `share` (0 to 1) of them is held out; empty where none is, or
    where the session has no name."""
    if not session or share <= 0.0:
        return ""
    return HELD_OUT if _place(family_of(session)) < share else COMPRESSED


def family_of(session: str) -> str:
    """What a session and its sub-agents have in common: the name up to a dot."""
    return session.partition(".")[0]


def _place(name: str) -> float:
    """Where in [0, 1) a name falls; every place is as likely."""
    data = name.encode("utf-8", "surrogatepass")
    digest = blake2b(data, digest_size=_BYTES, key=_KEY).digest()
    # 53 bits are what a float holds, so that 1.0 cannot come out by rounding.
    return (int.from_bytes(digest, "big") >> 11) / 2.0**53
