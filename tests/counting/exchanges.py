"""Requests to count."""

from headroom.counting import Compression, EditCount, Exchange
from headroom.wire._api import Usage

NOON = 1_700_006_400.0
"""The start of a quarter of an hour."""


def exchange(**said):
    """A request that was compressed from 1,000 to 400 tokens."""
    plain = {
        "time": NOON,
        "status": 200,
        "project": "shop",
        "session": "s1",
        "agent": "claude-code",
        "provider": "anthropic",
        "model": "claude-sonnet-4-5",
        "path": "messages",
        "streamed": True,
        "compression": Compression(
            1_000, 400, True, (EditCount("log", "recoverable", 900, 300),), {"too_small": 2}
        ),
        "retrievals": 1,
        "retrieved_tokens": 100,
        "rounds": 1,
        "tool_tokens": 50,
        "our_seconds": 0.004,
        "first_byte_seconds": 0.8,
        "upstream_seconds": 3.0,
        "bytes_in": 4_000,
        "bytes_saved": 2_400,
        "usage": Usage(fresh=10, cache_read=300, cache_write=90, output=25),
    }
    return Exchange(**{**plain, **said})
