"""Which API a path belongs to, and the parts by which it is served."""

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scripted_upstream import anthropic_messages, bedrock, gemini, openai_chat
from scripted_upstream.prompt_cache import PromptCache
from scripted_upstream.values import Reply, Request, Said

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PATHS = (
    (re.compile(r"/messages/count_tokens$"), "anthropic count"),
    (re.compile(r"/messages/batches(/|$)"), "anthropic batch"),
    (re.compile(r"/messages$"), "anthropic"),
    (re.compile(r"/chat/completions$"), "chat"),
    (re.compile(r"/responses/compact$"), "responses compact"),
    (re.compile(r"/responses$"), "responses"),
    (re.compile(r"/completions$"), "completions"),
    (re.compile(r"/embeddings$"), "embeddings"),
    (re.compile(r":(stream)?[gG]enerateContent$"), "gemini"),
    (re.compile(r":countTokens$"), "gemini count"),
    (re.compile(r"/v1beta/models(/[^/:]+)?$"), "gemini models"),
    (re.compile(r"/model/[^/]+/converse(-stream)?$"), "converse"),
    (re.compile(r"/model/[^/]+/invoke(-with-response-stream)?$"), "invoke"),
    (re.compile(r"/models(/[^/]+)?$"), "models"),
)


@dataclass(frozen=True, slots=True)
class Api:
    """`said` spells a reply, `error` the body of an error."""

    said: Callable[[Request, Reply, PromptCache], Said]
    error: Callable[[int, str], dict[str, Any]]


GENERATING: Mapping[str, Api] = {
    "anthropic": Api(anthropic_messages.said, anthropic_messages.error),
    "chat": Api(openai_chat.said, openai_chat.error),
    "completions": Api(openai_chat.said_plainly, openai_chat.error),
    "gemini": Api(gemini.said, gemini.error),
    "converse": Api(bedrock.said, bedrock.error),
    "invoke": Api(bedrock.said_in_anthropics_shape, bedrock.error),
}
"""What a script answers, but for Responses, which needs the memory of its conversations."""

_FIXED: Mapping[str, Callable[[Request], dict[str, Any]]] = {
    "anthropic count": anthropic_messages.counted,
    "anthropic batch": anthropic_messages.batch,
    "embeddings": openai_chat.embedded,
    "gemini count": gemini.counted,
    "gemini models": gemini.models,
}


def api_of(path: str) -> str:
    """The word for the API that a path belongs to, "other" for none."""
    return next((name for pattern, name in _PATHS if pattern.search(path)), "other")


def error(api: str, status: int, message: str) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The body and the headers of an API's error."""
    if api in ("converse", "invoke"):
        return bedrock.error(status, message), bedrock.error_headers(status)
    known = GENERATING.get(api.split()[0])
    return (known.error if known else openai_chat.error)(status, message), {}


def fixed(request: Request) -> dict[str, Any]:
    """The reply to what no script is asked about; a path that is not known is echoed."""
    if request.api == "models" and request.header("x-goog-api-key"):
        return gemini.models(request)
    if request.api == "models":
        anthropic = request.header("anthropic-version")
        listed = (anthropic_messages if anthropic else openai_chat).models(request)
        wanted = request.path.rpartition("/models/")[2]
        return next((model for model in listed["data"] if model["id"] == wanted), listed)
    if request.api in _FIXED:
        return _FIXED[request.api](request)
    return {"method": request.method, "target": request.target, "bytes": len(request.body)}


def streams(request: Request) -> bool:
    """Whether the answer is wanted as events."""
    if request.api in ("gemini", "converse", "invoke"):
        return "stream" in request.path.lower()
    return bool(request.json.get("stream"))


def decoded(body: bytes, coding: str) -> Any:
    """The JSON in a body; None where there is none."""
    unpack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "deflate": zlib.decompress,
        "zstd": zstd.decompress,
    }
    try:
        return json.loads(unpack[coding](body) if coding in unpack else body)
    except (ValueError, OSError, EOFError, zlib.error, zstd.ZstdError):
        return None


class Packer:
    """A body coded as it goes out; every piece can be read as soon as it is there."""

    def __init__(self, coding: str) -> None:
        self._gzip = zlib.compressobj(wbits=31) if coding == "gzip" else None
        self._zstd = zstd.ZstdCompressor() if coding == "zstd" else None

    def pack(self, data: bytes) -> bytes:
        """The next piece."""
        if self._gzip:
            return self._gzip.compress(data) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
        if self._zstd:
            return self._zstd.compress(data, zstd.ZstdCompressor.FLUSH_BLOCK)
        return data

    def end(self) -> bytes:
        """What closes the body."""
        if self._gzip:
            return self._gzip.flush()
        return self._zstd.flush() if self._zstd else b""
