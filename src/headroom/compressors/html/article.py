"""Where on a page its main text is.

A page that says it is an article has one. Paragraphs speak for what holds them: a text counts by
its length and its commas, half as much for the next element up, and so on. The element with the
most is the main text, with those beside it that are like it; the rest is comments and what to
read next. Any other page (a listing, a reference, a forum) is shown whole but for its menus.
"""

import re
from dataclasses import dataclass

from headroom.compressors.html import chrome
from headroom.compressors.html.tree import Node, Page, ancestors

_BLOCKS_WORDS = """
address article aside blockquote center dd details div dl dt fieldset figcaption figure footer
form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td tr ul
"""
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_SELF_CONTAINED = frozenset(
    ("p", "pre", "td", "blockquote", "section", "h2", "h3", "h4", "li", "dd")
)
_PRIOR = {"div": 5.0, "article": 10.0, "main": 5.0, "section": 3.0, "pre": 3.0, "td": 3.0}
_PRIOR |= {"blockquote": 3.0, "th": -5.0}
_PRIOR |= dict.fromkeys(("form", "ol", "ul", "dl", "li", "address"), -3.0)
_NAMED = 1.25
_LEAST = 25
_LEVELS = 5
_LANDMARK_SHARE = 0.5
_NAMED_SHARE = 0.45
_HALF = 0.5
_NEARLY_ALL = 0.9
_FEW = 0.2
_PLAIN = 0.15
_SIBLING_LINKS = 0.3
_SIBLING = 0.5
_LINK_LIST = 0.8
_LINK_LINE = 0.9
_SMALL_PART = 0.15
_DECLARED = (
    '[itemprop~="articleBody"],meta[property="article:published_time"],'
    'meta[property="og:type"][content="article" i],meta[name="og:type"][content="article" i],'
    '[itemtype$="Article"],[itemtype$="BlogPosting"]'
)
_ENTRIES = "article,.hentry,.h-entry"
_LINKED_DATA = 'script[type="application/ld+json"]'
_ARTICLE = re.compile(r'"@type"\s*:\s*\[?\s*"\w{0,20}(?:Article|BlogPosting)"')


@dataclass(frozen=True, slots=True)
class Main:
    """The elements that hold the main text, and those inside them that are left out (by `id`)."""

    parts: list[Node]
    left_out: frozenset[int]


@dataclass(slots=True)
class _Marks:
    """What paragraphs give to the elements around them, by `id`: `points` fade with distance,
    `mass` does not."""

    points: dict[int, float]
    mass: dict[int, float]


def main_text(page: Page) -> Main:
    """The main text of `page`; its whole body where it is no article."""
    is_article = _is_article(page)
    names = chrome.names(page.nodes)
    out = _outside(page, names, is_article)
    kept = [node for node in page.nodes if id(node) not in out]
    marks = _marks(kept, out)
    best = _best(kept, marks, names) or page.body
    total = marks.mass.get(id(page.body), 0.0)
    if is_article:
        parts = _with_siblings(_grown(best, marks.mass, total), marks.mass, out)
        return Main(parts, frozenset(out | _asides(parts)))
    whole = _whole(page, out)
    own = marks.mass.get(id(best), 0.0)
    if own >= _NEARLY_ALL * total and _has_only_links_beside(best, whole, page, out):
        return Main([best], frozenset(out))
    return Main([whole], frozenset(out))


def _has_only_links_beside(best: Node, whole: Node, page: Page, out: set[int]) -> bool:
    """Whether most of a page's text is in `best`, and what is beside it is mostly links."""
    outside = [node for node in page.nodes if id(node) in out and id(node.parent) not in out]
    beside = whole.text - best.text - sum(node.text for node in outside)
    linked = whole.linked - best.linked - sum(node.linked for node in outside)
    return best.text >= beside and linked >= _HALF * beside


def _is_article(page: Page) -> bool:
    """Whether the page says so, or has just one element of that meaning."""
    parsed = page.parsed
    if parsed.css_first(_DECLARED) is not None or len(parsed.css(_ENTRIES)) == 1:
        return True
    return any(_ARTICLE.search(script.text() or "") for script in parsed.css(_LINKED_DATA))


def link_share(node: Node) -> float:
    """The share of an element's text that is in links."""
    return node.linked / node.text if node.text else 0.0


def _outside(page: Page, names: dict[int, frozenset[str]], is_article: bool) -> set[int]:
    """The elements that are no content, with all that is in them. One that holds about half of
    the page's text is content, whatever it is called."""
    out: set[int] = set()
    whole = page.body.text - page.body.linked
    for node in page.nodes[1:]:
        own = node.text - node.linked
        if (
            id(node.parent) in out
            or (own < _LANDMARK_SHARE * whole and chrome.is_landmark(node))
            or (
                own < _NAMED_SHARE * whole and chrome.is_unlikely(node, names[id(node)], is_article)
            )
        ):
            out.add(id(node))
    return out


def _marks(kept: list[Node], out: set[int]) -> _Marks:
    marks = _Marks({}, {})
    for node in kept:
        if node.text < _LEAST or node.tag not in _BLOCKS:
            continue
        inner = [
            child
            for child in node.children
            if isinstance(child, Node) and (child.tag in _BLOCKS or id(child) in out)
        ]
        own = node.text - sum([child.text for child in inner])
        if own < _LEAST:
            continue
        linked = (node.linked - sum([child.linked for child in inner])) / own
        commas = node.commas - sum([child.commas for child in inner])
        value = 1 + commas + min(own / 100, 3.0)
        around = list(ancestors(node))
        if node.tag not in _SELF_CONTAINED:
            around.insert(0, node)
        for level, above in enumerate(around):
            key = id(above)
            marks.mass[key] = marks.mass.get(key, 0.0) + value * (1 - linked)
            if level < _LEVELS and linked <= _LINK_LINE:
                share = 1 / (level + 1) if level < 2 else 1 / (3 * level)
                marks.points[key] = marks.points.get(key, 0.0) + value * share
    return marks


def _best(kept: list[Node], marks: _Marks, names: dict[int, frozenset[str]]) -> Node | None:
    best, top = None, 0.0
    for node in kept:
        if id(node) in marks.points:
            points = (marks.points[id(node)] + _PRIOR.get(node.tag, 0.0)) * (1 - link_share(node))
            points *= _NAMED if chrome.is_likely(names[id(node)]) else 1.0
            if points > top:
                best, top = node, points
    return best


def _grown(best: Node, mass: dict[int, float], total: float) -> Node:
    """`best`, or the element around it that the page marks as the article; what is many times
    smaller than the page's text is only a step of it."""
    own = mass.get(id(best), 0.0)
    around = [node for node in (best, *ancestors(best)) if _is_main(node)]
    if own < _HALF * total and around:
        return next((node for node in around if mass[id(node)] >= _HALF * total), best)
    if own < _FEW * total:
        while best.parent and mass[id(best)] < _HALF * total and link_share(best.parent) < _PLAIN:
            best = best.parent
    return best


def _whole(page: Page, out: set[int]) -> Node:
    """What a page that is no article shows: its only main element, else all of it."""
    mains = [node for node in page.nodes if _is_main(node) and node.text > _LEAST]
    return mains[0] if len(mains) == 1 and id(mains[0]) not in out else page.body


def _is_main(node: Node) -> bool:
    return (
        node.tag in ("article", "main")
        or node.get("role") == "main"
        or "articleBody" in node.get("itemprop")
    )


def _with_siblings(best: Node, mass: dict[int, float], out: set[int]) -> list[Node]:
    """`best` and the elements beside it that hold text of its weight, or are plain paragraphs."""
    while best.parent and len(_filled(best.parent, out)) == 1:
        best = best.parent
    if best.parent is None:
        return [best]
    parts = []
    for node in best.parent.children:
        if isinstance(node, str) or id(node) in out:
            continue
        weight = mass.get(id(node), 0.0)
        is_like = (
            weight >= _SIBLING * mass.get(id(best), 0.0) and link_share(node) <= _SIBLING_LINKS
        )
        is_plain = node.tag == "p" and node.text > 3 * _LEAST and link_share(node) < _SIBLING_LINKS
        if node is best or is_like or is_plain:
            parts.append(node)
    return parts


def _filled(node: Node, out: set[int]) -> list[Node | str]:
    return [
        child
        for child in node.children
        if (child.strip() if isinstance(child, str) else id(child) not in out and child.text)
    ]


def _asides(parts: list[Node]) -> set[int]:
    """In an article, the small lists and lines that are nothing but links: what to read next."""
    found: set[int] = set()
    for part in parts:
        pending = [part]
        while pending:
            node = pending.pop()
            share = link_share(node)
            is_list = node.tag in ("ul", "ol", "div", "section", "table") and share > _LINK_LIST
            is_line = node.tag in ("p", "h2", "h3", "h4") and share > _LINK_LINE
            if (is_list or is_line) and node.text < _SMALL_PART * part.text:
                found.add(id(node))
            else:
                pending += [child for child in node.children if isinstance(child, Node)]
    return found
