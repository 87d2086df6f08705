"""What the proxy says of its work, on stderr: a line a request, for people or as JSON.

Rule: figures, names and kinds. No header, no query string, no key and no text of a request
reaches a line; a traceback is reduced to its type and place, since its message may quote one.
The texts of edits are written only where the user asked for them.
"""

import json
import logging
import re
import sys
import time
from typing import TYPE_CHECKING, TextIO

from headroom.counting import Exchange
from headroom.edits import Edit

NAME = "headroom.proxy"
if TYPE_CHECKING:
    _Stream = logging.StreamHandler[TextIO]
else:  # subscripted from Python 3.11 on
    _Stream = logging.StreamHandler

LOGGER = logging.getLogger(NAME)
JSON = "json"
CLIENT_LEFT = "client left"
"""The error of a request whose client did not wait for the end: its right, and often its habit."""
_FIELDS = "fields"
_ALLOWED = "allowed"
_LONGEST = 120
_LONGEST_MESSAGE = 2_000

# What looks like a credential, wherever a library put it into its message.
_SECRET = re.compile(
    r"(?i)\b(?:bearer|basic|aws4-hmac-sha256)\s+[^\s,;\"']+"
    r"|\b(?:sk|pk|rk|gsk|xai|key|sess|eyJ|ghp|AIza|AKIA|ASIA|ya29)[-_.]?[A-Za-z0-9_\-./+=]{12,}"
    r"|\b[\w-]{0,40}(?:api[-_]?key|authorization|token|secret|password|signature|cookie)[\w-]{0,40}"
    r"[\"']?\s*[=:]\s*[\"']?[^\s,;\"'&]+"
)
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")
_USER = re.compile(r"(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send what the package logs from `level` (debug, info, warning, error) on to stderr, and
    the warnings of every library, as `form` (text or json). A second call replaces the first."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    made = _Handler(stream or sys.stderr)
    made.setFormatter(_Json() if form == JSON else _Text())
    root.addHandler(made)
    logging.getLogger("headroom").setLevel(level.upper())


def exchange(method: str, done: Exchange) -> None:
    """One line for a request that has ended."""
    trouble = done.compression.failures or done.error not in ("", CLIENT_LEFT)
    level = logging.WARNING if trouble else logging.INFO
    if LOGGER.isEnabledFor(level):
        fields = _fields(method, done)
        LOGGER.log(level, "%s", _sentence(fields), extra={_FIELDS: fields})


def edited(edit: Edit, *, content: bool) -> None:
    """A line at level debug for one edit: sizes, and both texts where `content` is allowed."""
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    fields: dict[str, object] = {
        "event": "edit",
        "compressor": edit.compressor,
        "fidelity": edit.fidelity.value,
        "tokens_before": edit.tokens_before,
        "tokens_after": edit.tokens_after,
    }
    said = f"{edit.compressor}: {edit.tokens_before:,} → {edit.tokens_after:,} tokens"
    texts = {"before": edit.before, "after": edit.after} if content else {}
    LOGGER.debug("%s", said, extra={_FIELDS: fields, _ALLOWED: texts})


def clean(said: str) -> str:
    """`said` on one line, without what looks like a credential or a query string."""
    said = _CONTROL.sub(" ", said[:_LONGEST_MESSAGE])
    return _SECRET.sub("[hidden]", _QUERY.sub("", _USER.sub("", said)))


def _fields(method: str, done: Exchange) -> dict[str, object]:
    found = done.compression
    saved = found.tokens_before - found.tokens_after
    fields: dict[str, object] = {
        "event": "request",
        "method": method,
        "path": done.path,
        "status": done.status,
        "provider": done.provider,
        "model": done.model,
        "tokens_before": found.tokens_before,
        "tokens_after": found.tokens_after,
        "savings_percent": round(100 * saved / found.tokens_before, 1) if saved else 0.0,
        "our_ms": round(done.our_seconds * 1e3, 1),
        "first_byte_ms": _ms(done.first_byte_seconds),
        "upstream_ms": _ms(done.upstream_seconds),
        "retrievals": done.retrievals,
        "failures": found.failures,
        "late": found.late,
        "failure": found.failure,
        "error": done.error,
    }
    return {
        name: _named(value) if isinstance(value, str) else value for name, value in fields.items()
    }


def _sentence(fields: dict[str, object]) -> str:
    parts = [f"{fields['method']} {fields['path']} {fields['status']}", fields["model"]]
    if fields["tokens_before"]:
        parts.append(
            f"{fields['tokens_before']:,} → {fields['tokens_after']:,} tokens "
            f"({fields['savings_percent']} % saved)"
        )
    parts.append(f"{fields['our_ms']} ms ours")
    if fields["upstream_ms"] is not None:
        parts.append(f"{fields['upstream_ms']:,.0f} ms upstream")
    parts += (
        f"{fields[name]} {name}" for name in ("retrievals", "failures", "late") if fields[name]
    )
    return " · ".join(str(part) for part in (*parts, fields["failure"], fields["error"]) if part)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1e3, 1)


def _named(said: str) -> str:
    return clean(said[:_LONGEST])


def _failure(record: logging.LogRecord) -> str:
    """The type and place of the exception that is logged; empty where there is none."""
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    trace = record.exc_info[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "?")
        place = f" at {name}:{trace.tb_lineno}"
    return f"{record.exc_info[0].__name__}{place}"


class _Handler(_Stream):
    """Ours, told from handlers that others have set."""


class _Text(logging.Formatter):
    """`12:00:01 info POST messages 200 · …`"""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%H:%M:%S", time.localtime(record.created))
        said = f"{when} {record.levelname.lower()} {clean(record.getMessage())}"
        failure = _failure(record)
        texts = getattr(record, _ALLOWED, {})
        shown = "".join(f"\n--- {name}\n{text}" for name, text in texts.items())
        return said + (f" ({failure})" if failure else "") + shown


class _Json(logging.Formatter):
    """One object a line, with `time` in seconds since 1970."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, _FIELDS, None) or {"message": clean(record.getMessage())}
        failure = _failure(record)
        said = {"time": round(record.created, 3), "level": record.levelname.lower(), **fields}
        said |= {"failure": failure} if failure else {}
        return json.dumps(said | getattr(record, _ALLOWED, {}), ensure_ascii=False)
