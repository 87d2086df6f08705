"""`ls -R`: a heading and names for each folder, each folder one line below the one around it.

    [ls -R of 12 folders, one a line: "a/: b c" is b and c in a; indented is inside …]

What follows the last folder (a prompt, a second command's output) stands as it was.
"""

from collections.abc import Mapping, Sequence

from headroom.compressors.listing import folders
from headroom.compressors.listing.gaps import Entry, Gap

_LEAST = 3
_MOSTLY = 0.9


def is_heading(text: str) -> bool:
    """Whether a line may head the names of a folder."""
    return text.endswith(":") and not text.endswith("/:") and folders.is_plain(text)


def is_recursive(lines: Sequence[str]) -> bool:
    """Whether a text that begins with these lines is such a listing: several folders, and below
    them bare names."""
    found = sections(lines)
    names = [line for start, end in found for line in lines[start + 1 : end]]
    bare = sum(map(folders.is_plain, names))
    return len(found) >= _LEAST and len(names) >= len(found) and bare > _MOSTLY * len(names)


def sections(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where each folder's heading stands and where its names end."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(lines) and is_heading(lines[at]):
        end = at + 1
        while end < len(lines) and lines[end]:
            end += 1
        found.append((at, end))
        at = end + 1
    return found


class Recursive:
    """A text of `ls -R`, cut once."""

    least_saved = 80
    most_left = 0.99

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._sections = sections(self._lines)

    def entries(self) -> list[Entry]:
        """The names, each in its folder; a heading and an empty line belong to their folder."""
        found = []
        for start, end in self._sections:
            folder = self._folder(start)
            found.append(Entry(start, folder, ""))
            found += [Entry(at, folder, self._lines[at]) for at in range(start + 1, end)]
            found += [Entry(end, folder, "")] * (end < len(self._lines))
        return found

    def fold(self, gaps: Mapping[int, Gap]) -> str | None:
        """The text with each folder in one line, or None where it is no such listing."""
        if len(self._sections) < _LEAST:
            return None
        groups: list[tuple[str, list[str]]] = []
        until = -1
        for start, end in self._sections:
            if start in gaps:
                until = gaps[start].end
                groups.append((gaps[start].folder, [gaps[start].text]))
            elif start >= until:
                groups.append((self._folder(start), self._names(start + 1, end, gaps)))
        last = max(until - 1, self._sections[-1][1])
        title = (
            f'[ls -R of {len(groups):,} folders, one a line: "a/: b c" is b and c in a; '
            "indented is inside the folder above]"
        )
        return "\n".join([title, *_body(groups), *self._lines[last:]])

    def _folder(self, at: int) -> str:
        return self._lines[at][:-1] + "/"

    def _names(self, start: int, end: int, gaps: Mapping[int, Gap]) -> list[str]:
        words: list[str] = []
        for cut in [cut for cut in range(start, end) if cut in gaps] if gaps else []:
            words += [*folders.words(self._lines[start:cut]), gaps[cut].text]
            start = gaps[cut].end
        return [*words, *folders.words(self._lines[start:end])]


def _body(groups: Sequence[tuple[str, list[str]]]) -> list[str]:
    return [
        f"{' ' * step.depth}{step.relative}: {' '.join(groups[step.group][1])}".rstrip(" ")
        if step.group >= 0
        else " " * step.depth + step.relative
        for step in folders.steps([folder for folder, _ in groups])
    ]
