"""Before and after on two real inputs that ship with the package; `make demo` runs it.

A PostgreSQL log of 4,000 lines and a linter's report of 328 findings, each as an agent would
read it: the result of a tool call, compressed before the model sees it. At the end one omitted
part is fetched back from the store.
"""

import tempfile
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from headroom.library import Compressed, compress, retrieve
from headroom.perf import built_in
from headroom.stores import SqliteStore

LINES = 14
WIDTH = 110


def main() -> None:
    """Show each workload, and redeem one marker."""
    console = Console(highlight=False, width=WIDTH + 4)
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        for workload in built_in():
            if workload.name not in ("postgres-log", "ruff-report"):
                continue
            messages = workload.messages(0)
            result = compress(messages, "gpt-4o", store=store)
            show(console, workload.about, messages, result)
            facts = workload.facts(0)
            text = str(result.messages)
            shown = sum(str([fact])[2:-2] in text for fact in facts)
            console.print(f"{shown} of {len(facts)} facts that the answer needs are visible.\n")
        ref = result.edits[0].refs[0]
        original = retrieve(ref, store=store)
        same = original == messages[-1]["content"]
        console.print(
            f'retrieve("{ref}") gives the original back: {len(original):,} characters, '
            f"{'byte for byte' if same else '[red]NOT the same[/]'}."
        )
        store.close()


def show(
    console: Console, about: str, messages: list[dict[str, object]], result: Compressed
) -> None:
    """The head of the text before and after, and the tokens of both."""
    console.print(f"[bold]{about}[/]   [dim]question: {messages[0]['content']}[/]")
    for title, text, tokens in (
        ("before", str(messages[-1]["content"]), result.original_tokens),
        ("after", str(result.messages[-1]["content"]), result.compressed_tokens),
    ):
        lines = [
            line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in text.split("\n")
        ]
        more = f"\n[dim]… {len(lines) - LINES:,} more lines[/]" if len(lines) > LINES else ""
        body = escape("\n".join(lines[:LINES])) + more
        console.print(Panel(body, title=f"{title}: {tokens:,} tokens", title_align="left"))
    console.print(
        f"[green bold]{result.savings_percent:.1f} % of the tokens saved[/] "
        f"({result.edits[0].compressor}, {result.edits[0].fidelity.value}). ", end=""
    )  # fmt: skip


if __name__ == "__main__":
    main()
