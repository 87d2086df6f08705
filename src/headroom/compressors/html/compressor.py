"""The web page compressor: a page to its readable text, with one marker for all the rest.

The text's form changes, so there is nothing lossless to offer: without a ref, or where omitting
is not allowed, a page stays as it is.
"""

from headroom.compressors._api import Sample
from headroom.compressors.html.about import about
from headroom.compressors.html.article import Main, main_text
from headroom.compressors.html.links import Links
from headroom.compressors.html.markdown import BLOCKS, Markdown
from headroom.compressors.html.recognition import Span, address, likelihood, page_span
from headroom.compressors.html.tree import Node, Page, ancestors, available, read
from headroom.edits import Fidelity, Proposal
from headroom.markers import omission
from headroom.policy import Policy
from headroom.relevance import is_word, terms_of

_GAIN = 0.85
_BYTES_PER_TOKEN = 3
_LITTLE = 200
_KILO = 1_000
_FIRST = 4
_MOST_NAMED = 10


class Html:
    """Web pages: title, main text, links, tables and code as Markdown."""

    name = "html"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a web page; below 0 for anything else, for local files, and
        where the parser is not installed."""
        found = likelihood(sample.text, sample.tool, sample.source)
        return found if found > 0 and available() else -1.0

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The readable text where omitting is allowed; nothing otherwise."""
        text = sample.text
        if not policy.omit or not sample.ref or len(text) < policy.min_tokens * _BYTES_PER_TOKEN:
            return None
        span = page_span(text)
        if span is None or not available():
            return None
        page = read(text[span.start : span.end])
        if page is None:
            return None
        shown = _shown(page, sample, span)
        if len(shown) > _GAIN * len(text):
            return None
        return Proposal(shown, Fidelity.RECOVERABLE)


def _shown(page: Page, sample: Sample, span: Span) -> str:
    """The text in place of the page; lines before and behind it stand as they were."""
    facts = about(page.parsed)
    fetched = address(sample.source)
    links = Links(fetched or facts.url)
    main = main_text(page)
    blocks = _blocks(page, main, links)
    blocks += _named_elsewhere(page, "\n".join(blocks), sample.query, links)
    readable = "\n\n".join(blocks)
    has_title = _says_title(blocks, facts.title)
    head = facts.lines(with_title=not has_title, with_url=not fetched)
    if len(readable) < _LITTLE and facts.description not in readable:
        blocks.insert(0, facts.description)
    what = _omitted(page, len(readable), links.count, span.end - span.start)
    before, behind = sample.text[: span.start], sample.text[span.end :]
    body = "\n\n".join([*head, *blocks, omission(what, sample.ref)])
    return f"{before}{body}{chr(10) if behind else ''}{behind}"


def _blocks(page: Page, main: Main, links: Links) -> list[str]:
    writer = Markdown(page, main.left_out, links)
    return [block for part in main.parts for block in writer.blocks(part)]


def _says_title(blocks: list[str], title: str) -> bool:
    """Whether one of the first blocks is a heading with the title's words, or the greater part
    of them: what a title says more is most often the site's name."""
    for block in blocks[:_FIRST]:
        heading = block.lstrip("# ").lower()
        if block.startswith("# ") and (heading in title.lower() or title.lower() in heading):
            return True
    return False


def _named_elsewhere(page: Page, readable: str, query: str, links: Links) -> list[str]:
    """The blocks outside the main text that say what the question names (no plain word) and the
    main text does not."""
    shown = readable.lower()
    names = [t for t in terms_of(query) if len(t) > 2 and not is_word(t) and t not in shown]
    if not names:
        return []
    found: dict[int, Node] = {}
    for node in page.nodes:
        texts = " ".join([child for child in node.children if isinstance(child, str)]).lower()
        if any(name in texts for name in names):
            around = next((each for each in (node, *ancestors(node)) if each.tag in BLOCKS), node)
            found[id(around)] = around
    writer = Markdown(page, frozenset(), links)
    told = [block for node in list(found.values())[:_MOST_NAMED] for block in writer.blocks(node)]
    return ["Elsewhere on the page:", *told] if told else []


def _omitted(page: Page, shown: int, links: int, size: int) -> str:
    """What the marker says. The text beside the main text is told where there is some."""
    menus = f" ({page.links - links} links)" if page.links > links else ""
    beside = page.body.text - shown
    rest = f" and {max(1, round(beside / _KILO))} KB of text beside this" if beside > _KILO else ""
    kilobytes = max(1, round(size / _KILO))
    return f"page of {kilobytes} KB: scripts, styles and navigation{menus}{rest} omitted"
