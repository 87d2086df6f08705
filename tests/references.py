"""Turns references back into lines, from nothing but the conversation as it was sent.

Written from the description in `headroom.markers`, to prove that a repeat is lossless.
"""

import re

from headroom.markers import Numbered, parse_reference
from headroom.seen import argument_texts, lines_of

_GUTTER = re.compile(r"( *)([0-9]+)([\t→:|])")
_NAMES = {
    "tool_result": "tool result",
    "tool_call": "tool call",
    "user_text": "user text",
    "assistant_text": "assistant text",
    "system_text": "system text",
}


def places(sent):
    """`sent` is a list of (block, text as sent); gives each place's lines by its
    name, with and without their gutters."""
    counts, found = {}, {}
    for block, text in sent:
        name = _NAMES[block.kind.value]
        counts[name] = counts.get(name, 0) + 1
        if name == "tool call":
            text = "\n".join(argument_texts(text))
        found[f"{name} {counts[name]}"] = (text.split("\n"), lines_of(text).texts)
    return found


def decoded(text, found):
    """`text` with every reference replaced by the lines it stands for."""
    lines = []
    for line in text.split("\n"):
        run = parse_reference(line)
        if run is None:
            lines.append(line)
        elif isinstance(run, Numbered):
            lines += _as_numbered(run, found)
        else:
            rows, bare = found[run.place]
            for index in range(run.count):
                at = run.start - 1 + index
                row = rows[at] if run.gutter is None else bare[at]
                lines.append(_numbered(row, run.gutter, index))
    return "\n".join(lines)


def _as_numbered(run, found):
    """The run in the last text that shows its first number, numbered as it is here."""
    for rows, bare in reversed(found.values()):
        gutters = lines_of("\n".join(rows)).gutters
        starts = [index for index, gutter in gutters.items() if gutter.number == run.earlier]
        if starts:
            at = starts[-1]
            gutter = gutters[at]
            return [
                f"{gutter._replace(number=run.first + index)}{bare[at + index]}"
                for index in range(run.count)
            ]
    raise AssertionError(f"nothing above is numbered {run.earlier}")


def _numbered(row, gutter, index):
    if not gutter:
        return row
    pad, number, mark = _GUTTER.fullmatch(gutter).groups()
    width = len(pad) + len(number) if pad else 0
    return f"{int(number) + index:>{width}}{mark}{row}"
