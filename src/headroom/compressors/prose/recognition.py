"""Whether a text is prose: probed at its head, its middle and its end.

What speaks for prose: lines of words, among them the small words that sentences need, or East
Asian writing. Everything that a machine lays out (records, matches, diffs, logs, code, tables,
test output, markup) has a better owner. It never looks at all of a text.
"""

import re

NOT_MINE = -1.0
_PROBE = 3_000
_DOCUMENT = 16_000
_WIDTH = 1_500
_LEAST = 200
_SURE = 0.6
_LIKELY = 0.4
_MOST_STRUCTURE = 0.25
_SMALL_WORDS = """
    a about after all also an and are as at be been but by can for from had has have he her his
    how i if in into is it its may more most no not of on one or our she should so than that the
    their them there these they this to was we were what when which who will with would you your
    der die das und ist nicht ein eine zu den mit von auf für im dem des sich auch als wird
    le la les et est une un des du que qui dans pour pas sur par il elle avec au
    el los las y en que por con una para se del no es al lo como su
    il di che e per non una con sono da del nel si o os as do da em um uma não com
    de het een van en dat niet zijn op te voor met
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLAIN_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_NOT_LETTERS = bytes(code for code in range(128) if not (chr(code).isalpha() or chr(code) in "'-"))
_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STRUCTURE = re.compile(
    r"""
    # code
    \s*[{}\[\]()<>;]*[,;]?\s*$|[ ]\*(?:\s|$)|\s*(?://|/\*|\*/|\#include|@\w+|\$\ )
    |\s*(?:def|class|import|from|func|fn|let|const|var|return|public|private|package|if|for|while
        |else|elif|try|except|with|use|pub|impl|struct|switch|case|assert|self\.)\b.*[:(){};]\s*$
    |\s*(?:import|from)\ [\w.]+(?:\ import\ .*)?$|\s*[\w.\[\]]+\ ?=\ ?\S|\s*[\w.]+\([^)]*\)[;:]?\s*$
    # matches, diagnoses, frames
    |[^\s:]+[:-]\d+[:-]|\s*(?:error|warning|note)\b\W|\s+at\ \S+\(|\s+File\ "|Traceback
    # diffs
    |[+-](?![-+\ ]|\s*$)|@@\ |diff\ --git|(?:---|\+\+\+)\ [ab]/|commit\ [0-9a-f]{7,40}
    # listings, tables, markup, records
    |[-dlcbps][rwxsStT-]{9}|\s*\||\s*\+-|<!|\s*</?\w[^>]*>.*>?\s*$|\s*"[^"]*"\s*:
    |[\w.-]+(?:,[^,\n ]*){3,}$|(?:\.{0,2}/)?(?:[\w.@-]+/)+[\w.@-]*\s*$
    # logs and tests
    |[\[(<]?\d{4}[-/.]\d\d[-/.]\d\d[T\s,_-]|[\[(]?\d\d:\d\d:\d\d
    |[A-Z][a-z]{2}\ [\s\d]\d\ \d\d:\d\d:\d\d|\s*[EWID]\d{4}\ |\[?(?:INFO|DEBUG|WARN(?:ING)?|ERROR)\b
    """,
    re.VERBOSE,
)
_PLACE = re.compile(r"\.(?<=[\w/\\-]\.)[A-Za-z]{1,5}\"?[:(,\[]\s?(?:line\s)?\d")
_PLACE_BEFORE = 122
_CELLS = re.compile(r"[^\t]+\t[^\t]+\t[^\t]+\t")
_VERDICT = re.compile(r"\b(?:PASS(?:ED)?|FAIL(?:ED)?|ok|OK)\s*(?:\[|\(|$)")
_VERDICTS = re.compile("PASS|FAIL|ok|OK")
_JSON = re.compile(r'\s*(?:[\[{]\s*(?:["\[{}]|-?[\d.]+\s*,))')
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(r"\n(?:#{1,6} \S|```|~~~|\.\. [\w-]+::|([=~-])\1{4,}(?:\n|\Z))")
_SET_APART = re.compile(r"^(?:(?: {4}|\t| *\|).*|\W*)\n", re.MULTILINE)
_DIFF = re.compile(r"^(?:diff --git |@@ -\d)", re.MULTILINE)
_SENTENCE = re.compile(r"[^\W\d_]{2}[.!?।]\s")


def likelihood(text: str) -> float:
    """0 to 1, or `NOT_MINE`."""
    if len(text) < _LEAST or _JSON.match(text):
        return NOT_MINE
    probe = _probe(text)
    lines = [line[:_WIDTH] for line in probe.split("\n") if line.strip()]
    size = sum(map(len, lines))
    if size < _LEAST // 2:
        return NOT_MINE
    joined = "\n".join(lines)
    if not _may_say_something(joined, size) or _shows_a_diff(text):
        return NOT_MINE
    share = _structured_share(lines, size)
    if share > _MOST_STRUCTURE:
        return NOT_MINE
    score = _by_words(joined, size, len(lines))
    score -= 0.1 if share > 0.1 else 0.0
    return score if score > 0.15 else NOT_MINE


def _shows_a_diff(text: str) -> bool:
    told = "\n@@ -" in text or "diff --git " in text
    return told and _DIFF.search(text, 0, _DOCUMENT) is not None


def _structured_share(lines: list[str], size: int) -> float:
    """The share of what a machine may have laid out; found to be too much, the rest is not
    looked at. One line alone is never too much."""
    count, structured = 0, 0
    whole = size + 20 * len(lines)
    for line in lines:
        if _is_structured(line):
            count += 1
            structured += len(line) + 20
            if count > 1 and structured / whole > _MOST_STRUCTURE:
                break
    share = structured / whole
    return share if count > 1 else min(share, _MOST_STRUCTURE)


def _is_structured(line: str) -> bool:
    """Whether a machine may have laid the line out."""
    if line.rstrip().endswith(("{", ";")) or _STRUCTURE.match(line):
        return True
    if "\t" in line and _CELLS.match(line):
        return True
    place = _PLACE.search(line) if "." in line else None
    if place is not None and place.start() < _PLACE_BEFORE:
        return True
    return _VERDICTS.search(line) is not None and _VERDICT.search(line) is not None


def _may_say_something(text: str, size: int) -> bool:
    """Whether a glance finds letters enough for sentences, and small words or nothing but
    letters. It may err to yes."""
    plain = text.encode("ascii", "ignore")
    foreign = len(text) - len(plain)
    letters = len(plain.translate(None, _NOT_LETTERS)) + foreign
    if foreign > 0.2 * size:
        return True
    if letters < 0.6 * size:
        return False
    words = text.lower().split()
    return letters > 0.72 * size or sum(map(_SMALL.__contains__, words)) > 0.08 * len(words)


def _by_words(text: str, size: int, lines: int) -> float:
    plain = text.isascii()
    if not plain and len(_EAST.findall(text)) > 0.3 * size:
        return _SURE
    words = (_PLAIN_WORD if plain else _WORD).findall(text)
    letters = sum(map(len, words))
    enough = letters >= 0.6 * size and len(words) >= 20
    small = sum(map(_SMALL.__contains__, map(str.lower, words))) / max(1, len(words))
    if enough and small > 0.2:
        return _SURE if small > 0.3 else _LIKELY
    dense = letters > 0.72 * size and len(words) > 8 * lines
    in_sentences = dense and len(_SENTENCE.findall(text)) * 300 > size
    return 0.2 if enough and (small > 0.17 or in_sentences) else NOT_MINE


def _probe(text: str) -> str:
    """Pieces of the text; of a document with markup its beginning, without what it sets apart
    as code or tables."""
    if _MARKUP.search("\n" + text[:_PROBE]):
        return _SET_APART.sub("", _FENCED.sub("", text[:_DOCUMENT]))
    if len(text) <= 4 * _PROBE:
        return text
    middle, last = len(text) // 2, len(text) - _PROBE
    pieces = [text[middle : middle + _PROBE], text[last:]]
    rest = [piece.partition("\n")[2] or piece for piece in pieces]
    return "\n".join([text[: 2 * _PROBE], *rest])
