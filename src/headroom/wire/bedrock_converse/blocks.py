"""Content blocks, read: what is said, what is called, and by whom the call is to be answered.

Shapes are the provider's and may be anything: what is not as documented is nobody's call and
says nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from headroom.markers import TOOL_NAME
from headroom.wire._api import Call, Turn
from headroom.wire.values import encoded

Content = list[dict[str, Any]]

_GOES_ON = ("tool_use", "end_turn")
"""Stop reasons after which calls stand whole. Some models give the second beside calls."""


def objects_in(values: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects in a list with their index; nothing if it is no list."""
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield index, value


def is_hidden(block: dict[str, Any]) -> bool:
    """Whether a block, or the start of one, is a call of the retrieve tool."""
    use = block.get("toolUse")
    return (
        isinstance(use, dict)
        and use.get("name") == TOOL_NAME
        and isinstance(use.get("toolUseId"), str)
    )


def is_clients_call(block: dict[str, Any]) -> bool:
    """Whether a block, or the start of one, is a call that the client is to answer."""
    use = block.get("toolUse")
    if not isinstance(use, dict) or is_hidden(block):
        return False
    return use.get("type") != "server_tool_use"


def shown(content: Iterable[dict[str, Any]]) -> Content:
    """What of a content the client is shown."""
    return [block for block in content if not is_hidden(block)]


def client_ids(content: Iterable[dict[str, Any]]) -> list[str]:
    """The ids of the calls that the client is to answer."""
    return [str(block["toolUse"].get("toolUseId")) for block in content if is_clients_call(block)]


def text_of(block: dict[str, Any]) -> str | None:
    """What a block says in words, cited ones included; None where it is no text."""
    cited = block.get("citationsContent")
    if isinstance(cited, dict):
        return "".join(text_of(part) or "" for _, part in objects_in(cited.get("content")))
    text = block.get("text")
    return text if isinstance(text, str) else None


def spoken(content: Iterable[dict[str, Any]]) -> str:
    """All that a content says in words."""
    return "".join(text_of(block) or "" for block in content)


def turn_of(content: Content, stop: Any) -> Turn | None:
    """The turn that a leg with this content is, if the model called the retrieve tool in it."""
    calls = tuple(_call(block["toolUse"]) for block in content if is_hidden(block))
    if not calls or stop not in _GOES_ON:
        return None
    said = encoded([block for block in content if not _is_blank(block)])
    return Turn(calls, said, alone=not any(map(is_clients_call, content)))


def results_for(calls: Sequence[Call], results: Sequence[str]) -> Content:
    """The blocks that answer calls. A blank text is refused by the API, an empty list is not."""
    return [
        {
            "toolResult": {
                "toolUseId": call.id,
                "content": [{"text": _writable(result)}] if result.strip() else [],
            }
        }
        for call, result in zip(calls, results, strict=False)
    ]


def _writable(text: str) -> str:
    """Bytes of an original that were no text are lone surrogates here, which JSON cannot have."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _call(use: dict[str, Any]) -> Call:
    arguments = use.get("input")
    return Call(use["toolUseId"], arguments if isinstance(arguments, dict) else {})


def _is_blank(block: dict[str, Any]) -> bool:
    """Models say blank texts that the API then refuses to hear."""
    return "text" in block and not (text_of(block) or "").strip()
