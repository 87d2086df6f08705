"""Whether a text is a web page, told from its head, and where in the text the page stands.

A page that a tool reads from a local file is code: who reads it may edit it. Templates and other
XML are not pages either.
"""

import json
import re
from dataclasses import dataclass

from headroom.calls import call_of

_HEAD = 4_000
_TAIL = 2_000
_START = re.compile(
    r"(?:\A|\n)[ \t]*(?:<\?xml[^>\n]{0,200}\?>\s*)?(?:<!--[^<]{0,500}-->\s*)*"
    r"(?P<page><!doctype\s+html\b|<html[\s>])",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"\s*<(?:div|section|article|main|body|head|header|nav|table|h[1-6]|ul|ol|p)\b[^<>{}]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][a-z0-9-]*(?:\s[^<>]*)?>", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"\{\{|\{%|<%|<\?php|<\?=|className=|=\{|\sv-(?:if|for|bind)|\s[@:][a-z.]+=\"|\*ng(?:If|For)"
    r"|^\s*(?:import|export) ",
    re.MULTILINE,
)
_END = re.compile(r"</html\s*>\s*", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'\\<>|;)]+")
_FILE = re.compile(r"\.(?:x?html?|vue|jsx|tsx?|svelte|php|erb|hbs|jinja2?|j2|njk|ejs|astro|md)$")
_RESPONSE = re.compile(r"[\w-]+:\s|HTTP/\d|\s*[\d%]|\s+Dload|[<>*{}]\s|<!--|<\?xml")
_FEW_TAGS = 12
_DENSE = 0.012


@dataclass(frozen=True, slots=True)
class Span:
    """Where the page stands: what is before it (the lines of a response's head) and behind it is
    not part of it."""

    start: int
    end: int


def likelihood(text: str, tool: str, source: str) -> float:
    """How surely it is a page that may be read as one; below 0 where it is not."""
    if "<" not in text[:_HEAD] or _is_file(tool, source):
        return -1.0
    if _start(text) is not None:
        return 0.95
    return 0.7 if _is_fragment(text[:_HEAD]) else -1.0


def page_span(text: str) -> Span | None:
    """Where the page stands in `text`, or None where there is none."""
    start = _start(text)
    if start is None:
        return Span(0, len(text)) if _is_fragment(text[:_HEAD]) else None
    tail = max(start, len(text) - _TAIL)
    ends = [end.end() for end in _END.finditer(text, tail)]
    return Span(start, ends[-1] if ends else len(text))


def _start(text: str) -> int | None:
    """Where the page begins. One that stands in the middle of a text is an example in it: before
    a page stand only lines of a response's head or of a downloader."""
    head = text[:_HEAD]
    lowered = head.lower()
    if "<!doctype" not in lowered and "<html" not in lowered:
        return None
    found = _START.search(head)
    if found is None:
        return None
    start = found.start("page")
    before = [line for line in text[:start].split("\n") if line.strip()]
    is_whole = text.rfind("</html") >= len(text) - _TAIL
    return start if is_whole or all(map(_RESPONSE.match, before)) else None


def address(source: str) -> str:
    """The one web address that a call's arguments name, or empty."""
    found = set(_URL.findall(_decoded(source)[:20_000]))
    return found.pop() if len(found) == 1 else ""


def _is_file(tool: str, source: str) -> bool:
    call = call_of(tool, source)
    if call.reads or call.writes:
        return True
    return not call.path.startswith("http") and _FILE.search(call.path) is not None


def _is_fragment(head: str) -> bool:
    if not _FRAGMENT.match(head) or _TEMPLATE.search(head):
        return False
    tags = len(_TAG.findall(head))
    return tags >= _FEW_TAGS and tags > _DENSE * len(head)


def _decoded(source: str) -> str:
    """The arguments with JSON's escapes undone where they are JSON."""
    if "\\" not in source:
        return source
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        return source
    return " ".join(map(str, value.values())) if isinstance(value, dict) else source
