"""Every choice compression makes, as one frozen value. Presets: safe, balanced, aggressive.

Rules for single tools can only hold back what the preset allows where they come from a project's
file: a repository is not its reader's to trust. It knows nothing of files; `settings` reads them.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import groupby

from headroom.errors import SettingsError

EXCLUDE = "exclude"
LOSSLESS = "lossless"


@dataclass(frozen=True, slots=True)
class ToolRule:
    """What holds for the results of the tools that `pattern` names (exactly, or as a glob).

    `rule` is `exclude` (left as they are), `lossless`, or empty; `budget` takes the place of the
    policy's. A rule of a `project` only makes things safer.
    """

    pattern: str
    rule: str = ""
    budget: int | None = None
    project: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done to a text.

    `omit` allows RECOVERABLE edits; without it every edit is LOSSLESS.
    `budget` is the size in tokens that a region should fit after compression; a compressor
    omits only while its lossless form is larger. `min_tokens` is the size below which a
    text is left alone. `tools` are the rules for single tools, the user's first.
    """

    name: str
    omit: bool
    budget: int
    min_tokens: int
    tools: tuple[ToolRule, ...] = ()

    def for_tool(self, name: str) -> "Policy | None":
        """What holds for the results of one tool; None where they are left as they are.

        In each file the first rule that matches counts. Where the user's and the project's
        files both have one, the safer holds.
        """
        return _for_tool(self, name) if self.tools and name else self


SAFE = Policy("safe", omit=False, budget=0, min_tokens=48)
BALANCED = Policy("balanced", omit=True, budget=2_000, min_tokens=48)
AGGRESSIVE = Policy("aggressive", omit=True, budget=700, min_tokens=48)

PRESETS = {policy.name: policy for policy in (SAFE, BALANCED, AGGRESSIVE)}
"""From the safest to the most daring."""


def named(policy: str | Policy) -> Policy:
    """The preset of that name; a `Policy` is returned as it is.

    Raises:
        SettingsError: no preset has this name.
    """
    if isinstance(policy, Policy):
        return policy
    if policy not in PRESETS:
        raise SettingsError(f"unknown policy {policy!r}; choose one of {', '.join(PRESETS)}")
    return PRESETS[policy]


@functools.lru_cache(maxsize=1024)
def _for_tool(policy: Policy, name: str) -> Policy | None:
    found = replace(policy, tools=())
    for rule in _first_matches(policy, name):
        if rule.rule == EXCLUDE:
            return None
        if rule.rule == LOSSLESS:
            found = replace(found, omit=False)
        if rule.budget is not None:
            least = found.budget if rule.project else 0
            found = replace(found, budget=max(rule.budget, least))
    return found


def _first_matches(policy: Policy, name: str) -> Iterator[ToolRule]:
    """Of each file's rules the first that names the tool."""
    for _, rules in groupby(policy.tools, key=lambda rule: rule.project):
        first = next((rule for rule in rules if fnmatchcase(name, rule.pattern)), None)
        if first is not None:
            yield first
