"""Whether a text tells its reader what to do: a policy, a skill, rules for an agent.

Of such a text nothing may be omitted: the rule that is missing is the one that is broken. Told
by the file's name, or by how many of its sentences say must, never, always, do not. It errs on
the side of leaving a text whole.
"""

import re
from collections.abc import Sequence

from headroom.calls import Call

_FILE = re.compile(
    r"(?:^|[/\\ _.-])(?:agents?|claude|gemini|copilot[-_]instructions|cursorrules|skills?|rules?"
    r"|conventions?|polic(?:y|ies)|guidelines?|contributing|instructions?|prompts?|code_of_conduct)"
    r"(?:[-_.]\w{0,20})*\.(?:md|mdc|txt|rst|markdown)\b|\.cursorrules\b",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"\b(?:must|shall|never|always|do not|don[’']t|ensure|make sure|required to|you should"
    r"|should not|shouldn[’']t|not allowed|may not|may only|only if|prefer|avoid|you (?:can|cannot)"
    r"|(?:is|are) not permitted|under no circumstances)\b"
)
# One of these is in whatever the pattern finds, and counting them takes a tenth of the time.
_SIGNS = (
    *("must", "shall", "never", "always", "not", "n't", "n’t", "sure", "required to", "should"),
    *("only", "prefer", "avoid", "you can", "no circumstances"),
)
_MOST = 40_000
_LEAST = 6
_SHARE = 0.25


def is_instruction(text: str, texts: Sequence[str], call: Call) -> bool:
    """Whether `text`, which is `texts` joined and came of `call`, instructs its reader."""
    if _FILE.search(call.path) or _FILE.search(call.command):
        return True
    head = text[:_MOST].lower()
    sentences = max(1, len(texts) * len(head) // max(1, len(text)))
    enough = max(_LEAST, _SHARE * sentences)
    return sum(map(head.count, _SIGNS)) >= enough and len(_RULE.findall(head)) >= enough
