"""`headroom retrieve`: an original, whole or in part."""

import rich_click as click

from headroom import library, originals
from headroom.cli import output


@click.command()
@click.argument("ref")
@click.option("--lines", help='Line ranges, as in "120-160" or "5,10-12".')
@click.option("--match", help="Lines that this regular expression finds.")
@click.option("--context", default=0, help="Lines around each find of --match.")
@click.option("--path", help='Part of a JSON original, as in "$.users[3].name".')
@click.option("--json", "as_json", is_flag=True, help="The text inside one JSON object.")
def retrieve(
    ref: str,
    lines: str | None,
    match: str | None,
    context: int,
    path: str | None,
    as_json: bool,
) -> None:
    """Give back what stands behind a marker's REF, byte for byte, or the part you ask for."""
    text = library.retrieve(ref, lines, match, path, context=context)
    if as_json:
        output.as_json({"ref": ref, "text": text})
        return
    output.write(originals.to_bytes(text))
