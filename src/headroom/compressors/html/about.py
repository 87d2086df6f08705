"""What a page says of itself in its head: title, address, author, date, description."""

import re
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"\s+")
_LINKED_DATA = re.compile(
    r'"(datePublished|author)"\s*:\s*(?:\[\s*)?(\{[^{}]{0,300}\}|"[^"]{1,80}")'
)
_NAME = re.compile(r'"name"\s*:\s*"([^"\\]{1,80})"')
_MOST_LINKED_DATA = 20_000
_AUTHORS = ('meta[name="author"]', 'meta[property="article:author"]', 'meta[name="byl"]')
_DATES = (
    'meta[property="article:published_time"]',
    'meta[name="date"]',
    'meta[itemprop="datePublished"]',
    'meta[name="pubdate"]',
)


@dataclass(frozen=True, slots=True)
class About:
    """Each empty where the page does not say it."""

    title: str
    url: str
    author: str
    published: str
    description: str

    def lines(self, *, with_title: bool, with_url: bool) -> list[str]:
        """The lines that head the readable text."""
        facts = (
            ("url", self.url if with_url else ""),
            ("author", self.author),
            ("published", self.published),
        )
        told = " · ".join(f"{name}: {value}" for name, value in facts if value)
        return [
            line for line in (f"# {self.title}" if with_title and self.title else "", told) if line
        ]


def about(parsed: Any) -> About:
    """What the head of a parsed page says."""
    title = parsed.css_first("title")
    linked = _linked_data(parsed)
    author = next(filter(None, (_content(parsed, each) for each in _AUTHORS)), "")
    return About(
        title=_line(title.text() if title is not None else ""),
        url=_url(parsed),
        author=linked.get("author", "") if not author or author.startswith("http") else author,
        published=next(
            filter(None, (_content(parsed, each) for each in _DATES)),
            linked.get("datePublished", ""),
        ),
        description=_content(parsed, 'meta[name="description"]'),
    )


def _url(parsed: Any) -> str:
    node = parsed.css_first('link[rel="canonical"]')
    href = (node.attributes.get("href") or "") if node is not None else ""
    url = href if href.startswith("http") else _content(parsed, 'meta[property="og:url"]')
    return url if url.startswith("http") else ""


def _content(parsed: Any, selector: str) -> str:
    node = parsed.css_first(selector)
    return _line(node.attributes.get("content") or "") if node is not None else ""


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()[:300]


def _linked_data(parsed: Any) -> dict[str, str]:
    """Author and date of schema.org's linked data."""
    found: dict[str, str] = {}
    for script in parsed.css('script[type="application/ld+json"]'):
        for key, value in _LINKED_DATA.findall((script.text() or "")[:_MOST_LINKED_DATA]):
            name = _NAME.search(value)
            text = name[1] if name else value.strip('"') if value.startswith('"') else ""
            found.setdefault(key, _line(text))
    return found
