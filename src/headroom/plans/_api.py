"""What is to change on the user's machine, as plain values.

A plan says what, never how: it opens no file and starts nothing. It can be written down as JSON,
so that what was done can be taken back by a later version.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

from headroom.errors import HeadroomError

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
"""What a configuration file can hold under a key."""


class PlanError(HeadroomError):
    """A plan cannot be applied or taken back; the text says why, and what to do."""


class Unreadable(PlanError):
    """A file that is not what its format says. It is left alone."""


class FileFormat(str, Enum):
    """How a file is edited."""

    JSON = "json"
    """JSON, with or without comments and trailing commas."""
    TOML = "toml"
    LINES = "lines"
    """A text in which a marked block of lines is ours: a shell's profile, `.env`, YAML."""
    WHOLE = "whole"
    """A file that is all ours."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """`value` goes under `keys`, from the root of the file. With `append` it is one more item of
    the list there. Of a block of lines `keys` is empty and `value` the list of lines; of a whole
    file `value` is its text."""

    keys: tuple[str, ...]
    value: Value
    append: bool = False

    @property
    def name(self) -> str:
        """The key as people write it."""
        return ".".join(self.keys)


def change(*keys: str, to: Value, append: bool = False) -> KeyChange:
    """A change of the value under `keys`."""
    return KeyChange(keys, to, append)


@dataclass(frozen=True, slots=True)
class FilePatch:
    """Changes to one file. `why` is said to the user, as a clause without a full stop."""

    path: Path
    format: FileFormat
    changes: tuple[KeyChange, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run after the files are written, and the one that takes its effect back,
    before they are. A `needed` one that fails is an error; another is told of."""

    argv: tuple[str, ...]
    undo: tuple[str, ...] = ()
    why: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one thing asks for, under the `name` by which it is taken back.

    `notes` are sentences on what the user should know: what could not be done, and why.
    `providers` are the proxy's upstreams that an agent's requests use by it ("anthropic").
    """

    name: str
    title: str
    patches: tuple[FilePatch, ...] = ()
    commands: tuple[Command, ...] = ()
    notes: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.patches and not self.commands


class Editor(Protocol):
    """One file format: texts in, texts out. A text has no byte order mark.

    Each raises `Unreadable` for a text that is not of the format.
    """

    def read(self, text: str) -> Value:
        """What the file says."""
        ...

    def put(self, text: str, change: KeyChange) -> str:
        """The text with the change made; everything else stays as it is."""
        ...

    def drop(self, text: str, change: KeyChange) -> str:
        """The text without what stands under the change's keys (with `append`: without that
        item), and nothing else gone."""
        ...
