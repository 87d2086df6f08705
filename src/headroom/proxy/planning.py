"""What may be done to one request: whether its reader can retrieve, and by whose tool. It settles
that for the session, and looks it up again; all else is pure.

No retrieval path, no omission. A client that sends tools gets ours beside them from its first
request on, and keeps it. One that sends none gets it once an omission is worth more than what
the tool costs, and from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from headroom.conversation import Conversation
from headroom.markers import TOOL_NAME, is_retrieve_tool
from headroom.proxy.memory import SessionMemory
from headroom.tokens import counter_for
from headroom.wire.json_spans import Splice

TOOL_TOKENS = 60
"""Most that the tool's schema costs on every request."""
PREAMBLE_TOKENS = 346
"""What a provider adds to a request as soon as it has a tool at all; Anthropic's figure
(https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview)."""
_WITH_PREAMBLE = ("anthropic_messages", "bedrock_converse")
_CACHE_WRITE, _CACHE_READ = 1.25, 0.1
_SERVED, _CLIENTS = "served", "client's"
_MODELS = ("assistant", "model")
_WAY, _ADDED, _REFUSED = "way", "added", "refused"
SETTLED = (_WAY, _ADDED)
"""What is settled for a session that is under way."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`omit`: markers can be redeemed. `offer`: our tool goes into the request, and the proxy
    answers its calls. `alone`: it is then the only tool. `undecided`: the client has no tools,
    and ours is not worth its cost so far."""

    omit: bool
    offer: bool
    alone: bool = False
    undecided: bool = False


def plan_of(
    names: tuple[str, ...],
    offers: bool,
    session: str,
    beginning: str,
    memory: SessionMemory,
    *,
    about: bool = False,
) -> Plan:
    """The plan for a request whose client offers tools of these names. `offers` says whether the
    proxy can answer for the tool in it, `about` that it is a request about a session, as one that
    asks for its summary: its reader calls no tools, and what was sent stays."""
    if not names:
        added = bool(memory.fact(beginning, _ADDED))
        if added and memory.fact(beginning, _REFUSED):
            return Plan(omit=False, offer=False)
        if about:
            return Plan(omit=added or bool(memory.fact(session, _WAY)), offer=False)
        if not offers:
            return Plan(omit=False, offer=False)
        return Plan(omit=added, offer=added, alone=added, undecided=not added)
    way = memory.fact(session, _WAY)
    spelled = any(name != TOOL_NAME and is_retrieve_tool(name) for name in names)
    if spelled and way != _SERVED:
        memory.settle(session, _WAY, _CLIENTS)
        return Plan(omit=True, offer=False)
    if TOOL_NAME in names:
        return Plan(omit=True, offer=False)
    if not way and offers:
        way = memory.settle(session, _WAY, _SERVED)
    return Plan(omit=offers or (about and way == _SERVED), offer=offers)


def is_first(talk: Conversation) -> bool:
    """Whether a session begins: of what it has not said, nothing can have been settled."""
    return not any(message.role in _MODELS for message in talk.messages)


def add_tool(beginning: str, memory: SessionMemory) -> None:
    """Settle that a session without tools has ours from now on."""
    memory.settle(beginning, _ADDED, "yes")


def give_up_tool(beginning: str, memory: SessionMemory) -> None:
    """Settle that a session has no tool for good: its model takes none."""
    memory.settle(beginning, _REFUSED, "yes")


def tool_tokens(offering: Sequence[Splice], model: str) -> int:
    """What our tool costs in a request, as these changes spell it."""
    return sum(_tokens(splice.new, model) for splice in offering)


@lru_cache(maxsize=64)
def _tokens(spelled: bytes, model: str) -> int:
    tool = spelled[spelled.find(b"{") : spelled.rfind(b"}") + 1]
    return counter_for(model).count(tool.decode())


def preamble_tokens(form: str) -> int:
    """What a provider adds to a request of this wire format because there is a tool in it at all,
    as far as it says so."""
    return PREAMBLE_TOKENS if form in _WITH_PREAMBLE else 0


def worth_a_tool(talk: Conversation, lossless: int, omitting: int) -> bool:
    """Whether omitting saves more with this request alone than the tool and writing the cache
    anew cost. `lossless` and `omitting` are the request's tokens either way.

    What an earlier request carried is read from the provider's cache while nothing changes, and
    written to it anew once the tool stands before it.
    """
    if not lossless:
        return False
    sizes = [sum(len(block.text) for block in message.blocks) for message in talk.messages]
    said = [at for at, message in enumerate(talk.messages) if message.role in _MODELS]
    sent = sum(sizes[: said[-1]]) / max(sum(sizes), 1) if said else 0.0
    again = sent * omitting * (_CACHE_WRITE - _CACHE_READ)
    fresh = (1.0 - sent) * (lossless - omitting) * _CACHE_WRITE
    return fresh > again + (TOOL_TOKENS + PREAMBLE_TOKENS) * _CACHE_WRITE
