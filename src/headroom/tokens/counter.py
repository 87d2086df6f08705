"""The one way to count tokens: a counter for an encoding, or for the encoding of a model.

A counter is cheap to make. Its tables load with the first count and are shared by every counter
of the same encoding in the process.
"""

from functools import lru_cache

from headroom.errors import SettingsError
from headroom.tokens._encoding import Count, Encoding
from headroom.tokens._tables import ENCODINGS


class TokenCounter:
    """Counts tokens of one encoding, without network. Safe to share between threads.

    `exact` says whether the encoding is that of the model: a count for a provider whose
    tokenizer is not public is an estimate, however exactly it was made. The counts are those of
    the text alone, without what a provider adds for each message, and special tokens in the
    text count as plain text.

    Raises:
        SettingsError: there is no such encoding.
    """

    def __init__(self, encoding: str = "o200k_base", *, exact: bool = True) -> None:
        if encoding not in ENCODINGS:
            choices = ", ".join(ENCODINGS)
            raise SettingsError(f"unknown encoding {encoding!r}; choose one of {choices}")
        self.name = encoding
        self.exact = exact

    def count(self, text: str) -> int:
        """The number of tokens of `text`."""
        return _encoding(self.name).measure(text).tokens

    def measure(self, text: str) -> Count:
        """The number of tokens of `text`, and whether that number is exact."""
        count = _encoding(self.name).measure(text)
        return count if self.exact else Count(count.tokens, exact=False)


# The encoding of the first matching prefix. A correction for providers that report their own
# `usage` belongs here, as a factor of the family, and in `TokenCounter.measure`.
_O200K = (
    "gpt-4o",
    "gpt-4.1",
    "gpt-4.5",
    "gpt-5",
    "gpt-oss",
    "chatgpt-4o",
    "codex",
    "o1",
    "o3",
    "o4",
)
_CL100K = ("gpt-4", "gpt-3.5", "gpt-35", "text-embedding-")
_FAMILIES = ((_O200K, "o200k_base"), (_CL100K, "cl100k_base"))


def counter_for(model: str) -> TokenCounter:
    """The counter for a model by name: exact for OpenAI's, an o200k_base estimate for others.

    Prefixes of gateways ("openai/…", "azure/…") and of fine-tunes ("ft:…") are looked through.
    """
    name = model.strip().lower().rpartition("/")[2].removeprefix("ft:")
    for prefixes, encoding in _FAMILIES:
        if name.startswith(prefixes):
            return TokenCounter(encoding)
    return TokenCounter(exact=False)


@lru_cache
def _encoding(name: str) -> Encoding:
    return Encoding(name)
