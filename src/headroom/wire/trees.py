"""Message lists as Python values: read plainly, edited by copying along the path only.

SDK objects (anything with `model_dump`) are read as the dicts they stand for.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headroom.conversation import Path
from headroom.edits import Edit
from headroom.errors import WireError

_LEAVES = frozenset((str, int, float, bool, type(None)))


def plain(value: Any) -> Any:
    """`value` with SDK objects, mappings and tuples as dicts and lists, all the way down."""
    # What JSON gives is nearly all there is; the rest asks more, and costs more.
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind is dict:
        return {key: v if type(v) in _LEAVES else plain(v) for key, v in value.items()}
    if kind is list:
        return [item if type(item) in _LEAVES else plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    dump = getattr(value, "model_dump", None)
    return plain(dump()) if callable(dump) else value


def replaced(tree: Any, edits: Iterable[Edit]) -> Any:
    """A tree with each edit's text in place; parts that no edit touches are shared with `tree`.

    Raises:
        WireError: a path leads to no text, or to another text than the edit expects.
    """
    for edit in edits:
        tree = _with(tree, edit.path, edit)
    return tree


def _with(node: Any, path: Path, edit: Edit) -> Any:
    if not path:
        if node != edit.before:
            raise WireError(f"the text at {edit.path} is not the one that was edited")
        return edit.after
    if not isinstance(node, (Mapping, Sequence)) or isinstance(node, str):
        node = plain(node)
    step = path[0]
    if isinstance(node, Mapping) and step in node:
        return {**node, step: _with(node[step], path[1:], edit)}
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
        return [*node[:step], _with(node[step], path[1:], edit), *node[step + 1 :]]
    raise WireError(f"no text at {edit.path}")
