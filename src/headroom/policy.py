"""Every choice compression makes, as one frozen value. Presets: safe, balanced, aggressive."""

from dataclasses import dataclass

from headroom.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done to a text.

    `omit` allows RECOVERABLE edits; without it every edit is LOSSLESS.
    `budget` is the size in tokens that a region should fit after compression; a compressor
    omits only while its lossless form is larger. `min_tokens` is the size below which a
    text is left alone.
    """

    name: str
    omit: bool
    budget: int
    min_tokens: int


SAFE = Policy("safe", omit=False, budget=0, min_tokens=48)
BALANCED = Policy("balanced", omit=True, budget=2_000, min_tokens=48)
AGGRESSIVE = Policy("aggressive", omit=True, budget=700, min_tokens=48)

PRESETS = {policy.name: policy for policy in (SAFE, BALANCED, AGGRESSIVE)}


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
