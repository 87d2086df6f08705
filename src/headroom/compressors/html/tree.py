"""HTML text to a light tree: what a browser would build, without what nobody reads.

The parser (the optional `selectolax`) follows the HTML standard, so broken pages read as in a
browser. The standard's way with unclosed elements costs time and memory by their depth, so a text
whose tags would nest absurdly deep is refused before it is parsed. This module knows nothing of
articles and menus.
"""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from operator import sub
from typing import Any

_DEEPEST = 1_000
_MEAN_DEPTH = 100
_FLATTENED = 120  # deeper elements join the one at this depth, so that walks may recurse
# Elements without an end tag, or whose end tag is often left out, are no step down.
_TAG = re.compile(
    r"<(/?(?:(?:p|li|d[dt]|t[rdh]|br|hr|img|input|meta|link|col|area|base|source|wbr|option"
    r"|param|embed|track)(?=[\s/>])|(?=[a-z])))",
    re.IGNORECASE,
)
_STEPS = {"": 1, "/": -1}
_NEVER_READ_WORDS = """
script style template noscript svg iframe frame object embed applet canvas audio video map link
meta base param input select textarea button datalist progress meter dialog head
"""
_NEVER_READ = frozenset(_NEVER_READ_WORDS.split())
_HIDING_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


@dataclass(slots=True)
class Node:
    """An element: `text` and `linked` are the characters that it shows, and those in links."""

    tag: str
    attributes: dict[str, str | None]
    parent: "Node | None"
    children: "list[Node | str]" = field(default_factory=list)
    text: int = 0
    linked: int = 0
    commas: int = 0

    def get(self, name: str) -> str:
        """An attribute's value, or empty."""
        return self.attributes.get(name) or ""


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: its body's elements in document order (the first is the body itself), the
    parser's own view for what stands in the head, and how many links there were in all."""

    nodes: list[Node]
    parsed: Any
    links: int

    @property
    def body(self) -> Node:
        return self.nodes[0]


def available() -> bool:
    """Whether the parser is installed: `pip install "headroom-ai[html]"`."""
    return importlib.util.find_spec("selectolax") is not None


def read(text: str) -> Page | None:
    """The page in `text`; None where its tags nest too deep to be parsed in bounded time."""
    if _is_too_deep(text):
        return None
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 (an optional dependency)

    parsed = LexborHTMLParser(text)
    body = parsed.body
    nodes = [Node("body", {}, None)]
    if body is not None:
        _fill(body, nodes)
    _measure(nodes)
    links = len(parsed.tags("a"))
    return Page(nodes, parsed, links)


def _is_too_deep(text: str) -> bool:
    if text.count("<") < _DEEPEST:
        return False
    tags: list[str] = _TAG.findall(text)
    sums = list(accumulate([_STEPS.get(tag, 0) for tag in tags]))
    if len(sums) < _DEEPEST:
        return False
    floors = accumulate(sums, min, initial=0)
    next(floors)
    depths: list[int] = list(map(sub, sums, floors))
    return max(depths) > _DEEPEST or sum(depths) > _MEAN_DEPTH * len(depths)


def _fill(body: Any, nodes: list[Node]) -> None:
    """Appends the elements under `body` to `nodes`. What stands in an element that is left out
    has no known parent, so it is left out too."""
    known = {body.mem_id: (nodes[0], 0)}
    for found in body.traverse(include_text=True):
        above = known.get(found.parent.mem_id)
        if above is None:
            continue
        parent, depth = above
        tag = found.tag
        if tag == "-text":
            parent.children.append(found.text_content)
        elif tag not in _NEVER_READ and not tag.startswith(("-", "!")):
            attributes = found.attributes
            if _is_hidden(attributes):
                continue
            node = Node(tag, attributes, parent)
            parent.children.append(node)
            nodes.append(node)
            known[found.mem_id] = (node, depth + 1) if depth < _FLATTENED else (parent, depth)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return False
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    style = attributes.get("style")
    return bool(style) and _HIDING_STYLE.search(style or "") is not None


def _measure(nodes: list[Node]) -> None:
    for node in reversed(nodes):
        for child in node.children:
            if isinstance(child, str):
                node.text += len(child.strip())
                node.commas += child.count(",")
                if not child.isascii():
                    node.commas += child.count("、") + child.count("，")
            else:
                node.text += child.text
                node.linked += child.linked
                node.commas += child.commas
        if node.tag == "a":
            node.linked = node.text


def ancestors(node: Node) -> Iterator[Node]:
    """The elements around `node`, the nearest first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent
