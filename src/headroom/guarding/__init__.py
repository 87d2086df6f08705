"""The write guard: markers that a model copied into a file, caught on the way to the client."""

from headroom.guarding.call import LET_THROUGH, OUTLINE, PUT_BACK, Finding, Note
from headroom.guarding.guarded import GuardedAnswer
from headroom.guarding.noting import Noted, anchors, noted, noteworthy

__all__ = [
    "LET_THROUGH",
    "OUTLINE",
    "PUT_BACK",
    "Finding",
    "GuardedAnswer",
    "Note",
    "Noted",
    "anchors",
    "noted",
    "noteworthy",
]
