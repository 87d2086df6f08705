"""What the provider reports of tokens, over the legs of an answer.

`prompt_tokens` counts what was read from the cache too. A stream may report once at its end, or
the sum so far with every chunk; the last report of a leg counts.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from headroom.wire._api import Usage

_REPORT = re.compile(rb'"usage"\s*:\s*(?=\{)')
_LONGEST = 8_192
_SUMMED = ("completion_tokens", "total_tokens", "cost")
"""Of these the client is told the sum; what else is reported says how full its context is."""

_LONG = (
    ("cache_write_tokens_details", "ttl_12h_tokens"),
    ("cache_creation_token_details", "ephemeral_1h_input_tokens"),
)

Report = dict[str, Any]


class Meter:
    """The usage of one answer, leg by leg."""

    def __init__(self) -> None:
        self._earlier: list[Report] = []
        self._current: Report = {}

    @property
    def usage(self) -> Usage | None:
        """As billed, of all legs so far; None while nothing was reported."""
        legs = self.legs
        return sum(legs, Usage()) if legs else None

    @property
    def legs(self) -> Sequence[Usage]:
        """As billed, leg by leg."""
        return [_read(report) for report in (*self._earlier, self._current) if report]

    def note(self, reported: Any) -> None:
        """Take what a chunk or a body holds under `usage`."""
        if isinstance(reported, dict) and reported:
            self._current = reported

    def next_leg(self) -> None:
        """What is noted from now on is another leg's."""
        self._earlier.append(self._current)
        self._current = {}

    def for_client(self, reported: Report) -> Report:
        """A report of this leg with what the earlier legs have put out."""
        told = dict(reported)
        for report in self._earlier:
            out = _number(report.get("completion_tokens"))
            added = {**report, "total_tokens": out}
            told.update(
                {key: told[key] + _number(added.get(key)) for key in _SUMMED if _has(told, key)}
            )
            details, more = (each.get("completion_tokens_details") for each in (told, report))
            if isinstance(details, dict) and isinstance(more, dict):
                told["completion_tokens_details"] = {
                    key: value + _number(more.get(key)) if _has(details, key) else value
                    for key, value in details.items()
                }
        return told


def last_report(payload: bytes) -> Any:
    """The last `usage` object in a payload, found without reading the rest of it; else None."""
    at = payload.rfind(b'"usage"')
    found = _REPORT.match(payload, at) if at >= 0 else None
    if found is None:
        return None
    text = payload[found.end() : found.end() + _LONGEST].decode("utf-8", "replace")
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _read(report: Report) -> Usage:
    details = report.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    read = _first(details, "cached_tokens") or _first(
        report, "prompt_cache_hit_tokens", "cache_read_input_tokens"
    )
    write = _first(details, "cache_write_tokens", "cache_creation_tokens") or _first(
        report, "cache_creation_input_tokens"
    )
    fresh = max(_first(report, "prompt_tokens") - read - write, 0)
    return Usage(fresh, read, write, _first(report, "completion_tokens"), _long(details))


def _long(details: Report) -> int:
    """What was written for the longer lifetime: as OpenAI says it, or gateways to Anthropic."""
    for name, key in _LONG:
        if isinstance(by_lifetime := details.get(name), dict):
            return _first(by_lifetime, key)
    return 0


def _first(report: Report, *keys: str) -> int:
    counts = (report.get(key) for key in keys)
    return next((count for count in counts if type(count) is int and count > 0), 0)


def _has(report: Report, key: str) -> bool:
    return type(report.get(key)) in (int, float)


def _number(value: Any) -> Any:
    return value if type(value) in (int, float) else 0
