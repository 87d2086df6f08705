"""Whether a text is a diff: by the headers that only diffs have, at the start of lines.

Source that quotes a diff, or a test log with one at its head, is not one: where the text does
not open as a diff, most of what is probed must be files and hunks. It looks at the head, the
middle and the end.
"""

import re

from headroom.compressors.diff.reading import files

NOT_MINE = -1.0
_SURE = 0.97
_LIKELY = 0.8
_PARTLY = 0.25
_PROBE = 6_000
_OPENS = re.compile(
    r"\s*(?:diff (?:--git |--cc |--combined |-\w* ?)|commit [0-9a-f]{7,40}\b|From [0-9a-f]{40} "
    r"|Index: \S|--- \S|changeset: +\d+:)"
)
_HUNK = re.compile(
    r"^(?:@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@|@@@+(?: -\d+(?:,\d+)?){2,} )", re.MULTILINE
)
_MOST = 0.5
_SOME = 0.2


def likelihood(text: str) -> float:
    """0 to 1, or `NOT_MINE`."""
    probes = _probes(text)
    if not any(map(_has_hunk, probes)) and "\nGIT binary patch" not in probes[0]:
        return NOT_MINE
    if _OPENS.match(probes[0]):
        return _SURE
    share = sum(map(_within, probes)) / sum(map(len, probes))
    if share < _SOME:
        return NOT_MINE
    return _LIKELY if share > _MOST else _PARTLY


def _has_hunk(probe: str) -> bool:
    return "@@ -" in probe and _HUNK.search(probe) is not None


def _within(probe: str) -> int:
    """How many characters of the probe belong to files of a diff."""
    lines = probe.split("\n")
    spans = [lines[file.start : file.end] for file in files(lines)]
    return sum(sum(map(len, span)) + len(span) for span in spans)


def _probes(text: str) -> list[str]:
    if len(text) <= 3 * _PROBE:
        return [text]
    middle = len(text) // 2
    return [text[:_PROBE], text[middle : middle + _PROBE], text[-_PROBE:]]
