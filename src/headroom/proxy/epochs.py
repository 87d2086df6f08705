"""When the provider's cache of a session is surely gone, and which texts are older since then.

While a cache lives, what was sent is sent again. Once a session was idle for longer than its
provider keeps a cache, all of it is written anew, whatever it is: a new epoch may make its older
texts shorter. An epoch is settled once, in the store, with what it begins with; from then on it
holds for every request that goes on from there, and nothing in it changes again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

from headroom.conversation import Conversation
from headroom.proxy.memory import SessionMemory

LATEST = 2
"""Of the assistant's turns, so many are not older when an epoch begins."""
SECONDS = 1.0
"""How long the older texts may take: the person was away, and upstream reads all of it anew."""
WORTH = 0.9
"""The most of a request's tokens that may be left for an epoch to be worth a look back."""
_PARTS = 8
_REMEMBERED = 4_000
_MOST = 50
_MET = "met"
_MODELS = ("assistant", "model")


class Epochs:
    """The epochs of all sessions of one process."""

    def __init__(self) -> None:
        self._latest: OrderedDict[tuple[str, float], int] = OrderedDict()

    async def was_idle(
        self, memory: SessionMemory, session: str, lifetime: float, now: float
    ) -> bool:
        """Note a request of the time `now` (seconds since 1970), and tell whether no worker has
        had one of its session under way for `lifetime` seconds, though there was one before."""
        part = int(now / lifetime * _PARTS)
        before = self._latest.get((session, lifetime))
        idle = await self._noted(memory, session, lifetime, part)
        return idle and (before is None or part - before > _PARTS)

    async def ended(self, memory: SessionMemory, session: str, lifetime: float, now: float) -> None:
        """Note that an answer was under way until `now`: its legs have used the cache."""
        await self._noted(memory, session, lifetime, int(now / lifetime * _PARTS))

    async def _noted(self, memory: SessionMemory, session: str, lifetime: float, part: int) -> bool:
        """Note the part of a lifetime in which a session is seen; whether it was idle before. What
        is noted here is in the store already: a client may leave meanwhile."""
        key = (session, lifetime)
        if self._latest.get(key) == part:
            return False
        idle = await asyncio.to_thread(_noted, memory, session, lifetime, part)
        self._latest[key] = part
        self._latest.move_to_end(key)
        while len(self._latest) > _REMEMBERED:
            self._latest.popitem(last=False)
        return idle


def _noted(memory: SessionMemory, session: str, lifetime: float, part: int) -> bool:
    """Note the part of a lifetime in which a session was seen; whether it was before, and in none
    of the parts that a lifetime may reach into."""
    name = f"seen:{lifetime:g}:"
    recent = memory.has_any(session, [f"{name}{part - back}" for back in range(_PARTS + 1)])
    met = memory.has_any(session, [name + _MET])
    memory.settle(session, f"{name}{part}", "yes")
    if not met:
        memory.settle(session, name + _MET, "yes")
    return bool(met) and recent is False


async def in_force(memory: SessionMemory, conversation: str, talk: Conversation) -> int:
    """How many of a conversation's first texts are older ones; 0 while it has had no epoch."""
    if not memory.fact(conversation, _name(1)):
        return 0
    return await asyncio.to_thread(_in_force, memory, conversation, talk)


async def begin(memory: SessionMemory, conversation: str, talk: Conversation, older: int) -> int:
    """Settle a new epoch; how many texts are older in the one that holds."""
    return await asyncio.to_thread(_begin, memory, conversation, talk, older)


def _begin(memory: SessionMemory, conversation: str, talk: Conversation, older: int) -> int:
    for number in range(1, _MOST):
        if not memory.fact(conversation, _name(number)):
            digest = _digests(talk, [older]).get(older, "")
            memory.settle(conversation, _name(number), f"{older}:{digest}")
            break
    return _in_force(memory, conversation, talk)


def _in_force(memory: SessionMemory, conversation: str, talk: Conversation) -> int:
    """The latest epoch that the conversation goes on from. One that begins alike and has not come
    so far, a replay or what was rewound, goes as it came; and from then on every one does."""
    epochs = []
    for number in range(1, _MOST):
        said, _, digest = memory.fact(conversation, _name(number)).partition(":")
        if not digest:
            break
        epochs.append((number, int(said), digest))
    digests = _digests(talk, [count for _, count, _ in epochs])
    older = 0
    for number, count, digest in epochs:
        if count not in digests:
            memory.settle(conversation, _left(number), "yes")
        elif digests[count] == digest and not memory.fact(conversation, _left(number)):
            older = count
    return older


def older_texts(talk: Conversation) -> int:
    """How many of a conversation's first texts would be older if an epoch began now; 0 where some
    were sent in an earlier message of the same connection, and stay as they are."""
    said = [at for at, message in enumerate(talk.messages) if message.role in _MODELS]
    if len(said) <= LATEST or any(not b.path for m in talk.messages for b in m.blocks):
        return 0
    return sum(len(message.blocks) for message in talk.messages[: said[-LATEST]])


def _digests(talk: Conversation, counts: Sequence[int]) -> dict[int, str]:
    """A digest of a conversation's first texts, for each count of texts that it has."""
    state, found = blake2b(digest_size=10), dict[int, str]()
    blocks = [block for message in talk.messages for block in message.blocks]
    for at, block in enumerate(blocks[: max(counts, default=0)], 1):
        state.update(f"{block.kind.value}\0{len(block.text)}\0".encode())
        state.update(block.text.encode("utf-8", "surrogatepass"))
        if at in counts:
            found[at] = state.hexdigest()
    return found


def _name(number: int) -> str:
    return f"epoch:{number}"


def _left(number: int) -> str:
    return f"epoch:{number}:left"
