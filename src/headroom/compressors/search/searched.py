"""What a search was for: told from the call, from the result's own header, or from its lines.

Also whether the call was a search at all. It reads arguments as `calls` does and shell words
with `shlex`; a command it cannot split names nothing.
"""

import json
import re
import shlex
from collections.abc import Sequence

from headroom.calls import call_of
from headroom.compressors._api import Sample

_TOOL = re.compile(r"(?:^|[_.-])(?:grep|rg|ripgrep|search|codebase_search|find_in)|grep$", re.I)
_PROGRAMS = ("grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "search_dir", "search_file")
_FIRST = re.compile(
    r"\s*(?:cd\s+[^&;|\n]+(?:&&|;)\s*|[A-Z_]+=\S*\s+|sudo\s+|timeout\s+\S+\s+)*"
    r"(?:git\s+(?:--no-pager\s+)?grep|" + "|".join(_PROGRAMS) + r")(?![\w./-])"
)
_WITH_VALUE = re.compile(r"-[ABCmdtgfT]$|--(?:include|exclude|glob|type|max-count|context)$")
_SAID = re.compile(r"(?:Found|for) .{0,60}?(?:for|pattern) [\"'](.{2,200}?)[\"'] in ")
_ARGUMENTS = ("pattern", "regex", "query", "search_term", "searchTerm", "term", "search", "text")
_ESCAPE = re.compile(r"\\[A-Za-z]|\[[^\]]*\]")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_PART = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_WORDS_OF_LANGUAGES = """
def class func function fn fun interface trait struct enum type impl mod module import from for
return const let var val public private protected static async await export default new pub use
namespace define include package final abstract void int bool string raise throw if else while
macro_rules override extends implements self this
"""
_KEYWORDS = frozenset(_WORDS_OF_LANGUAGES.split())
_LONGEST = 2_000
_SAMPLE = 40
_MOST = 8
_NEARLY_ALL = 0.9


def is_search(sample: Sample) -> bool:
    """Whether the call that made the sample was a search of files' lines."""
    if _TOOL.search(sample.tool):
        return True
    command = call_of(sample.tool, sample.source).command[:_LONGEST]
    return _FIRST.match(command) is not None


def identifiers(sample: Sample, texts: Sequence[str]) -> frozenset[str]:
    """The names that were searched for; `texts` are lines that were found."""
    pattern = _pattern(sample)
    if not pattern:
        return common(texts)
    bare = _ESCAPE.sub(" ", pattern)
    names = [name for name in _WORD.findall(bare) if name not in _KEYWORDS and len(name) > 1]
    return frozenset(names[:_MOST])


def _pattern(sample: Sample) -> str:
    said = _SAID.search(sample.text, 0, _LONGEST)
    if said:
        return said[1]
    if sample.source.startswith("{") and len(sample.source) < _LONGEST:
        try:
            arguments = json.loads(sample.source)
        except (ValueError, RecursionError):
            return ""
        for name in _ARGUMENTS:
            value = arguments.get(name)
            if isinstance(value, str) and value:
                return value
    return _pattern_of_command(call_of(sample.tool, sample.source).command[:_LONGEST])


def _pattern_of_command(command: str) -> str:
    """The first word behind the search program that is no option, or what `-e` gives."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    starts = [place for place, word in enumerate(words) if word.rsplit("/", 1)[-1] in _PROGRAMS]
    if not starts:
        return ""
    behind = iter(words[starts[0] + 1 :])
    for word in behind:
        if _WITH_VALUE.match(word):
            next(behind, "")
        elif word.startswith(("-e", "--regexp")):
            return word[2:] if len(word) > 2 and word[1] != "-" else next(behind, "")
        elif not word.startswith("-"):
            return word
    return ""


def common(texts: Sequence[str]) -> frozenset[str]:
    """The longest names that stand in nearly all of `texts`: what a search found everywhere
    is what it was for."""
    if len(texts) < 3:
        return frozenset()
    some = [text[:_LONGEST] for text in texts[:: -(-len(texts) // _SAMPLE)]]
    words = {word for text in some[:3] for word in _WORD.findall(text) if len(word) > 2}
    words.update([part for word in words for part in _parts(word)])
    least = _NEARLY_ALL * len(some)
    common = [
        word
        for word in sorted(words, key=lambda word: (-len(word), word))[:200]
        if word not in _KEYWORDS and sum(word in text for text in some) >= least
    ]
    kept: list[str] = []
    for word in common:
        if not any(word in longer for longer in kept):
            kept.append(word)
    return frozenset(kept[:_MOST])


def _parts(word: str) -> list[str]:
    """What a search may have found inside a name: its words, and runs of them."""
    between = word.split("_")[:_MOST]
    runs = [
        "_".join(between[start:end])
        for start in range(len(between))
        for end in range(start + 1, len(between) + 1)
    ]
    return [run for run in runs if len(run) > 2] + _PART.findall(word)
