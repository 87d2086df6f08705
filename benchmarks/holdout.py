"""How often the holdout is right, in simulated trials: intervals, verdicts, and the kill switch.

Costs of sessions are drawn from distributions with heavy tails: lognormal ones, whose logarithm
has this standard deviation, and a Pareto one. The switch is asked after every session, as a proxy
under steady use would ask it. Three agents differ by a factor of ten in what a session costs.
"""

import random
from collections.abc import Callable
from statistics import NormalDist

from headroom.trials.arms import COMPRESSED, HELD_OUT
from headroom.trials.comparison import Verdict, compare, cost_effect
from headroom.trials.effect import CONFIDENCE
from headroom.trials.losses import losses
from headroom.trials.session_costs import REST_SECONDS, Group, Session

SESSIONS, TRIALS = 200, 500
SCALES = (("claude-code", 2.0), ("codex", 1.0), ("aider", 0.2))
EFFECTS = (0.8, 1.0, 1.2, 2.0)
"""What compression makes of a session's cost: 0.8 helps by a fifth, 1.0 does nothing."""
Draw = Callable[[random.Random], float]


def lognormal(spread: float) -> Draw:
    """Costs whose logarithm is normal, with this standard deviation."""
    return lambda chance: chance.lognormvariate(0.0, spread)


def pareto(chance: random.Random) -> float:
    """Costs whose tail is so heavy that their variance is barely finite."""
    return chance.paretovariate(2.2)


def trial(seed: int, share: float, effect: float, draw: Draw) -> list[Session]:
    """The sessions of one trial; the cost before is nobody's knowledge here, so it is the cost."""
    chance = random.Random(seed)
    made = []
    for place in range(SESSIONS):
        agent, scale = chance.choice(SCALES)
        held = chance.random() < share
        cost = scale * draw(chance) * (1.0 if held else effect)
        arm = HELD_OUT if held else COMPRESSED
        made.append(Session(Group(agent, "m"), arm, cost, cost, 10, 0, 0, place, place))
    return made


def trips(sessions: list[Session]) -> bool:
    """Whether the switch acts at any of the looks."""
    looks = range(24, len(sessions) + 1)
    return any(losses(sessions[:look], look + REST_SECONDS) for look in looks)


def naive(sessions: list[Session]) -> bool:
    """Whether the interval for one look says `costs more` at any of the looks."""
    quantile = NormalDist().inv_cdf((1.0 + CONFIDENCE) / 2.0)
    for look in range(24, len(sessions) + 1):
        seen = cost_effect(sessions[:look])
        if seen is not None and seen.log > quantile * seen.error:
            return True
    return False


def row(name: str, draw: Draw, share: float, effect: float, count: int) -> None:
    """Print one line of the table."""
    covered = tripped = early = peeked = 0
    verdicts: dict[Verdict, int] = dict.fromkeys(Verdict, 0)
    for seed in range(count):
        sessions = trial(seed, share, effect, draw)
        found = compare(sessions, SESSIONS + REST_SECONDS)
        verdicts[found.verdict] += 1
        early += found.cost is None
        if found.cost is not None:
            covered += found.cost.low <= effect - 1.0 <= found.cost.high
        tripped += trips(sessions)
        peeked += naive(sessions)
    seen = max(count - early, 1)
    shown = (covered / seen, *(verdicts[one] / count for one in Verdict), tripped / count)
    figures = " | ".join(f"{share:.1%}" for share in (*shown, peeked / count))
    print(f"| {name} | {share} | {effect} | {figures} |", flush=True)


def main(count: int = TRIALS) -> None:
    """Print the table."""
    columns = ("costs", "share", "effect", "covered", *(one.value for one in Verdict))
    print(f"{SESSIONS} sessions, {count} trials a row; covered: the interval holds the truth")
    print(f"| {' | '.join((*columns, 'tripped', 'one-look interval says so, ever'))} |")
    draws = (("0.8", lognormal(0.8)), ("1.2", lognormal(1.2)), ("Pareto 2.2", pareto))
    for name, draw in draws:
        for share in (0.1, 0.5):
            for effect in EFFECTS:
                row(name, draw, share, effect, count)


if __name__ == "__main__":
    main()
