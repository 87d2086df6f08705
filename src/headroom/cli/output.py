"""What commands share in talking to a terminal: bytes in and out, tables, JSON."""

import dataclasses
import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import rich_click as click
from rich import box
from rich.console import Console
from rich.table import Table


def stderr() -> Console:
    """The console for what is said to a person beside a result."""
    return Console(stderr=True, highlight=False)


def stdout() -> Console:
    """The console for tables that are a command's result."""
    return Console(highlight=False)


def working(what: str, long: bool = True) -> AbstractContextManager[object]:
    """Shows on a terminal that something is being done, where it takes long."""
    return stderr().status(what) if long else nullcontext()


def read(source: str) -> bytes:
    """The bytes of a file, or of stdin for `-`.

    Raises:
        ClickException: it cannot be read; the text says why.
    """
    if source == "-":
        if sys.stdin.isatty():
            raise click.UsageError("nothing is piped in; name a FILE or pipe text into it")
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {source}: {error.strerror}") from error


def write(data: bytes) -> None:
    """Bytes to stdout, unchanged."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def as_json(value: Any) -> None:
    """A value on stdout as JSON, dataclasses included."""
    click.echo(json.dumps(value, indent=2, default=_plain))


def table(title: str, *columns: str) -> Table:
    """An empty table; a column whose name starts with `>` holds numbers."""
    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        made.add_column(
            column.lstrip(">"), justify="right" if column.startswith(">") else "left", no_wrap=True
        )
    return made


def size(count: int) -> str:
    """Bytes for people: 12.3 MB."""
    value, units = float(count), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 1_000 and unit != "TB":
        value, unit = value / 1_000, next(units)
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
