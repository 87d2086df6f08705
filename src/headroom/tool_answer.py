"""What the retrieve tool says to a model: the original, a part of it, or why there is none.

Always a text, always true, and always an end: a model that is told why something cannot be had
does not ask for it again.
"""

from collections.abc import Mapping
from typing import Any

from headroom import originals, retrieval
from headroom.errors import Corrupt, NotFound, SettingsError, StoreError
from headroom.stores import Store

LONGEST = 400_000
"""Characters of one answer; more is never what a context can take."""
_SELECTORS = ("lines", "match", "path")


def tool_answer(store: Store, arguments: Mapping[str, Any], *, again: bool = False) -> str:
    """The text for a call with these arguments. Asked `again` for the same ref, the original
    comes whole, whatever narrows the call: the part that was asked for did not do."""
    ref = arguments.get("ref")
    if not isinstance(ref, str) or not ref.strip():
        return "headroom_retrieve needs a ref, as it stands in the marker."
    try:
        original = store.get(ref)
    except (NotFound, Corrupt) as error:
        said = str(error).removesuffix(".")
        return f"{said}. It will not come back: go on without it, or produce the output again."
    except StoreError as error:
        return f"The original cannot be read now: {error}"
    lines, match, path = (None if again else _selector(arguments, name) for name in _SELECTORS)
    if lines is match is path is None:
        return _bounded(originals.to_text(original))
    try:
        return _bounded(retrieval.select(original, lines=lines, match=match, path=path))
    except SettingsError as error:
        said = str(error).removesuffix(".")
        return f"{said}. Call it with the ref alone for the whole original."


def _selector(arguments: Mapping[str, Any], name: str) -> str | None:
    value = arguments.get(name)
    return None if value in (None, "") else str(value)


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    shown = text[: text.rfind("\n", 0, LONGEST) + 1] or text[:LONGEST]
    first, every = shown.count("\n"), text.count("\n") + 1
    return (
        f"{shown}\n[the first {first:,} of {every:,} lines; ask for the rest by "
        f'lines="{first + 1}-…" or match]'
    )
