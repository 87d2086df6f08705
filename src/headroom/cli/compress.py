"""`headroom compress`: one file or a pipe, shortened on stdout, with the savings on stderr."""

import sys

import rich_click as click

from headroom import library, originals
from headroom.cli import output
from headroom.policy import PRESETS

LONG_WORK = 2_000_000
"""Bytes from which a person would wonder whether anything happens."""


@click.command()
@click.argument("source", metavar="FILE|-", default="-")
@click.option("--query", "-q", default="", help="What you are after; what it names stays visible.")
@click.option("--model", "-m", default="", help="Count tokens as this model does.")
@click.option("--policy", type=click.Choice(list(PRESETS)), help="How much may be omitted.")
@click.option("--json", "as_json", is_flag=True, help="Text and figures as one JSON object.")
@click.option("--quiet", is_flag=True, help="No figures on stderr.")
def compress(
    source: str, query: str, model: str, policy: str | None, as_json: bool, quiet: bool
) -> None:
    """Shorten a file, or what a pipe brings: `pytest 2>&1 | headroom compress`.

    The text goes to stdout, the figures to stderr. What is omitted is kept in the store;
    `headroom retrieve` gives it back.
    """
    data = output.read(source)
    message = {"role": "tool", "tool_call_id": "", "content": originals.to_text(data)}
    with output.working(f"compressing {output.size(len(data))}", len(data) > LONG_WORK):
        result = library.compress([message], model, query=query, policy=policy)
    text = str(result.messages[0]["content"])
    if as_json:
        output.as_json(_figures(result) | {"text": text})
        return
    output.write(originals.to_bytes(text))
    if text and not text.endswith("\n") and sys.stdout.isatty():
        output.write(b"\n")
    if not quiet:
        _report(result, model)


def _figures(result: library.Compressed) -> dict[str, object]:
    return {
        "original_tokens": result.original_tokens,
        "compressed_tokens": result.compressed_tokens,
        "saved_tokens": result.saved_tokens,
        "savings_percent": round(result.savings_percent, 1),
        "exact": result.exact,
        "edits": [
            {"compressor": edit.compressor, "fidelity": edit.fidelity, "refs": edit.refs}
            for edit in result.edits
        ],
        "skips": [{"reason": skip.reason, "detail": skip.detail} for skip in result.skips],
    }


def _report(result: library.Compressed, model: str) -> None:
    console = output.stderr()
    about = "" if result.exact else f" (an estimate for {model})"
    about = about if model else " (o200k; --model names another)"
    console.print(
        f"[bold]{result.original_tokens:,}[/] → [bold]{result.compressed_tokens:,}[/] tokens, "
        f"[green]{result.savings_percent:.1f} % saved[/]{about}"
    )
    for edit in result.edits:
        refs = ", ".join(f"headroom retrieve {ref}" for ref in edit.refs)
        console.print(f"{edit.compressor}, {edit.fidelity.value}" + (f" · {refs}" if refs else ""))
    for skip in result.skips:
        said = skip.reason.value.replace("_", " ")
        last = skip.detail.strip().rpartition("\n")[2]
        console.print(f"unchanged: {said}" + (f": {last}" if last else ""), markup=False)
