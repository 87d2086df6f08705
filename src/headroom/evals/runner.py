"""Replays transcripts with the compressors that ship, under one policy.

Each request is compressed by an engine of its own, as after a restart, so that a stable prefix
is proved and not remembered. Nothing is written to disk.
"""

from collections.abc import Sequence
from typing import Any

from headroom.compressors import built_in
from headroom.edits import Result
from headroom.engine import Engine
from headroom.evals.figures import Figures
from headroom.evals.replay import replay
from headroom.policy import Policy
from headroom.stores import InMemoryStore
from headroom.tokens import TokenCounter
from headroom.transcripts import Transcript
from headroom.wire import FORMATS


def replayed(transcript: Transcript, policy: Policy) -> Figures:
    """The figures of one transcript. Tokens are o200k."""
    form = next(form for form in FORMATS if form.name == transcript.form)
    counter = TokenCounter()
    store = InMemoryStore()

    def compress(messages: Sequence[Any]) -> Result[list[Any]]:
        return Engine(built_in(), counter, policy, store).compress_messages(list(messages))

    return replay(transcript.messages, form, compress, counter)
