"""The arguments of one call on their way to the client: markers that stand alone become lines.

Text goes on as it comes. Held back is a line that may be becoming a sign, from its first bracket
to its end; whatever the pieces, the client gets the same text. Pieces without a bracket of that
kind cost a search, and so do those of a line that is held back.
"""

from headroom.guarding import writing
from headroom.guarding.mending import Mender
from headroom.guarding.signs import bare_of
from headroom.guarding.spelling import MOST_HELD, Spelling
from headroom.guarding.writing import Manner, Reading

_MOST_LOOKS = 400
"""Lines of one call that are looked at; no file has as many gaps."""
_TAIL = 400
_SIGNS = ("+", "-", " ")
_OPENINGS = ("[…", "[\\u2026", "[= ")


class Flow:
    """One call's arguments. `said` is what the model said, `given` what the client got, `held`
    what it has not got yet; `mended` counts the markers that were put back."""

    __slots__ = (
        "_given",
        "_is_open",
        "_looks",
        "_mender",
        "_reading",
        "_said",
        "_spelling",
        "held",
        "mended",
    )

    def __init__(self, tool: str, spelling: Spelling, mender: Mender) -> None:
        self._reading = Reading(plain=spelling.plain) if writing.may_write(tool) else None
        self._spelling = spelling
        self._mender = mender
        self._said: list[str] = []
        self._given: list[str] = []
        self._is_open = False
        self._looks = _MOST_LOOKS
        self.held = ""
        self.mended = 0

    @property
    def said(self) -> str:
        """All that the model said so far."""
        return "".join(self._said) + self.held

    @property
    def given(self) -> str:
        """All that the client got so far."""
        return "".join(self._given)

    @property
    def plain(self) -> bool:
        """Whether the arguments are a plain text."""
        return self._spelling.plain

    def add(self, text: str) -> str:
        """What the client gets for the next piece of the text."""
        if self.passes(text):
            return text
        if self._goes_on(text):
            self.held += text
            return ""
        return self._moved(self.held + text, last=False)

    def passes(self, text: str) -> bool:
        """Whether the next piece of the text goes on as it is; then it is taken."""
        if self.held or self._spelling.opening.search(text) is not None:
            return False
        self._said.append(text)
        self._given.append(text)
        return True

    def end(self) -> str:
        """What the client is still owed."""
        return self._moved(self.held, last=True) if self.held else ""

    def _goes_on(self, text: str) -> bool:
        """Whether a piece only makes the line longer that is held back."""
        if not self._is_open or len(self.held) + len(text) > MOST_HELD:
            return False
        return self._spelling.ends.search(self.held[-1] + text) is None

    def _moved(self, text: str, *, last: bool) -> str:
        opening, tail = self._spelling.opening, self._tail()
        out: list[str] = []
        taken = done = at = 0
        hold = len(text)
        self._is_open = False
        while self._looks and (found := opening.search(text, at)) is not None:
            start = found.start()
            at = start + 1
            close = text[max(0, start - _TAIL) : start]
            front = self._spelling.front.search((tail + close)[-_TAIL:])
            if front is None:
                continue
            stop = self._spelling.stop(text, start, last=last)
            if stop is None and not last and len(text) - start <= MOST_HELD:
                hold = start
                self._is_open = found[0] in _OPENINGS and not self._spelling.ends.search(
                    text, start
                )
                break
            if stop is None:
                continue
            at = stop.at
            self._looks -= 1
            line = text[start : stop.at]
            if not stop.is_text or not self._mender.knows(self._spelling.decoded(line)):
                continue
            self._said.append(text[taken:start])
            taken = start
            if (lines := self._instead(front["front"], line)) is not None:
                out += (text[done:start], lines)
                done = stop.at
        out.append(text[done:hold])
        self._said.append(text[taken:hold])
        self.held = text[hold:]
        given = "".join(out)
        self._given.append(given)
        return given

    def _instead(self, front: str, line: str) -> str | None:
        """What takes the place of a line that was said up to the end of its `front`, which is
        to stay; None where the line stays too."""
        self._said[:] = ["".join(self._said)]
        before = self._said[0][: len(self._said[0]) - len(front)]
        how = self._reading.manner(before) if self._reading is not None else None
        new = self._lines(front + line, before, how) if how is not None else None
        kept = self._spelling.decoded(front)
        # What stands in front of the line must be how the lines begin.
        if new is None or not new.startswith(kept):
            return None
        self.mended += 1
        return self._spelling.encoded(new[len(kept) :])

    def _lines(self, raw: str, before: str, how: Manner) -> str | None:
        line = self._spelling.decoded(raw)
        earlier = self._spelling.lines_before(before)
        sign = ""
        if how is Manner.PATCH:
            sign, line = line[:1], line[1:]
            earlier = [each[1:] for each in earlier]
            if sign not in _SIGNS:
                return None
        elif line.lstrip()[:1] in _SIGNS:
            return None
        original = self._mender.original(bare_of(line), earlier)
        if original is None or not writing.survives(how, before, original):
            return None
        return "\n".join([sign + each for each in original])

    def _tail(self) -> str:
        """The end of what was said: enough to know what stands in front of a bracket."""
        parts: list[str] = []
        size = 0
        for part in reversed(self._said):
            parts.append(part)
            size += len(part)
            if size >= _TAIL:
                break
        return "".join(reversed(parts))
