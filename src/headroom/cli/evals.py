"""`headroom evals`: what compression would have saved and kept in recorded sessions."""

import itertools
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import Progress

from headroom import settings
from headroom.cli import output
from headroom.evals import Figures, replayed
from headroom.policy import PRESETS
from headroom.transcripts import read

_COLUMNS = (
    *(">sessions", ">turns", ">tokens", ">billed", ">net"),
    *(">recall", ">stable", ">edits"),
)


@click.group()
def evals() -> None:
    """Measure compression on recorded sessions."""


@evals.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option("--limit", type=click.IntRange(1), help="Conversations of each file, at most.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def replay(files: tuple[Path, ...], policy: str | None, limit: int | None, as_json: bool) -> None:
    """Replay recorded conversations turn by turn: what would they have cost?

    FILES are message lists of OpenAI's or Anthropic's API (JSON or JSON lines, also gzipped) or
    session files of Claude Code (~/.claude/projects/*/*.jsonl). Every request of the assistant
    is compressed as it would have been sent. Nothing leaves this machine.

    billed: saved of the prompt's price, with cached tokens at 0.1 and written ones at 1.25 of a
    fresh one's. net: the same less a retrieval for every hidden text that the agent needed.
    recall: of the names, paths and numbers that the agent took from a tool's result, those still
    visible when it used them. stable: requests that extend the former one byte for byte.
    edits: of the lines that edits replaced, those still visible.
    """
    chosen = settings.load().policy_for(policy)
    named_transcripts = [(path, list(itertools.islice(read(path), limit))) for path in files]
    with Progress(console=output.stderr(), transient=True) as progress:
        total = sum(len(found) for _, found in named_transcripts)
        task = progress.add_task("replaying", total=total)
        rows: dict[str, Figures] = {}
        for path, found in named_transcripts:
            rows[str(path)] = Figures()
            for transcript in found:
                progress.update(task, description=f"replaying {transcript.id}")
                rows[str(path)] += replayed(transcript, chosen)
                progress.advance(task)
    if as_json:
        output.as_json({"policy": chosen.name, "files": {n: _plain(f) for n, f in rows.items()}})
        return
    _print(rows, chosen.name)


def _plain(figures: Figures) -> dict[str, Any]:
    shares = ("billed_saving", "net_saving", "recall", "stability", "edit_targets")
    return {**{name: round(getattr(figures, name), 4) for name in shares}, **asdict(figures)}


def _print(rows: dict[str, Figures], policy: str) -> None:
    table = output.table(f"policy {policy} · tokens are o200k", "file", *_COLUMNS)
    for name, figures in rows.items():
        table.add_row(*_row(Path(name).name.split(".")[0], figures))
    everything = sum(rows.values(), Figures())
    if len(rows) > 1:
        table.add_section()
        table.add_row(*_row("all", everything))
    console = output.stdout()
    console.print(table)
    contents = output.table("tool results and pasted texts", "by", ">texts", ">tokens", ">saved")
    for kind, content in sorted(everything.contents.items(), key=lambda item: -item[1].before):
        saved = 1 - content.after / content.before if content.before else 0.0
        contents.add_row(kind, f"{content.texts:,}", f"{content.before:,}", f"{saved:.1%}")
    console.print(contents)


def _row(name: str, figures: Figures) -> Iterator[str]:
    yield name
    yield from (f"{n:,}" for n in (figures.conversations, figures.turns, figures.tokens))
    yield from (f"{share:.1%}" for share in (figures.billed_saving, figures.net_saving))
    yield f"{figures.recall:.2%}"
    yield f"{figures.stability:.1%}"
    yield f"{figures.edit_targets:.2%}"
