"""Anthropic message lists: `tool_use` and `tool_result` blocks, and bodies with a `system`.

A body's system text becomes a first message of the role `system`, as other APIs have it, so
that a transcript is one list.
"""

import re
from collections.abc import Iterator

from headroom.transcripts._api import ANTHROPIC_MESSAGES, Transcript
from headroom.transcripts.message_lists import Body, bodies, identity, looks_like

# Inside a JSON string the quotes are escaped, so these can only be the file's own keys.
_OWN = re.compile(r'"type"\s*:\s*"tool_(?:use|result)"|"(?:anthropic_version|input_schema)"\s*:')
_SYSTEM = re.compile(r'"system"\s*:\s*["\[]')
_OTHER = re.compile(r'"tool_calls"\s*:|"role"\s*:\s*"tool"')


class AnthropicMessages:
    """Lists of messages in the form of Anthropic's Messages API."""

    name = "anthropic_messages"
    expects = 'a list of messages with tool_use blocks, a request body with "system", or lines'

    def recognises(self, text: str) -> bool:
        """Whether it is a message list with what only this API has."""
        if _OWN.search(text) is None:
            has_system = _SYSTEM.search(text) is not None and _OTHER.search(text) is None
            return has_system and looks_like(text)
        return looks_like(text)

    def conversations(self, text: str) -> Iterator[Transcript]:
        """One for each list or body."""
        for body in bodies(text):
            messages = [*_system(body), *body["messages"]]
            yield Transcript(identity(body), messages, ANTHROPIC_MESSAGES)


def _system(body: Body) -> Iterator[Body]:
    system = body.get("system")
    if system and isinstance(system, (str, list)):
        yield {"role": "system", "content": system}
