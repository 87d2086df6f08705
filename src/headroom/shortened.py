"""What a client has shortened itself: two who cut the same text garble it.

Its rule: only the client's own words in the first lines of a text tell, so that a text that
merely quotes them further down is not taken for one. It knows nothing of how texts are cut here.
"""

import re

_HEAD = 600
_REPLACED = ("<persisted-output>", "Shell output was automatically compacted")
_CUT = re.compile(r"(?:^|\n|\\n|\")Warning: truncated output \(original token count: [0-9]+\)")


def is_replaced(text: str) -> bool:
    """Whether the text stands for a longer one that the client has put away."""
    head = text[:_HEAD]
    return any(words in head for words in _REPLACED)


def is_cut(text: str) -> bool:
    """Whether the client has taken out the text's middle."""
    return _CUT.search(text, 0, _HEAD) is not None
