"""How a provider's token count of a model compares with ours, where ours is an estimate.

Two requests of which one goes on from the other differ by texts alone: what each side counts for
the difference tells how the counts compare, whatever tools and images stand before.
"""

from collections import OrderedDict

from headroom.caching.layout import Layout, Zone

_LEAST, _MOST = 0.5, 2.0
_ENOUGH = 2_000
"""Tokens of differences from which on they tell more than chance."""
_REMEMBERED = 200


class Scale:
    """One model's."""

    def __init__(self) -> None:
        self._theirs = self._ours = 0
        self._latest: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def of(self, layout: Layout, prompt: int) -> float:
        """Tokens of the provider's for one of ours, after a request for which it counted
        `prompt`."""
        beginning = _beginning(layout)
        ours = layout.after
        theirs_before, ours_before = self._latest.get(beginning, (prompt, ours))
        if ours > ours_before and prompt > theirs_before:
            self._theirs += prompt - theirs_before
            self._ours += ours - ours_before
        self._latest[beginning] = (prompt, ours)
        self._latest.move_to_end(beginning)
        while len(self._latest) > _REMEMBERED:
            self._latest.popitem(last=False)
        if self._ours < _ENOUGH:
            return 1.0
        return min(max(self._theirs / self._ours, _LEAST), _MOST)


def _beginning(layout: Layout) -> bytes:
    """What stays the same while a conversation grows: all up to and with its first message."""
    found = []
    for piece in layout.pieces:
        found.append(piece.digest)
        if piece.zone is Zone.MESSAGES and piece.digest:
            break
    return b"".join(found)
