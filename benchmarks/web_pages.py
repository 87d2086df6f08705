"""Measures the web page compressor: what is saved, what of the marked main text is shown, the time.

The data hold `html_md/article_pages.jsonl.gz` (pages with the main text that people marked) and
`html_md/readability_pages.jsonl.gz` (pages with the main text as HTML). F1 is over words, of the
main text alone: the head lines, pictures, link addresses and the marker are not counted as text.
Without the data only a generated page is timed. Tokens are o200k; time is processor time.
"""

import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator

from benchmarks import data
from headroom.compressors import Sample
from headroom.compressors.html import Html
from headroom.compressors.html.tree import read
from headroom.policy import BALANCED
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W\u3040-\u30ff\u4e00-\u9fff]+")
ADDRESS = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
PICTURE = re.compile(r"!\[[^\]]*\]")
HEAD = re.compile(r"\A(?:# .*\n+)?(?:(?:url|author|published): .*\n+)?")
LARGE = 50_000
ROUNDS = 3


def compressed(text: str) -> str:
    """What the compressor makes of `text`, or `text` where it leaves it."""
    proposal = Html().compress(Sample(text, ref="abcdefgh"), BALANCED)
    return proposal.text if proposal else text


def pages() -> dict[str, list[tuple[str, str]]]:
    """By set, each page with its main text."""
    articles = data.records("html_md/article_pages.jsonl.gz")
    saved = data.records("html_md/readability_pages.jsonl.gz")
    return {
        "articles": [(page["html"], page["article_body"]) for page in articles],
        "readability": [(page["html"], main_words(page["expected_html"])) for page in saved],
    }


def main_words(html: str) -> str:
    """The words of a marked main text that is HTML itself."""
    page = read(html)
    assert page is not None
    return page.parsed.body.text(separator=" ") if page.parsed.body is not None else ""


def words(text: str) -> Counter[str]:
    """Each word of `text` with its count."""
    return Counter(WORD.findall(text.lower()))


def told(out: str) -> str:
    """The main text alone of what the compressor made."""
    return PICTURE.sub("", ADDRESS.sub("]", HEAD.sub("", out.rsplit("[… page of", 1)[0])))


def agreement(out: str, marked: str) -> tuple[float, float, float]:
    """F1, precision and recall over words."""
    ours, theirs = words(out), words(marked)
    both = (ours & theirs).total() if hasattr(ours, "total") else sum((ours & theirs).values())
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / sum(ours.values()), both / sum(theirs.values())
    return 2 * precision * recall / (precision + recall), precision, recall


def large_savings(shown: list[tuple[str, str]]) -> Iterator[float]:
    """Of each page over 50 KB, the share of tokens saved."""
    for html, out in shown:
        if len(html) > LARGE:
            yield 1 - COUNT(out) / COUNT(html)


def milliseconds(texts: list[str]) -> float:
    """Processor time per 100 KB, the median of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            compressed(text)
        rounds.append(time.process_time() - start)
    return statistics.median(rounds) * 1e3 / (sum(map(len, texts)) / 1e5)


def generated() -> str:
    """A page of about 300 KB with a menu, an article and comments."""
    menu = "".join(f'<li><a href="/topic/{n}">Topic {n}</a></li>' for n in range(1_500))
    text = "".join(
        f"<p>Paragraph {n}, of words, commas, and <b>more</b> words.</p>" for n in range(2_000)
    )
    script = "<script>" + "dataLayer.push({'event': 1});" * 3_000 + "</script>"
    body = f"<body><nav>{menu}</nav><main>{text}</main></body>"
    return f"<!doctype html><html><head>{script}</head>{body}</html>"


def main() -> None:
    """A row per set, then the times."""
    for name, found in pages().items():
        if not found:
            continue
        shown = [(html, compressed(html)) for html, _ in found]
        before = sum(COUNT(html) for html, _ in shown)
        after = sum(COUNT(out) for _, out in shown)
        rows = [
            agreement(told(out), main) for (_, out), (_, main) in zip(shown, found, strict=True)
        ]
        f1, precision, recall = (statistics.mean(column) for column in zip(*rows, strict=True))
        large = list(large_savings(shown))
        many = sum(saved >= 0.9 for saved in large)
        print(
            f"{name:12}{before:10,} -> {after:8,} tokens ({1 - after / before:.1%} saved; over"
            f" 50 KB {statistics.mean(large):.1%}, {many} of {len(large)} by 90 %)\n"
            f"{'':12}main text F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f};"
            f" {milliseconds([html for html, _ in found]):.1f} ms per 100 KB"
        )
    print(f"{'generated':12}{milliseconds([generated()]):.1f} ms per 100 KB")


if __name__ == "__main__":
    main()
