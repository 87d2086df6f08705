"""A stand-in for the providers: it answers every API that the proxy speaks from a script, and
keeps every request it got.

    async with running([Reply(text="Hello")]) as upstream:
        ...  # point a client at upstream.url
        upstream.requests[0].body

It listens on this machine only, knows no clock and draws no random number: the same requests get
the same bytes. What a provider would refuse (a call without its result, say), it refuses too.
"""

from scripted_upstream.serving import Upstream, in_thread, running
from scripted_upstream.values import Fault, Hold, Reply, Request, Script, ToolCall

__all__ = [
    "Fault",
    "Hold",
    "Reply",
    "Request",
    "Script",
    "ToolCall",
    "Upstream",
    "in_thread",
    "running",
]
