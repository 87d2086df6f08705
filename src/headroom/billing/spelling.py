"""How one model is spelled: by its maker, by gateways, by clouds; with dates and without.

Pure. Rule: what is taken off a name says only where or in which edition a model is served, never
which one it is.
"""

import re
from collections.abc import Iterator

LONGEST = 200
_ALIASES = {
    "amazon": "aws",
    "azure_ai": "azure",
    "bedrock": "aws",
    "chatgpt": "openai",
    "gemini": "google",
    "moonshot": "moonshotai",
    "vertex_ai": "google",
    "xai": "x-ai",
    "z-ai": "zai",
}
"""The table's names of providers that go by others."""
_MAKERS = (
    *("anthropic", "openai", "google", "deepseek", "x-ai", "moonshotai", "zai", "minimax"),
    *("mistral", "cohere"),
)
"""Whose names for their own models no other takes, in the order in which they are asked."""
_GATEWAYS = ("openrouter", "fireworks", "together", "groq")
_EDITION = re.compile(
    r"(?:[-@](?:latest|default|preview|preview-\d\d-\d{2,4}|\d{8}|\d{4}-\d\d-\d\d|\d{3,4})"
    # The cloud's own edition: of a dated model any, else the first, which is the model itself.
    r"|(?<=\d{8})-v\d+(?::\d+)?|-v1(?::0)?|:0)$"
)
_NUMBERED = re.compile(r"\d")
"""A name without any number is a family's, and what its next model costs nobody knows."""
_MOST_EDITIONS = 3
_WHERE = r"(?:us|eu|apac|au|jp|ca|in|sa|us-gov)"
_REGION = re.compile(rf"{_WHERE}\.(?=[a-z0-9]+\.)")
_BEDROCK = re.compile(
    rf"(?:(?:global|{_WHERE})\.[a-z0-9]+\.|(?:anthropic|amazon|meta|cohere|mistral|ai21)\.|arn:aws)"
)


def spellings(provider: str, model: str) -> Iterator[tuple[str, str]]:
    """Where a model may stand in the table, the surest first: a provider there, and a name."""
    name, own = model.strip().lower(), _ALIASES.get(provider, provider)
    if not name or len(name) > LONGEST:
        return
    if own == "aws" or _BEDROCK.match(name):
        yield from (("aws", one) for one in _on_bedrock(name.rpartition("/")[2]))
        return
    if not name.startswith("accounts/"):
        name = name.rpartition("models/")[2]
    vendor, slash, rest = name.partition("/")
    if not slash:
        yield from ((who, name) for who in dict.fromkeys((own, *_MAKERS)))
        return
    yield from _of_vendor(_ALIASES.get(vendor, vendor), rest)
    yield from ((gateway, name) for gateway in _GATEWAYS)


def editions(name: str) -> Iterator[str]:
    """A name without what tells its edition (a date, `-latest`, `-v1:0`): shorter and shorter."""
    for _ in range(_MOST_EDITIONS):
        shorter = _EDITION.sub("", name)
        if shorter == name or not _NUMBERED.search(shorter):
            return
        yield shorter
        name = shorter


def _on_bedrock(name: str) -> Iterator[str]:
    """As it stands there, without the region, and without the maker (some stand so)."""
    here = _REGION.sub("", name, count=1)
    yield name
    yield here
    if not here.startswith("global."):
        yield here.partition(".")[2]


def _of_vendor(vendor: str, rest: str) -> Iterator[tuple[str, str]]:
    if vendor == "aws":
        yield from spellings(vendor, rest)
        return
    yield vendor, rest
    if vendor == "azure":
        yield "openai", rest
    if vendor == "google":
        yield "anthropic", rest
