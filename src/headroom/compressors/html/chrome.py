"""What on a page is not its content: menus, banners, sharing, comments, what to read next.

Judged by an element's own tag, role and names only. It knows nothing of where the content is.
"""

import re
from collections.abc import Iterable

from headroom.compressors.html.tree import Node

_TAGS = frozenset(("nav", "footer", "aside", "menu"))
_ROLES_WORDS = """
navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar
tablist alert tooltip
"""
_ROLES = frozenset(_ROLES_WORDS.split())
# Names are cut at joints and where a capital follows; a name of many words is a heading's slug.
_UNLIKELY_WORDS = """
ad ads advert advertisement adsense adslot banner breadcrumb breadcrumbs byline carousel comment
comments consent cookie cookies copyright disqus footer gdpr livefyre masthead menu menus modal
moreon mostpopular navbar navigation nav newsletter onward outbrain overlay pager pagination
paywall permalink popular popup print promo promos promotion promotional ratings readmore
readnext recirc recirculation recommend recommendation recommendations recommended recommends
related reaction reactions replies reply respond rss share shares sharebar sharebox sharedaddy
sharethis sharing shoutbox sidebar sidenav signin signup skip skyscraper social sociable sponsor
sponsored sponsors subscribe subscription syndication taboola taglist tags teaser teasers ticker
toolbar tools topnav trending tweetmeme upsell utility viafoura widget widgets yarpp zergnet
"""
_UNLIKELY = frozenset(_UNLIKELY_WORDS.split())
_FURNITURE_WORDS = """
ad ads advert advertisement adslot breadcrumb breadcrumbs consent cookie cookies footer gdpr menu
menus navbar navigation nav newsletter pager pagination share sharing sidebar sidenav skip social
sponsored topnav
"""
_FURNITURE = frozenset(_FURNITURE_WORDS.split())
_LIKELY_WORDS = """
article body content main post story text entry hentry mathjax page
"""
_LIKELY = frozenset(_LIKELY_WORDS.split())
_CAPTION = frozenset(("caption", "credit"))
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LONGEST_NAME = 4
_NEVER = frozenset(("body", "article", "main", "pre", "code", "table", "tbody", "a", "h1"))


def names(nodes: Iterable[Node]) -> dict[int, frozenset[str]]:
    """The words in the class and id of each element, by `id`. Most elements share theirs."""
    found: dict[int, frozenset[str]] = {}
    known: dict[str, frozenset[str]] = {}
    for node in nodes:
        said = _said(node)
        words = known.get(said)
        if words is None:
            words = known[said] = _words(said)
        found[id(node)] = words
    return found


def _said(node: Node) -> str:
    return f"{node.get('class')} {node.get('id')}" if node.attributes else ""


def _words(said: str) -> frozenset[str]:
    found: set[str] = set()
    for name in said.split():
        words = _WORD.findall(name)
        if len(words) <= _LONGEST_NAME:
            found.update(map(str.lower, words))
    return frozenset(found)


def is_landmark(node: Node) -> bool:
    """Whether the element is not content by its tag or role alone."""
    return node.tag in _TAGS or node.get("role") in _ROLES


def is_unlikely(node: Node, words: frozenset[str], is_article: bool) -> bool:
    """Whether the element's names speak against content and none speaks for it. Comments and
    replies are beside an article, but the content of a forum."""
    against = _UNLIKELY if is_article else _FURNITURE
    return node.tag not in _NEVER and not against.isdisjoint(words) and not is_likely(words)


def is_likely(words: frozenset[str]) -> bool:
    """Whether names speak for content."""
    return not _LIKELY.isdisjoint(words)


def is_caption(node: Node) -> bool:
    """Whether the element says what a picture shows or whose it is."""
    if node.tag not in ("div", "p", "span"):
        return node.tag == "figcaption"
    said = _said(node)
    low = said.lower()
    return ("caption" in low or "credit" in low) and not _CAPTION.isdisjoint(_words(said))
