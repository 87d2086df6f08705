"""Whether a text is source code: by the file that a call read, and by the look of its lines.

What looks like code inside a diff, a log, a traceback, search results or JSON is not claimed.
It looks at the head, the middle and the end, never at all of a text.
"""

import re
from itertools import pairwise

from headroom.calls import call_of
from headroom.compressors._api import Sample
from headroom.compressors.code.asking import path_of
from headroom.compressors.code.framing import Page, page_of
from headroom.compressors.code.languages import by_path, suffix_of

NOT_MINE = -1.0
_PROBE = 4_000
_WIDTH = 300
_LEAST = 4
_READ = 0.95
_SURE = 0.85
_LIKELY = 0.7
_PERHAPS = 0.5
_SOME = 0.12
_THIRD = 0.33
_HALF = 0.5
_FEW = 0.08
_MOST = 0.5
_PROSE = frozenset(
    (
        *(".md", ".mdx", ".rst", ".txt", ".adoc", ".org", ".tex", ".json", ".jsonl", ".ndjson"),
        *(".csv", ".tsv", ".html", ".htm", ".xml", ".svg", ".log", ".diff", ".patch", ".lock"),
        *(".yaml", ".yml", ".toml", ".ini", ".cfg", ".env"),
    )
)
_CODE_LINE = re.compile(
    r"""\s*(?!\s)(?:
      (?:async\s+)?def\s+\w+[\s(] | class\s+\w+ | from\s+[\w.]+\s+import\b | import\s+[\w.{*"'(]
    | (?:export|pub|public|private|protected|static|final|const|let|var|fn|func|function|struct
        |enum|interface|impl|trait|type|namespace|template|typedef|using|package|mod|use
        |override|internal|extern|inline|virtual|abstract)\b[\s(<{].*[\w(){}<;,=\]&>:"'\[]$
    | (?:if|elif|else|for|while|switch|match|catch|try|except|finally|with|return|raise|throw
        |yield|await|case|break|continue|pass|do|loop|end|unless|elsif|then|fi|done|esac|new
        |delete|assert|print|not|and|or|in)\b.*[:;{(\[\])},\w"'|&]$
    | (?:self|this|super|cls|err|ctx)\b[.,] | @[\w.]+(?:\(.*)?$ | \#\s*(?:include|define|if|endif)
    | [\])}]+[;,)]*$ | //|/\*|\*\ |\*/ | \#\s | \"\"\"|'''
    | [\w.\[\]"'*&<>]+(?:,\s*[\w.]+)*\s*[-+*/|&.]?=\s*\S | [\w.]+\(.*\)?[,;:]?$
    )""",
    re.VERBOSE,
)
_ENDS, _OPEN_ENDS = frozenset(";{"), frozenset(";{([,")
_OPERATOR = re.compile(r"=>|->|::|:=|==|!=|&&|\|\|")
_STRONG_LINE = re.compile(
    r"""\s*(?!\s)(?:
      (?:async\s+)?def\s+\w+\s*\(.*:?$ | class\s+[A-Z_]\w*.*[:{]$ | from\s+[\w.]+\s+import\s
    | import\s+[\w.]+;?$ | import\s.*\bfrom\b | (?:self|this|super)\.\w+ | [\])}]+[;,)]*$
    | \#\s*include\s*[<"] | (?:return|elif|except|raise)\b
    | (?:pub\s+)?(?:fn|func|function|struct|impl)\b | (?:const|let|var)\s+[\w{\[]+.*=
    | (?:if|for|while)\s.*:$ | @\w+
    )""",
    re.VERBOSE,
)
_ARROW = re.compile(r"\)\s*[=-]>")
_DIFF = re.compile(r"\n(?:diff --git |@@ -\d|--- a/|\+\+\+ b/|Index: )")
_MATCH = re.compile(r"(?!\d+[:-])[\w./\\@ -]{1,200}?[:-]\d{1,7}[:-]|--$|\d{1,7}[:-]")
_FRAMES = re.compile(
    r'\n(?:\s+File "[^"\n]+", line \d+|\s+at [\w$.<>/]+ ?\(|Traceback \(most|E   )'
)
_TIME = re.compile(
    r"\n[^\w\n]{0,2}(?:\d{4}[-/]\d\d[-/]\d\d[T ]|\d\d:\d\d:\d\d|\w{3} +\d+ \d\d:\d\d:)"
)
_REPORT = re.compile(
    r"\n(?:=+ (?:test session|FAILURES|short test)|--- (?:PASS|FAIL)"
    r"|(?:error|warning)(?:\[\w+\])?: |\s*--> \S+:\d+"
    r"|(?:\w:)?[^\s:(]+(?::\d+|\(\d+)[:,].{0,12}\b(?:error|warning|note)\b)"
)
_REPORTED = ("error", "warning", "note", "--> ", "\n=", "\n--- ")
_DOCUMENT = re.compile(r"\n(?:```|\.\. [\w-]+::|[=~^-]{4,}$|---$|#{2,6} [A-Z]|- \[)", re.MULTILINE)
_SEARCH = re.compile(r"(?:[^|;&]*(?:&&|;)\s*)?\s*(?:git\s+grep|[a-z]?grep|rg|ag|ack|find)\b")
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|svg|\?xml)\b", re.IGNORECASE)
_COUNTING = 0.8
_MOST_LOOKED_AT = 160
_MARKUP = re.compile(r"\n\s*(?:</?\w[^>\n]*>|#{1,6} \S|\|.*\|$|<!|```)", re.MULTILINE)


def likelihood(sample: Sample) -> float:
    """0 to 1, or `NOT_MINE`."""
    path = path_of(sample.tool, sample.source)
    call = call_of(sample.tool, sample.source)
    if suffix_of(path) in _PROSE or _SEARCH.match(call.command) or _is_other(sample.text):
        return NOT_MINE
    page = page_of(_probe(sample.text), path)
    named = [file.path for file in page.files if suffix_of(file.path)]
    if named and all(suffix_of(name) in _PROSE for name in named):
        return NOT_MINE
    known = any(by_path(name) for name in named)
    around = [page.lines[index] for index in sorted(page.frames)]
    rows = [row[:_WIDTH].rstrip() for row in page.rows if row.strip()]
    if len(rows) < _LEAST or not _counts(page):
        return NOT_MINE
    step = -(-len(rows) // _MOST_LOOKED_AT)
    score = _by_look(rows[::step], known, call.reads, page.numbers is not None)
    if score < 0 or _has_owner([*around, *rows], known):
        return NOT_MINE
    return score


def _is_other(text: str) -> bool:
    """Whether the first signs are those of JSON or a page."""
    if text[:1] in ("{", "["):
        return not text.startswith("[File: ")
    return _PAGE.match(text, 0, _WIDTH) is not None


def _counts(page: Page) -> bool:
    """Whether line numbers, if there are any, count on; those of matches leap."""
    if page.numbers is None:
        return True
    steps = [after - before for before, after in pairwise(page.numbers)]
    return sum(1 for step in steps if step in (0, 1)) >= _COUNTING * len(steps)


def _by_look(rows: list[str], known: bool, reads: bool, numbered: bool) -> float:
    if known:
        sure = _READ if reads or numbered else _SURE
        return sure if _code_share(rows) > _THIRD else NOT_MINE
    strong = _strong_share(rows)
    if strong < _SOME or _code_share(rows) < _HALF:
        return NOT_MINE
    if reads or numbered:
        return _SURE
    return _LIKELY if strong > _THIRD else _PERHAPS


def _strong_share(rows: list[str]) -> float:
    """The share of rows that hardly anything but code has."""
    begins, arrow = _STRONG_LINE.match, _ARROW.search
    return sum(
        [
            row[-1:] in _ENDS or bool(begins(row)) or (">" in row and bool(arrow(row)))
            for row in rows
        ]
    ) / len(rows)


def _code_share(rows: list[str]) -> float:
    begins, operator = _CODE_LINE.match, _OPERATOR.search
    return sum(
        [row[-1:] in _OPEN_ENDS or bool(begins(row)) or bool(operator(row)) for row in rows]
    ) / len(rows)


def _probe(text: str) -> str:
    """The head, the middle and the end, in whole lines."""
    if len(text) <= 3 * _PROBE:
        return text
    parts = [text[:_PROBE].rpartition("\n")[0]]
    for start in (len(text) // 2, len(text) - _PROBE):
        parts.append(text[start : start + _PROBE].partition("\n")[2].rpartition("\n")[0])
    return "\n".join(parts)


def _share(rows: list[str], kind: re.Pattern[str]) -> float:
    return sum(map(bool, map(kind.match, rows))) / len(rows)


def _has_owner(rows: list[str], known: bool) -> bool:
    """Whether another part knows this text better; the name of a source file speaks against
    documents."""
    text = "\n".join(["", *rows])
    if not known and len(_DOCUMENT.findall(text)) > 1:
        return True
    if _DIFF.search("\n".join(["", *rows[:40]])):
        return True
    few = max(1, _FEW * len(rows))
    if len(_TIME.findall(text)) > few or len(_FRAMES.findall(text)) > few:
        return True
    if sum([text.count(word) for word in _REPORTED]) > few and len(_REPORT.findall(text)) > few:
        return True
    most = _MOST * len(rows)
    may_match = text.count(":") + text.count("-") > most
    return len(_MARKUP.findall(text)) > most or (may_match and _share(rows, _MATCH) > _MOST)
