"""Replays recorded agent sessions: the presets, and how savings and recall move with the budget.

Figures are those of `headroom evals replay`; docs/evals.md defines them. Of each set at most
`SESSIONS` are taken, the first. Without HEADROOM_EVAL_DATA there is nothing to replay.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from benchmarks import data
from headroom.evals import Figures, replayed
from headroom.policy import BALANCED, PRESETS, Policy
from headroom.transcripts import read

SETS = ("swe-agent", "openhands", "claude-code", "pi-sonnet", "tau-airline")
SESSIONS = 30
BUDGETS = (1_000, 500, 250)


def policies() -> Iterator[tuple[str, Policy]]:
    """The presets, and the default one with smaller budgets."""
    yield from PRESETS.items()
    for budget in BUDGETS:
        yield f"budget {budget:,}", replace(BALANCED, budget=budget)


def main() -> None:
    """Prints a row per policy and set."""
    root = data.folder()
    if root is None:
        print("no recorded sessions: HEADROOM_EVAL_DATA names no folder")
        return
    print(f"{'policy':14}{'set':14}{'billed':>8}{'net':>8}{'recall':>9}{'stable':>8}{'edits':>8}")
    for (name, policy), folder in itertools.product(policies(), SETS):
        found = read(root / "trajectories" / f"{folder}.jsonl.gz")[:SESSIONS]
        figures = sum((replayed(session, policy) for session in found), Figures())
        print(
            f"{name:14}{folder:14}{figures.billed_saving:8.1%}{figures.net_saving:8.1%}"
            f"{figures.recall:9.2%}{figures.stability:8.1%}{figures.edit_targets:8.1%}",
            flush=True,
        )


if __name__ == "__main__":
    main()
