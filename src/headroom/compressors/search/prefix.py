"""The folder that all paths share, said once: `[… "…/" is /home/user/project/]`.

It works on lines, not on groups: a line that begins with the folder begins with `…/` instead,
and nothing else does. Paths are what an agent copies, so they are cut only where it pays well.
"""

from collections.abc import Sequence

CUT = "…/"
_CHARACTERS_PER_TOKEN = 3.5
_LEAST_SAVED = 2_000
_LEAST_SHARE = 0.12
_SHORTEST = 8


def shared_folder(paths: Sequence[str]) -> str:
    """The folder that all of `paths` lie in, with its closing slash, or ""."""
    if len(paths) < 2:
        return ""
    low, high = min(paths), max(paths)
    same = 0
    for one, other in zip(low, high, strict=False):
        if one != other:
            break
        same += 1
    cut = max(low.rfind("/", 0, same), low.rfind("\\", 0, same))
    return low[: cut + 1]


def cut(lines: list[str], folder: str) -> list[str] | None:
    """`lines` with the folder cut from their starts, or None where that pays too little or
    could be misread."""
    if len(folder) < _SHORTEST or any(line.startswith(CUT) for line in lines):
        return None
    count = sum(line.startswith(folder) for line in lines)
    saved = count * (len(folder) - len(CUT)) / _CHARACTERS_PER_TOKEN
    size = sum(map(len, lines)) / _CHARACTERS_PER_TOKEN
    if saved < _LEAST_SAVED or saved < _LEAST_SHARE * size:
        return None
    start = len(folder)
    return [CUT + line[start:] if line.startswith(folder) else line for line in lines]


def note(folder: str) -> str:
    """What the header says of the folder that was cut."""
    return f'"{CUT}" is {folder}'
