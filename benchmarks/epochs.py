"""What a new epoch costs and saves: recorded sessions with one pause at two thirds of their length.

After the pause the provider's cache is gone. What follows is billed with and without an epoch, and
each atom that the agent uses and does not see is charged with a retrieval, as docs/evals.md tells.
"""

from collections.abc import Sequence
from typing import Any

from benchmarks.data import records
from headroom.compressors import built_in
from headroom.conversation import Conversation
from headroom.engine import Engine
from headroom.evals.replay import Story, turns
from headroom.policy import BALANCED
from headroom.proxy.epochs import older_texts
from headroom.stores import InMemoryStore
from headroom.tokens import counter_for
from headroom.wire import OPENAI_CHAT

SETS = ("pi-sonnet", "claude-code", "openhands")
_LEAST_TURNS = 25
_FIGURES = ("billed_after", "penalty", "used", "visible")


def main() -> None:
    """Print a row for each set of sessions."""
    print(
        "| sessions | bill of the rest | net of retrievals | used atoms visible, before → after |"
    )
    print("| --- | ---: | ---: | ---: |")
    for name in SETS:
        plain, epoch = [0.0] * len(_FIGURES), [0.0] * len(_FIGURES)
        for record in records(f"trajectories/{name}.jsonl.gz"):
            messages = record["messages"]
            if len(turns(OPENAI_CHAT.parse_messages(messages))) >= _LEAST_TURNS:
                plain = [a + b for a, b in zip(plain, _rest(messages, epoch=False), strict=True)]
                epoch = [a + b for a, b in zip(epoch, _rest(messages, epoch=True), strict=True)]
        if plain[0]:
            print(_row(name, plain, epoch))


def _row(name: str, plain: Sequence[float], epoch: Sequence[float]) -> str:
    bill = 100 * (epoch[0] / plain[0] - 1)
    net = 100 * ((epoch[0] + epoch[1]) / (plain[0] + plain[1]) - 1)
    seen = [100 * figures[3] / figures[2] for figures in (plain, epoch)]
    return f"| {name} | {bill:+.0f} % | {net:+.0f} % | {seen[0]:.0f} % → {seen[1]:.0f} % |"


def _rest(messages: list[Any], *, epoch: bool) -> list[float]:
    """The figures of what follows the pause."""
    talk = OPENAI_CHAT.parse_messages(messages)
    counter = counter_for("gpt-5")
    engine, story = Engine(built_in(), counter, BALANCED, InMemoryStore()), Story(talk, counter)
    every = turns(talk)
    pause = every[len(every) * 2 // 3]
    older = older_texts(_first(talk, pause)) if epoch else 0
    before = [0.0] * len(_FIGURES)
    for turn in every:
        if turn == pause:
            story.forget()
            before = [story.count(name) for name in _FIGURES]
        deciding = engine.deciding(_first(talk, turn), older=older if turn >= pause else 0)
        found = deciding.decide()
        sent = OPENAI_CHAT.apply_messages(messages[:turn], found.edits)
        story.turn(turn, OPENAI_CHAT.parse_messages(sent).messages, found.edits)
    return [story.count(name) - was for name, was in zip(_FIGURES, before, strict=True)]


def _first(talk: Conversation, count: int) -> Conversation:
    return Conversation(talk.model, talk.messages[:count])
