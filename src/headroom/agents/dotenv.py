"""Files of variables, `.env`, as the clients that read them understand them: the last one wins.

Only looks: how one is changed is the plans' matter.
"""

import re
from collections.abc import Mapping

_LINE = re.compile(
    r"""^\s*(?:export\s+)?([\w.-]+)\s*=[ \t]*('[^'\r\n]*'|"[^"\r\n]*"|[^#\r\n]*)""", re.MULTILINE
)


def variables(content: bytes | None) -> Mapping[str, str]:
    """What a file sets; nothing where there is no file."""
    text = (content or b"").decode("utf-8", "replace").lstrip("\ufeff")
    return {name: _unquoted(value.strip()) for name, value in _LINE.findall(text)}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
