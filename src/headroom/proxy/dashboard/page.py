"""The page put together: its style and its scripts stand in it, so that one answer is all of it.

Rule: it loads nothing, from nowhere; its policy names the hashes of its own style and script and
forbids everything else. The page holds no data: it asks for that with the user's token.
"""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_SCRIPTS = (
    *("format.js", "dom.js", "data.js", "chart.js", "figures.js", "panels.js"),
    *("trial.js", "lines.js", "diff.js", "requests.js", "main.js"),
)
_STYLES = ("style.css", "requests.css")
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What is served: the page as it is and packed, and the headers of both."""

    plain: bytes
    packed: bytes
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """Names this page; another version has another one."""
        return self.headers["etag"]


def load() -> Page:
    """The page as this version ships it."""
    style = "".join(map(_read, _STYLES))
    # One function around all: what a script calls its own is no global name.
    script = f'"use strict";(()=>{{\n{"".join(map(_read, _SCRIPTS))}}})();'
    page = _read("page.html").replace("/* style */", style).replace("/* script */", script)
    plain = page.encode()
    return Page(
        plain,
        gzip.compress(plain, mtime=0),
        {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": _POLICY.format(script=_hash(script), style=_hash(style)),
            "etag": f'W/"{hashlib.sha256(plain).hexdigest()[:20]}"',
            "cache-control": "no-cache",
            "vary": "accept-encoding",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        },
    )


def _read(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
