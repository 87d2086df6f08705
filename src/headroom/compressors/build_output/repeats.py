"""When two lines say the same: exactly but for what differs from run to run, or in kind.

The exact wording looks through addresses, durations and percentages only, so that two failing
tests never fall together. The kind looks through places, numbers and quoted names, so that a
thousand like warnings are one. It knows nothing of what is shown.
"""

import re

from headroom.compressors.build_output.trouble import PLACE_INSIDE

_RUN_BOUND = re.compile(r"0x[0-9a-fA-F]{4,}|\d[\d.:]*(?: ?(?:m?s|sec)\b|%)|\d\d:\d\d:\d\d[.,\d]*")
_QUOTED = re.compile(r"'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|`[^`\n]{1,80}`|‘[^’\n]{1,80}’")
_NUMBER = re.compile(r"\d+")
_WIDTH = 400
_LONGEST = 20_000


def wording(line: str) -> str:
    """`line` without what differs between runs; a very long one as it is."""
    if len(line) > _LONGEST:
        return line.strip()
    return _RUN_BOUND.sub("#", line.strip())


def template(line: str) -> str:
    """The kind of `line`: without places, paths and numbers."""
    said = _NUMBER.sub("#", line[:_WIDTH])
    words = said.split()
    if _is_place(said):
        words = [word for word in words if not _is_place(word)]
    return " ".join(words)


def _is_place(word: str) -> bool:
    return "/" in word or ":#" in word or "(#" in word or "[#" in word or "\\" in word


def message(line: str) -> str:
    """The kind of `line`, also without quoted names: what a rule of a linter says."""
    return template(_QUOTED.sub("'", line[:_WIDTH]))


def place_of(line: str) -> tuple[str, str]:
    """The file and the place in it that `line` names first; empty where it names none."""
    found = PLACE_INSIDE.search(line[:_WIDTH])
    if found is None:
        return "", ""
    listed = found["listed"] or found["maven"] or found["round"] or found["line"]
    return found["path"], listed.replace(",", ":").replace(" ", "")
