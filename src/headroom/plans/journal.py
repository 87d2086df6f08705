"""What was changed on this machine, and by which plan, kept so that it can be taken back.

Of each file it is kept how to undo our changes, and then the changes in their order: without one
plan's, the file is made anew from what it was before. No file is copied. Knows nothing of why.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field, fields
from pathlib import Path
from typing import Any

from headroom.plans import files
from headroom.plans._api import Command, FileFormat, FilePatch, KeyChange, PlanError, Value
from headroom.plans.undoing import Undo, undone

JOURNAL = "journal.json"
_VERSION = 1


@dataclass(slots=True)
class FileRecord:
    """One changed file. `existed` is whether it was there before us; `before` and `after` are the
    hashes of what it was and of what we wrote, `undo` leads back; `former` is what our keys had.
    `made` is the outermost folder that was made for it; `layers` are each plan's name and patch, in
    the order they were applied. Until the file is written, `earlier` is the record of what it still
    is."""

    existed: bool
    before: str = ""
    after: str = ""
    undo: list[Undo] = field(default_factory=list)
    former: Value = None
    made: Path | None = None
    layers: list[tuple[str, FilePatch]] = field(default_factory=list)
    earlier: "FileRecord | None" = None

    @property
    def names(self) -> set[str]:
        """The plans that changed the file."""
        return {name for name, _ in self.layers} | (self.earlier.names if self.earlier else set())

    def of(self, current: bytes | None) -> "FileRecord":
        """The record that tells of the file as it is: the earlier one, where we were kept from
        writing."""
        if self.earlier is None or current is None or digest(current) != self.earlier.after:
            return self
        return self.earlier

    def original(self, written: bytes) -> bytes | None:
        """The file before us, from what we wrote."""
        return undone(written, self.undo) if self.existed else None


@dataclass(slots=True)
class PlanRecord:
    """One applied plan. `applied_at` is when it last changed something, in seconds since 1970;
    `providers` are those of the plan."""

    title: str
    commands: list[Command] = field(default_factory=list)
    applied_at: float = 0.0
    providers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Journal:
    """What is in force. Changed by the runner alone, then saved."""

    folder: Path
    files: dict[Path, FileRecord] = field(default_factory=dict)
    plans: dict[str, PlanRecord] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Journal":
        """The journal in a folder, empty where there is none.

        Raises:
            PlanError: it is there and cannot be read.
        """
        path = folder / JOURNAL
        content = files.read(path)
        if content is None:
            return cls(folder)
        try:
            said = json.loads(content)
            if said["version"] != _VERSION:
                raise PlanError(f"{path} is of another version of headroom; upgrade and try again")
            found = {Path(path): _file_record(r) for path, r in said["files"].items()}
            plans = {name: _plan_record(record) for name, record in said["plans"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise PlanError(
                f"{path}, which says what was changed on this machine, cannot be read: {error}"
            ) from error
        return cls(folder, found, plans)

    def save(self) -> None:
        """Write it down, for the user's eyes alone.

        Raises:
            PlanError: it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = {
            "version": _VERSION,
            "files": {str(path): _as_json(record) for path, record in self.files.items()},
            "plans": {name: asdict(record) for name, record in self.plans.items()},
        }
        files.write(self.folder / JOURNAL, json.dumps(said, indent=1).encode())

    def settle(self, paths: Iterable[Path]) -> None:
        """These files are written: keep what they are, and nothing on those that no plan changes
        any more."""
        for path in paths:
            self.files[path].earlier = None
            if not self.files[path].layers:
                del self.files[path]
        self.save()


def digest(content: bytes) -> str:
    """The name of a content: the first half of its SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()[:32]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time changes what the journal tells of.

    Raises:
        PlanError: another one is at it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "lock"
    with path.open("a+b") as stream:
        if not _lock(stream.fileno()):
            raise PlanError("another headroom command is changing files right now; try again")
        yield


def _lock(handle: int) -> bool:
    try:
        import fcntl  # noqa: PLC0415 - there is none on Windows
    except ModuleNotFoundError:
        return _lock_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_windows(handle: int) -> bool:
    import msvcrt  # noqa: PLC0415 - only there

    locking: Any = msvcrt
    try:
        locking.locking(handle, locking.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def _as_json(record: FileRecord) -> dict[str, Any]:
    return {
        **{f.name: getattr(record, f.name) for f in fields(record)},
        "undo": [astuple(undo) for undo in record.undo],
        "made": None if record.made is None else str(record.made),
        "layers": [[name, _patch_json(patch)] for name, patch in record.layers],
        "earlier": None if record.earlier is None else _as_json(record.earlier),
    }


def _patch_json(patch: FilePatch) -> dict[str, Any]:
    return {**asdict(patch), "path": str(patch.path), "format": patch.format.value}


def _file_record(said: dict[str, Any]) -> FileRecord:
    undo = [Undo(*stretch) for stretch in said["undo"]]
    made = None if said["made"] is None else Path(said["made"])
    layers = [(by, _patch(patch)) for by, patch in said["layers"]]
    earlier = None if said.get("earlier") is None else _file_record(said["earlier"])
    changed = {"undo": undo, "made": made, "layers": layers, "earlier": earlier}
    return FileRecord(**{**said, **changed})


def _patch(said: dict[str, Any]) -> FilePatch:
    changes = tuple(
        KeyChange(tuple(change["keys"]), change["value"], change["append"])
        for change in said["changes"]
    )
    return FilePatch(Path(said["path"]), FileFormat(said["format"]), changes, said["why"])


def _plan_record(said: dict[str, Any]) -> PlanRecord:
    commands = [
        Command(tuple(c["argv"]), tuple(c["undo"]), c["why"], c["needed"]) for c in said["commands"]
    ]
    at, providers = float(said.get("applied_at", 0.0)), said.get("providers", ())
    return PlanRecord(said["title"], commands, at, [str(name) for name in providers])
