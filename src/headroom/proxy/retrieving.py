"""The model's retrieve calls, answered without the client: results from the project's store, and
upstream asked to go on.
"""

import asyncio
from collections.abc import Sequence

from headroom import wire
from headroom.attempts import Failure, attempt
from headroom.conversation import Kind
from headroom.markers import TOOL_NAME
from headroom.proxy.preparation import Context, Prepared
from headroom.proxy.projects import Project
from headroom.tokens import TokenCounter, counter_for
from headroom.tool_answer import tool_answer
from headroom.wire import Answer, Turn, WireFormat, json_spans

_FAILED = "The original cannot be read now. Go on without it, or produce the output again."
_LAST_ROUND = "\n\n[no further retrieval in this turn: answer with what is known]"


class Retrievals:
    """The retrievals within one answer. `calls`, `tokens` and `rounds` count them: calls
    answered, tokens given for them, and further requests made to upstream."""

    def __init__(self, context: Context, prepared: Prepared, sent: bytes, most: int) -> None:
        self._context = context
        self._named = prepared.named
        self._counter = counter_for(prepared.model)
        self._sent = sent
        self._most = most
        self.calls = self.tokens = self.rounds = 0

    async def following(self, answer: Answer) -> tuple[bytes | None, Sequence[bytes]]:
        """What comes after a leg of the answer that has just ended: the request of another one;
        where there is to be none, what the client is still owed."""
        turn = answer.end()
        if turn is None:
            return None, ()
        results = await self._results(turn)
        answer.resume(turn, results)
        if not turn.alone:
            return None, ()
        if self.rounds >= self._most:
            return None, answer.give_up(b"")
        return await self._next_body(turn, results), ()

    async def remember(self, answer: Answer) -> None:
        """Keep what the client was not shown, for its later requests. To be done before it has
        the answer's end."""
        if memories := answer.memories():
            memory = self._context.project.memory
            await asyncio.to_thread(memory.remember, self._named, memories)

    async def _results(self, turn: Turn) -> list[str]:
        """What the calls of a turn give. What was asked for before comes whole."""
        context = self._context
        counted = await asyncio.to_thread(
            _results, context.project, context.form, self._sent, turn, self._counter
        )
        results = [result for result, _ in counted]
        self.calls += len(results)
        self.tokens += sum(tokens for _, tokens in counted)
        if turn.alone and self.rounds == self._most - 1:
            return [result + _LAST_ROUND for result in results]
        return results

    async def _next_body(self, turn: Turn, results: Sequence[str]) -> bytes:
        """The request of the next leg, in which the model knows `results`."""
        self.rounds += 1
        self._sent = await asyncio.to_thread(
            _carried_on, self._context.form, self._sent, turn, results
        )
        return self._sent


def _carried_on(form: WireFormat, sent: bytes, turn: Turn, results: Sequence[str]) -> bytes:
    return json_spans.spliced(sent, form.retrieval.carry_on(wire.read(sent), turn, results))


def _results(
    project: Project, form: WireFormat, sent: bytes, turn: Turn, counter: TokenCounter
) -> list[tuple[str, int]]:
    """The text for each call, and its tokens."""
    asked = attempt(lambda: _asked(form, sent))
    earlier = "" if isinstance(asked, Failure) else asked
    results = [_result(project, call, earlier) for call in turn.calls]
    return [(result, counter.count(result)) for result in results]


def _result(project: Project, call: wire.Call, earlier: str) -> str:
    if project.store is None:
        return _FAILED
    store, ref = project.store, call.arguments.get("ref")
    again = isinstance(ref, str) and len(ref) >= 8 and ref in earlier
    said = attempt(lambda: tool_answer(store, call.arguments, again=again))
    return _FAILED if isinstance(said, Failure) else said


def _asked(form: WireFormat, sent: bytes) -> str:
    """The arguments of all retrieve calls in a request."""
    return "\n".join(
        block.text
        for message in form.parse(sent).messages
        for block in message.blocks
        if block.kind is Kind.TOOL_CALL and block.tool == TOOL_NAME
    )
