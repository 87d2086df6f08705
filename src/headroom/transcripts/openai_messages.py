"""OpenAI-style message lists: `tool_calls`, and results as messages of the role `tool`.

It comes last and takes every message list, for texts alone read alike in all APIs.
"""

from collections.abc import Iterator

from headroom.transcripts._api import OPENAI_CHAT, Transcript
from headroom.transcripts.message_lists import bodies, identity, looks_like


class OpenaiMessages:
    """Lists of messages in the form of OpenAI's Chat Completions."""

    name = "openai_messages"
    expects = 'a JSON list of messages, an object with "messages", or one of these a line'

    def recognises(self, text: str) -> bool:
        """Whether it is a message list of any kind."""
        return looks_like(text)

    def conversations(self, text: str) -> Iterator[Transcript]:
        """One for each list."""
        for body in bodies(text):
            yield Transcript(identity(body), body["messages"], OPENAI_CHAT)
