"""Programming languages: by the end of a file's name, or by the look of its lines.

A language says how its blocks are laid out and which signs begin a comment; the rest is the
business of those who read the blocks. It never opens a file.
"""

import re
from dataclasses import dataclass
from itertools import islice

INDENT = "indent"
BRACE = "brace"
END = "end"

_HEAD = 12_000


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is laid out: blocks by `INDENT`, by `BRACE`, or closed by the word
    `END`; `comments` are the signs that begin a comment line."""

    name: str
    layout: str
    comments: tuple[str, ...]
    suffixes: tuple[str, ...]


_SLASHES = ("//", "/*", "*")
_HASH = ("#",)
LANGUAGES = (
    Language("python", INDENT, _HASH, (".py", ".pyi", ".pyx")),
    Language("javascript", BRACE, _SLASHES, (".js", ".jsx", ".mjs", ".cjs")),
    Language("typescript", BRACE, _SLASHES, (".ts", ".mts", ".cts")),
    Language("tsx", BRACE, _SLASHES, (".tsx",)),
    Language("go", BRACE, _SLASHES, (".go",)),
    Language("rust", BRACE, _SLASHES, (".rs",)),
    Language("java", BRACE, _SLASHES, (".java",)),
    Language("c", BRACE, _SLASHES, (".c", ".h")),
    Language("cpp", BRACE, _SLASHES, (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".ipp", ".cu")),
    Language("csharp", BRACE, _SLASHES, (".cs",)),
    Language("php", BRACE, (*_SLASHES, "#"), (".php",)),
    Language("ruby", END, _HASH, (".rb", ".rake")),
    Language("bash", BRACE, _HASH, (".sh", ".bash", ".zsh")),
    Language("kotlin", BRACE, _SLASHES, (".kt", ".kts")),
    Language("swift", BRACE, _SLASHES, (".swift",)),
    Language("scala", BRACE, _SLASHES, (".scala",)),
    Language("dart", BRACE, _SLASHES, (".dart",)),
    Language("groovy", BRACE, _SLASHES, (".groovy", ".gradle")),
    Language("zig", BRACE, _SLASHES, (".zig",)),
    Language("lua", END, ("--",), (".lua",)),
    Language("elixir", END, _HASH, (".ex", ".exs")),
    Language("julia", END, _HASH, (".jl",)),
    Language("pony", INDENT, _SLASHES, (".pony",)),
    Language("nim", INDENT, _HASH, (".nim",)),
)
_BY_NAME = {language.name: language for language in LANGUAGES}
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_OTHER_NAMES = {
    "py": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "rs": "rust",
    "rb": "ruby",
    "golang": "go",
    "c++": "cpp",
    "c#": "csharp",
    "c-sharp": "csharp",
    "sh": "bash",
    "shell": "bash",
    "kt": "kotlin",
}
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,9}$")

# What only one language, or few others, writes at the start of a line.
_LOOKS = {
    "python": r"(?:async )?def \w+\(.*:|class \w+(?:\(.*\))?:|from [\w.]+ import "
    r"|import \w+(?:\.\w+)*$",
    "go": r"package \w+$|func (?:\(\w+ [^)]*\) )?\w+\(|type \w+ (?:struct|interface) \{|import \($",
    "rust": r"(?:pub(?:\([a-z]+\))? )?(?:fn \w+|impl\b|mod \w+|struct \w+|enum \w+)"
    r"|use \w+::|let mut |#\[",
    "java": r"package [\w.]+;|import (?:static )?[\w.]+(?:\.\*)?;"
    r"|(?:public|private|protected) .*[;{(]$",
    "csharp": r"using [\w.]+;|namespace [\w.]+|(?:public|private|internal) .*\bget;",
    "typescript": r"(?:export )?(?:interface|type) \w+.*[{=]|import (?:type )?\{?.* from ['\"]"
    r"|(?:export )?(?:async )?function \w+\(.*\): ",
    "javascript": r"(?:const|let|var) [\w{]|(?:async )?function\b|module\.exports|export "
    r"|import .* from ['\"]",
    "cpp": r"namespace \w*|template ?<|class \w+|using (?:namespace )?\w+",
    "c": r"#\s*(?:include|define|ifdef|ifndef|endif)\b|(?:static|struct|typedef|void|int) ",
    "ruby": r"end$|require(?:_relative)? ['\"]|module \w+$|def [\w.]+[?!=]?(?:\(.*\))?$",
    "php": r"<\?php|namespace [\w\\]+;|use [\w\\]+;|\$\w+ ?=",
    "bash": r"#!.*\b(?:ba|z)?sh\b|fi$|done$|esac$|(?:local|export) \w+=|\w+\(\) ?\{",
}
_LOOK = {
    # Line ends are quickly looked for, and each line is tried once, behind all of its blanks.
    name: re.compile(rf"\n[ \t]{{0,40}}(?![ \t])(?:{look})", re.MULTILINE)
    for name, look in _LOOKS.items()
}
_QUALIFIED = "std::"
_CPP_QUALIFIED = re.compile(rf"{_LOOK['cpp'].pattern}|\n.*\b{_QUALIFIED}")
_MOST_LOOKS = 40
_LEAST_LOOKS = 2


def by_name(name: str) -> Language | None:
    """The language called so ("python", "ts", "C++"), or None."""
    lowered = name.strip().lower()
    return _BY_NAME.get(_OTHER_NAMES.get(lowered, lowered))


def suffix_of(path: str) -> str:
    """The end of a file's name as ".py", in lower case; "" where it has none."""
    found = _SUFFIX.search(path)
    return found[0].lower() if found else ""


def by_path(path: str) -> Language | None:
    """The language that a file's name tells of, or None."""
    return _BY_SUFFIX.get(suffix_of(path))


def by_look(code: str) -> Language | None:
    """The language that the first lines of `code` look most like, or None."""
    head = "\n" + code[:_HEAD]
    counts = {
        name: len(list(islice(look.finditer(head), _MOST_LOOKS))) for name, look in _LOOK.items()
    }
    if _QUALIFIED in head:
        counts["cpp"] = len(list(islice(_CPP_QUALIFIED.finditer(head), _MOST_LOOKS)))
    best = max(counts, key=counts.__getitem__)
    return _BY_NAME[best] if counts[best] >= _LEAST_LOOKS else None


def language_of(path: str, code: str) -> Language:
    """The language by name, else by look, else any that has braces or, without them, indents."""
    found = by_path(path)
    if found is not None and found.name == "c" and _CPP_QUALIFIED.search("\n" + code[:_HEAD]):
        return _BY_NAME["cpp"] if suffix_of(path) == ".h" else found
    found = found or by_look(code)
    if found is None:
        head = code[:_HEAD]
        found = _BY_NAME["javascript" if head.count("{\n") > head.count(":\n") else "python"]
    return found
