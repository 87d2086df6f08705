"""Elements as Markdown: headings, lists, tables, code, links, pictures by their words.

Code stands as it was, between fences; other text has its white space joined, as a browser shows
it. Emphasis is not marked. What is in `left_out` is passed over. It knows nothing of why.
"""

import re
from collections.abc import Iterator

from headroom.compressors.html.chrome import is_caption
from headroom.compressors.html.links import Links
from headroom.compressors.html.tables import table_rows
from headroom.compressors.html.tree import Node, Page

BLOCK_WORDS = """
address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer
form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead
tr ul
"""
BLOCKS = frozenset(BLOCK_WORDS.split())
_SPACE = re.compile(r"(?:[\t\r\n\f]| (?=[ \t\r\n\f]))[ \t\r\n\f]*")  # no single blank
_SPACES = re.compile(r" {2,}")
_BLANK_LINES = re.compile(r"\n(?:[ \xa0]*\n)+")
_AROUND_BREAK = re.compile(r" *\n *")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight(?:-source)?|sourceCode)-([\w+#]+)")
_FENCE = re.compile(r"`{3,}")
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|svg)", re.IGNORECASE)
_ANCHOR_SIGNS = frozenset(("¶", "#", "§", "🔗", "¶¶"))


class Markdown:
    """Writes parts of one page; it keeps which links it has shown."""

    def __init__(self, page: Page, left_out: frozenset[int], links: Links) -> None:
        self._left_out = left_out
        self._links = links
        self._with_blocks: set[int] = set()
        for node in reversed(page.nodes):
            if node.parent and (node.tag in BLOCKS or id(node) in self._with_blocks):
                self._with_blocks.add(id(node.parent))

    def blocks(self, node: Node) -> list[str]:
        """The blocks of an element, in order."""
        if node.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            text = self._inline(node).replace("\n", " ")
            return [f"{'#' * int(node.tag[1])} {text}"] if text else []
        if node.tag == "pre":
            return _fenced(node)
        if node.tag in ("ul", "ol"):
            return self._listed(node)
        if node.tag == "table":
            rows = table_rows(node, self._left_out)
            if rows is not None:
                return self._table(rows)
        found = self._mixed(node)
        if node.tag == "a" and found:
            url = self._links.first(node.get("href"))
            found[0] += f" ({url})" if url else ""
        if node.tag == "blockquote":
            return [_prefixed("\n\n".join(found), "> ", "> ")] if found else []
        if node.tag == "dd":
            return [_prefixed("\n".join(found), ": ", "  ")] if found else []
        return found

    def _mixed(self, node: Node) -> list[str]:
        """Blocks and the runs of text between them, each run a paragraph."""
        found: list[str] = []
        run: list[str] = []
        for child in node.children:
            if not isinstance(child, str) and self._is_block(child):
                found += _paragraph(run)
                run = []
                if self._is_shown(child):
                    found += self.blocks(child)
            else:
                run += self._pieces(child)
        return found + _paragraph(run)

    def _is_block(self, node: Node) -> bool:
        return node.tag in BLOCKS or id(node) in self._with_blocks

    def _is_shown(self, node: Node) -> bool:
        return id(node) not in self._left_out and not is_caption(node)

    def _inline(self, node: Node) -> str:
        return "".join(_paragraph([p for child in node.children for p in self._pieces(child)]))

    def _pieces(self, child: Node | str) -> Iterator[str]:
        """The text of inline content, with breaks as line ends and the rest as it stands."""
        if isinstance(child, str):
            yield _SPACE.sub(" ", child)
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "img":
            yield _picture(child)
        elif id(child) in self._left_out:
            return
        elif child.tag in ("code", "kbd", "samp", "tt"):
            yield from self._code(child)
        elif child.tag == "a":
            yield self._link(child)
        else:
            inner = [piece for each in child.children for piece in self._pieces(each)]
            if child.tag == "sup" and inner and inner[0][:1].isalnum():
                yield "^"
            yield from inner
            if child.tag in BLOCKS:
                yield " "

    def _code(self, node: Node) -> Iterator[str]:
        if any(isinstance(child, Node) and child.tag == "a" for child in node.children):
            for child in node.children:
                yield from self._pieces(child)
            return
        text = _SPACE.sub(" ", raw_text(node)).strip()
        if text:
            yield f"`{text}`" if "`" not in text else text

    def _link(self, node: Node) -> str:
        text = "".join(piece for child in node.children for piece in self._pieces(child))
        bare = text.strip()
        if not bare or bare in _ANCHOR_SIGNS:
            return text if bare not in _ANCHOR_SIGNS else ""
        url = self._links.first(node.get("href"))
        if not url or url == bare:
            return text
        before = text[: len(text) - len(text.lstrip())]
        after = text[len(text.rstrip()) :]
        return f"{before}[{bare}]({url}){after}"

    def _listed(self, node: Node) -> list[str]:
        lines = []
        number = int(start) if (start := node.get("start")).isdecimal() and len(start) < 6 else 1
        for child in node.children:
            if isinstance(child, str) or not self._is_shown(child):
                continue
            blocks = self.blocks(child)
            if not blocks:
                continue
            sign = f"{number}. " if node.tag == "ol" else "- "
            number += 1
            lines.append(_prefixed("\n".join(blocks), sign, "  "))
        return ["\n".join(lines)] if lines else []

    def _table(self, rows: list[list[Node]]) -> list[str]:
        shown = [[text for cell in row for text in self._cell(cell)] for row in rows]
        shown_rows = [row for row in shown if any(row)]
        lines = [f"| {' | '.join(row)} |" for row in shown_rows]
        if lines and all(cell.tag == "th" for cell in rows[0]) and shown_rows[0] == shown[0]:
            lines.insert(1, "|" + "---|" * len(shown[0]))
        return ["\n".join(lines)] if lines else []

    def _cell(self, cell: Node) -> list[str]:
        """A cell's text, and empty cells where it spans columns."""
        span = cell.get("colspan")
        columns = int(span) if span.isdecimal() and len(span) < 3 else 1
        text = self._inline(cell).replace("\n", " ").replace("|", "\\|")
        return [text] + [""] * (columns - 1)


def raw_text(node: Node) -> str:
    """An element's text with its white space."""
    parts: list[str] = []
    pending: list[Node | str] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            parts.append(each)
        elif each.tag == "br":
            parts.append("\n")
        else:
            pending += reversed(each.children)
    return "".join(parts)


def _fenced(node: Node) -> list[str]:
    text = raw_text(node).strip("\n").rstrip()
    if not text.strip():
        return []
    fences = [len(found) for found in _FENCE.findall(text)]
    fence = "`" * (max(fences) + 1 if fences else 3)
    inner = next((child for child in node.children if isinstance(child, Node)), node)
    named = _LANGUAGE.search(node.get("class")) or _LANGUAGE.search(inner.get("class"))
    return [f"{fence}{named[1] if named else ''}\n{text}\n{fence}"]


def _paragraph(run: list[str]) -> list[str]:
    text = "".join(run)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n", _AROUND_BREAK.sub("\n", text))
    text = text.strip()
    return [text] if text else []


def _picture(node: Node) -> str:
    alt = _SPACE.sub(" ", node.get("alt")).strip()
    return f"![{alt}]" if alt and not _FILE_NAME.fullmatch(alt) else ""


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(others + line if line else line for line in lines[1:])])
