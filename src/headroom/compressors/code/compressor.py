"""The code compressor: a text to files, files to spans, spans to what a reader can do without.

The order of work stands here; each step has its own module. Nothing goes from a text that
fits the budget, nor from lines that were asked for.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.code import blocks, grammar
from headroom.compressors.code.asking import Asked, asked, path_of
from headroom.compressors.code.choice import Rules, chosen
from headroom.compressors.code.framing import Page, page_of
from headroom.compressors.code.languages import LANGUAGES, Language, by_name, language_of
from headroom.compressors.code.layout import Layout
from headroom.compressors.code.pointing import pointed_at, rank
from headroom.compressors.code.recognition import likelihood
from headroom.compressors.code.rendering import Gap, rendered
from headroom.compressors.code.sizing import run_saves, worthwhile
from headroom.compressors.code.spans import Span, moved, spans_of
from headroom.compressors.json_rows.weight import weight_of_text
from headroom.edits import Fidelity, Proposal
from headroom.errors import SettingsError
from headroom.policy import Policy

_FEWEST_CHARS = 2
_WEIGHT = 0.8  # tokens of code by its weight, which is made for JSON and logs


class Code:
    """Source code: bodies give way, the rest stays verbatim with its line numbers.

    `language` names the language of all samples ("python", "ts", …); without it they tell.

    Raises:
        SettingsError: no language here is called so.
    """

    name = "code"

    def __init__(self, rules: Rules | None = None, *, language: str = "") -> None:
        self._rules = rules or Rules()
        self._language = _named(language)

    def score(self, sample: Sample) -> float:
        """How surely the sample is source code; below 0 where it is something else."""
        return likelihood(sample)

    def may_gain(self, sample: Sample, policy: Policy) -> bool:
        """Whether the text, once its ref is known, is beyond the budget."""
        return policy.omit and _is_beyond(sample.text, policy.budget)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """The code without the bodies that nobody asked for, down towards the budget."""
        return _compressed(sample, policy, self._rules, self._language)


def outline(
    sample: Sample, policy: Policy, language: str = "", rules: Rules | None = None
) -> Proposal | None:
    """What `Code` makes of a sample that is known to be code; None where nothing is gained.

    Raises:
        SettingsError: no language here is called so.
    """
    return Code(rules, language=language).compress(sample, policy)


def _named(language: str) -> Language | None:
    found = by_name(language)
    if language and found is None:
        known = ", ".join(each.name for each in LANGUAGES)
        raise SettingsError(f"unknown language {language!r}; choose one of {known}")
    return found


def _compressed(
    sample: Sample, policy: Policy, rules: Rules, language: Language | None
) -> Proposal | None:
    text = sample.text
    if not policy.omit or not sample.ref or not _is_beyond(text, policy.budget):
        return None
    tokens = _tokens(text)
    request = asked(sample.query, sample.tool, sample.source)
    page = page_of(text, path_of(sample.tool, sample.source))
    if 0 < request.window <= rules.narrow and len(page.lines) <= 2 * rules.narrow:
        return None
    per_token = len(text) / tokens
    share = rules.reads if _is_read(sample, page) else rules.others
    spans = _spans(page, request, rules, language, per_token)
    gaps = _gaps(chosen(spans, tokens - int(share * policy.budget), rules))
    if not gaps:
        return None
    return Proposal(rendered(page, gaps, sample.ref, rules, per_token), Fidelity.RECOVERABLE)


def _is_beyond(text: str, budget: int) -> bool:
    return len(text) >= _FEWEST_CHARS * budget and _tokens(text) > budget


# Asked before the score, and again by what compresses.
@lru_cache(maxsize=2)
def _tokens(text: str) -> int:
    return int(_WEIGHT * weight_of_text(text))


def _is_read(sample: Sample, page: Page) -> bool:
    """Whether these are a file's lines as an agent reads them before it edits."""
    return page.numbers is not None or call_of(sample.tool, sample.source).reads


def _spans(
    page: Page, request: Asked, rules: Rules, language: Language | None, per_token: float
) -> list[Span]:
    """All spans of all files, each with what it saves and how much it is asked for."""
    ends = [0, *accumulate(map(len, page.lines))]
    found = []
    for file in page.files:
        rows = page.rows[file.start : file.end]
        code = "\n".join(rows)
        spans = [
            moved(span, file.start)
            for span in _of_file(rows, code, language or language_of(file.path, code), rules)
        ]
        pointed = pointed_at(page, file, request, code)
        pinned = pointed.rows | page.frames | page.clips
        for span in spans:
            runs = worthwhile(span.runs, pinned, ends, rules, per_token)
            saved = sum(run_saves(run, ends, per_token) for run in runs)
            found.append(span._replace(runs=runs, saved=saved, rank=rank(span, pointed, request)))
    return found


def _of_file(rows: list[str], code: str, language: Language, rules: Rules) -> list[Span]:
    layout = Layout(rows, language)
    found = blocks.found_in(layout, language)
    consulted = rules.parser == "always" or (rules.parser == "doubt" and found.doubts > 0)
    if consulted and len(code) <= rules.parsed_chars:
        found = grammar.found_by(code, language) or found
    return spans_of(
        layout, found.definitions, rules.least_lines, rules.table_lines, rules.comment_lines
    )


def _gaps(spans: Sequence[Span]) -> list[Gap]:
    """The rows of all spans in order; runs that touch become one gap of the larger's kind."""
    runs = sorted((start, end, span.kind) for span in spans for start, end in span.runs)
    gaps: list[Gap] = []
    for start, end, kind in runs:
        if gaps and gaps[-1].end == start:
            before = gaps.pop()
            larger = before.kind if before.end - before.start >= end - start else kind
            start, kind = before.start, larger
        gaps.append(Gap(start, end, kind))
    return gaps
