"""A walk through a conversation: what stood before a text, and the key that names it all.

A text's decision may rest on what the walk has met and on nothing else, so the key, a hash of
the same, names the decision. It decides nothing.
"""

from hashlib import blake2b

from headroom import segments
from headroom.compressors import Sample
from headroom.conversation import Block, Kind, Message
from headroom.seen import Seen

_MAX_QUERY = 4_000
_MAX_THOUGHT = 1_000


class Walk:
    """What has been met so far. For each text in order: `reach` it, then `note` how it reads.

    `query` is what the reader is after, empty where the conversation is to tell; `rules` names
    all else that decisions rest on.
    """

    def __init__(self, query: str, rules: str) -> None:
        self.seen = Seen()
        self._query = query
        self._key = blake2b(f"{rules}\0{query}".encode("utf-8", "surrogatepass"), digest_size=20)
        self._sources: dict[str, str] = {}
        self._asked = ""
        self._unread: list[str] = []
        self._thought = ""

    def enter(self, message: Message) -> None:
        """Begin a message. What the assistant says counts for the results of its calls."""
        self._key.update(b"\0" + message.role.encode("utf-8", "surrogatepass"))
        if message.role == "assistant":
            self._thought = ""

    def reach(self, block: Block) -> bytes:
        """The key of everything up to and with `block`."""
        head = f"\0{block.kind.value}\0{block.tool}\0{block.call_id}\0{len(block.text)}\0"
        self._key.update((head + block.text).encode("utf-8", "surrogatepass"))
        return self._key.digest()

    def context(self, block: Block) -> Sample:
        """All that a compressor may know of `block` beside its text."""
        answers = block.kind is Kind.TOOL_RESULT
        source = self._sources.get(block.call_id, "") if answers else ""
        asked = self._query or self._last_asked(block)
        query = self._query or f"{self._thought}\n{asked}".strip()
        return Sample("", block.tool, source, query, asked=asked)

    def note(self, block: Block, shown: str) -> None:
        """Remember what the block said, and that it was sent reading `shown`."""
        if block.kind is Kind.TOOL_CALL:
            self._sources[block.call_id] = block.text
        elif block.kind is Kind.ASSISTANT_TEXT:
            self._thought = block.text[-_MAX_THOUGHT:]
        elif block.kind is Kind.USER_TEXT:
            self._unread.append(block.text)
        self.seen.add(block, shown)

    def _last_asked(self, block: Block) -> str:
        """What the user last said in words, beside pasted data. Texts are read when it is wanted,
        and once: most conversations that are met again have nothing new to decide."""
        for text in self._unread:
            self._asked = _words(text) or self._asked
        self._unread.clear()
        own = _words(block.text) if block.kind is Kind.USER_TEXT else ""
        return own or self._asked


def _words(text: str) -> str:
    return segments.rest(text, segments.regions(text, person=True))[:_MAX_QUERY]
