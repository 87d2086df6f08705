"""The log compressor: text to lines, lines to templates, templates to what a reader needs.

The order of work and the decision whether it pays stand here; each step has its own module.
"""

from headroom.compressors._api import Sample
from headroom.compressors.log import lossless, outliers, rendering, selection, variables
from headroom.compressors.log.lines import Lines, read
from headroom.compressors.log.masks import WHOLE, shapes
from headroom.compressors.log.recognition import likelihood
from headroom.compressors.log.templates import Mined, mine
from headroom.compressors.log.timestamps import time_of
from headroom.edits import Fidelity, Proposal
from headroom.policy import Policy

_BYTES_PER_TOKEN = 3
_SHORT = 30
_MANY = 4_000
_GLANCE = 60
_PROBE = 1_000
_VARIED = 0.8
_GROWING = 0.95
_GAIN = 0.85
_DESCRIBED = 3
_DESCRIBED_LONG = 4
_SAMPLE = 6
_ROWS = 1_500
_SAMPLED = 700


class Log:
    """Logs of any shape: every kind of line shown once, the rest counted."""

    name = "log"

    def score(self, sample: Sample) -> float:
        """How surely the sample is a log; below 0 where it is something else."""
        return likelihood(sample.text)

    def compress(self, sample: Sample, policy: Policy) -> Proposal | None:
        """Templates with counts where omitting is allowed, else folded repeats."""
        if len(sample.text) < policy.min_tokens * _BYTES_PER_TOKEN:
            return None
        if not policy.omit:
            folded = lossless.fold(sample.text)
            if folded is None or len(folded) > _GAIN * len(sample.text):
                return None
            return Proposal(folded, Fidelity.LOSSLESS)
        lines = read(sample.text)
        if _is_varied(lines.shown):
            return None
        mined = mine(lines.shown)
        most = len(lines.shown) // 2 if len(lines.shown) < _SHORT else 0.8 * len(lines.shown)
        if len(mined.templates) > most:
            return None
        text = _summary(lines, mined, sample, policy)
        if len(text) > _GAIN * len(sample.text):
            return None
        return Proposal(text, Fidelity.RECOVERABLE)


def _is_varied(lines: list[str]) -> bool:
    """Whether a long text shows at a sample that its kinds grow with its lines, so that mining
    all of it would be in vain. Most texts are cleared at a glance, for a probe has its price."""
    if len(lines) < _MANY:
        return False
    glance = lines[:: len(lines) // _GLANCE]
    if len(shapes(glance).distinct) <= _GROWING * len(glance):
        return False
    probe = lines[:: len(lines) // _PROBE]
    half = len(mine(probe[::2]).templates)
    more = len(mine(probe).templates) - half
    return half + more > _VARIED * len(probe) and more > _GROWING * half


def _summary(lines: Lines, mined: Mined, sample: Sample, policy: Policy) -> str:
    shown = selection.always(lines.shown, mined) | {
        index for index in selection.named(lines.shown, sample.query) if mined.of_line[index] >= 0
    }
    found = _columns(lines, mined)
    shown |= {
        index
        for number, each in found.items()
        for index in outliers.odd_lines(mined.templates[number], each, lines.shown)
    }
    size = sum(len(lines.shown[index]) + 8 for index in shown) // _BYTES_PER_TOKEN
    shown |= selection.extras(lines.shown, mined, shown, policy.budget - size)
    missing = rendering.hidden(mined, shown)
    details = {
        each.template: variables.described(found[each.template], shown)
        if each.template in found
        else _undescribed(lines, mined, each)
        for each in missing
    }
    told = rendering.notes(lines.shown, mined, missing, details)
    return "\n".join(
        [
            rendering.header(len(lines.shown), len(mined.templates), lines.cleaned),
            *rendering.render(lines.shown, shown, told),
            rendering.footer(mined, missing, sample.ref),
        ]
    )


def _columns(lines: Lines, mined: Mined) -> dict[int, variables.Columns]:
    """By template, its variables, of all its lines or of a sample."""
    short = len(lines.shown) <= _ROWS
    least = _DESCRIBED if short else _DESCRIBED_LONG
    told = sum(1 for template in mined.templates if len(template.members) >= least)
    most = len(lines.shown) if short else max(_SAMPLE, _SAMPLED // (told + 1))
    return {
        number: variables.columns(template, mined, lines.shown, most)
        for number, template in enumerate(mined.templates)
        if len(template.members) >= least and template.shape.separators != WHOLE
    }


def _undescribed(lines: Lines, mined: Mined, each: rendering.Hidden) -> list[str]:
    """Of lines too long to be cut into fields, and of two in a long log, only whether they
    differ behind their time."""
    members = mined.templates[each.template].members
    if each.lines == 1:
        return []
    time = time_of(lines.shown[members[0]])
    end = time.end if time else 0
    return [variables.MORE] if len({lines.shown[index][end:] for index in members}) > 1 else []
