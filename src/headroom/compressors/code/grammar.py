"""Definitions by a parser: tree-sitter and one grammar a language, where they are installed.

Slower than `blocks` (some 60 ms for 100,000 tokens) and right where the layout of rows misleads.
One query a language finds the definitions, in the parser's own code. Without the optional
packages it finds nothing, and says so by None.
"""

import importlib
from functools import cache
from typing import Any

from headroom.compressors.code.definitions import Definition, Found
from headroom.compressors.code.languages import BRACE, Language

_JAVASCRIPT = """
(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(method_definition name: (_) @name body: (_) @body) @function
(variable_declarator name: (_) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)]
) @function
(assignment_expression left: (_) @name
  right: [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)]
) @function
(pair key: (_) @name
  value: [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)]
) @function
(call_expression arguments: (arguments . [(string) (template_string)] @name
  [(arrow_function body: (statement_block) @body) (function_expression body: (_) @body)])
) @function
(class_declaration name: (_) @name body: (_) @body) @class
"""
_TYPESCRIPT = (
    _JAVASCRIPT
    + """
(interface_declaration name: (_) @name body: (_) @body) @class
(abstract_class_declaration name: (_) @name body: (_) @body) @class
(enum_declaration name: (_) @name body: (_) @body) @class
"""
)
_C = """
(function_definition declarator: (_) @name body: (compound_statement) @body) @function
(struct_specifier name: (_) @name body: (_) @body) @class
(enum_specifier name: (_) @name body: (_) @body) @class
"""
_QUERIES = {
    "python": """
(function_definition name: (_) @name body: (_) @body) @function
(class_definition name: (_) @name body: (_) @body) @class
""",
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": """
(function_declaration name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name body: (_) @body) @function
""",
    "rust": """
(function_item name: (_) @name body: (_) @body) @function
(impl_item type: (_) @name body: (_) @body) @class
(trait_item name: (_) @name body: (_) @body) @class
(mod_item name: (_) @name body: (_) @body) @class
(struct_item name: (_) @name body: (_) @body) @class
(enum_item name: (_) @name body: (_) @body) @class
""",
    "java": """
(method_declaration name: (_) @name body: (_) @body) @function
(constructor_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @class
(enum_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name body: (_) @body) @class
""",
    "c": _C,
    "cpp": _C + "(class_specifier name: (_) @name body: (_) @body) @class",
    "csharp": """
(method_declaration name: (_) @name body: (block) @body) @function
(constructor_declaration name: (_) @name body: (block) @body) @function
(local_function_statement name: (_) @name body: (block) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @class
(struct_declaration name: (_) @name body: (_) @body) @class
(record_declaration name: (_) @name body: (_) @body) @class
""",
    "ruby": """
(method name: (_) @name body: (_) @body) @function
(singleton_method name: (_) @name body: (_) @body) @function
(class name: (_) @name body: (_) @body) @class
(module name: (_) @name body: (_) @body) @class
""",
    "php": """
(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @class
(interface_declaration name: (_) @name body: (_) @body) @class
(trait_declaration name: (_) @name body: (_) @body) @class
""",
    "bash": "(function_definition name: (_) @name body: (_) @body) @function",
}
_PACKAGES = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "php": ("tree_sitter_php", "language_php"),
    "csharp": ("tree_sitter_c_sharp", "language"),
}


def found_by(code: str, language: Language) -> Found | None:
    """The definitions of `code`; None where no parser for the language is installed."""
    reader = _reader(language.name)
    if reader is None:
        return None
    tree = reader.parser().parse(code.encode("utf-8", "replace"))
    definitions = []
    for _, found in reader.cursor().matches(tree.root_node):
        holds = "class" in found
        whole = found["class" if holds else "function"][0]
        definitions.append(_definition(whole, found["body"][0], found["name"][0], holds, language))
    definitions.sort(key=lambda each: (each.header, -each.end))
    return Found(definitions)


def _definition(whole: Any, body: Any, name: Any, holds: bool, language: Language) -> Definition:
    header, first, last = whole.start_point[0], body.start_point[0], body.end_point[0]
    said = name.text.decode("utf-8")
    said = said[1:-1] if said.startswith(('"', "'", "`")) else said.split("(")[0].strip(" *&")
    if body.type in ("block", "body_statement") and language.layout != BRACE:
        start = first if first > header else first + 1
        end = last + (1 if body.end_point[1] else 0)
    else:
        start, end = first + 1, last
    return Definition(header, start, max(start, end), said, holds)


class _Reader:
    """A language's grammar and query. Parsers and cursors are made anew for each text, so that
    threads share none."""

    def __init__(self, tree_sitter: Any, grammar: Any, query: str) -> None:
        self._tree_sitter = tree_sitter
        self._language = tree_sitter.Language(grammar)
        self._query = tree_sitter.Query(self._language, query)

    def parser(self) -> Any:
        return self._tree_sitter.Parser(self._language)

    def cursor(self) -> Any:
        return self._tree_sitter.QueryCursor(self._query)


@cache
def _reader(name: str) -> _Reader | None:
    """The reader of a language, or None. Kept, because compiling its query takes longer than
    reading a file."""
    if name not in _QUERIES:
        return None
    package, function = _PACKAGES.get(name, (f"tree_sitter_{name}", "language"))
    try:
        tree_sitter = importlib.import_module("tree_sitter")
        grammar = getattr(importlib.import_module(package), function)()
    except ImportError:
        return None
    return _Reader(tree_sitter, grammar, _QUERIES[name])
