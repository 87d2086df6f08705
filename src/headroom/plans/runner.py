"""Applies plans and takes them back: the only place that changes the user's files.

All new contents are made before the first is written, so a file that cannot be edited stops the
whole plan. A file that nobody has changed since comes back byte for byte; in one that the user
has changed, our keys are taken out and the user's changes stay.
"""

import difflib
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from headroom.plans import editing, files
from headroom.plans._api import Command, FilePatch, Plan, PlanError, Unreadable
from headroom.plans.journal import JOURNAL, FileRecord, Journal, PlanRecord, digest, locked
from headroom.plans.undoing import difference

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after; None is no file. `kept` names what was ours and is left, since
    the user has changed it."""

    path: Path
    before: bytes | None
    after: bytes | None
    kept: tuple[str, ...] = ()

    @property
    def diff(self) -> str:
        """As a unified diff; empty where nothing changes."""
        if self.before == self.after:
            return ""
        old, new = _lines(self.before), _lines(self.after)
        return "".join(
            difflib.unified_diff(old, new, self._name(self.before), self._name(self.after))
        )

    def _name(self, content: bytes | None) -> str:
        return "/dev/null" if content is None else str(self.path)


@dataclass(slots=True)
class Outcome:
    """What was done. `problems` are sentences on what could not be."""

    changes: list[Change] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def changed(self) -> list[Change]:
        """The files that are not as they were."""
        return [change for change in self.changes if change.before != change.after]


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan in force, without its notes. `at` is when it last changed something, in seconds
    since 1970."""

    plan: Plan
    at: float


class Runner:
    """Over one journal's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def changed_at(self) -> float:
        """When a plan was last applied or taken back, in seconds since 1970; 0 for never."""
        try:
            return (self._folder / JOURNAL).stat().st_mtime
        except OSError:
            return 0.0

    def applied(self) -> dict[str, str]:
        """The names and titles of the plans in force."""
        return {name: r.title for name, r in Journal.load(self._folder).plans.items()}

    def patches(self, name: str) -> list[FilePatch]:
        """What the plan of this name has changed."""
        records = Journal.load(self._folder).files.values()
        return [patch for record in records for by, patch in record.layers if by == name]

    def in_force(self) -> dict[str, Applied]:
        """The plans in force by name, the first applied first.

        Raises:
            PlanError: the journal cannot be read.
        """
        journal = Journal.load(self._folder)
        layers = [layer for record in journal.files.values() for layer in record.layers]
        return {
            name: Applied(
                Plan(
                    name,
                    record.title,
                    tuple(patch for by, patch in layers if by == name),
                    tuple(record.commands),
                    providers=tuple(record.providers),
                ),
                record.applied_at,
            )
            for name, record in journal.plans.items()
        }

    def without(self, name: str) -> dict[Path, bytes | None]:
        """The files of this plan as they would be without it; nothing is written.

        Raises:
            PlanError: one cannot be read.
        """
        journal = Journal.load(self._folder)
        paths = [path for path, record in journal.files.items() if name in record.names]
        return {path: _layered(journal, path, (name,), [])[0].after for path in paths}

    def file_without(self, path: Path, names: Sequence[str]) -> bytes | None:
        """One file as it would be without these plans; nothing is written.

        Raises:
            PlanError: it cannot be read.
        """
        return _layered(Journal.load(self._folder), path, names, [])[0].after

    def preview(self, plan: Plan) -> list[Change]:
        """What applying the plan would change; nothing is written.

        Raises:
            PlanError: it could not be applied.
        """
        found = [change for change, _ in _with(Journal.load(self._folder), plan)]
        _check_writable(found)
        return found

    def apply(self, plan: Plan) -> Outcome:
        """Apply a plan, in place of an earlier one of its name. Twice is once.

        Raises:
            PlanError: it cannot be applied. Nothing was changed then, unless a file could not be
                written or a needed command failed: then it is in force, and can be taken back.
        """
        with locked(self._folder):
            journal = Journal.load(self._folder)
            made = _with(journal, plan)
            known = journal.plans.get(plan.name, PlanRecord(plan.title))
            gone = [command for command in known.commands if command not in plan.commands]
            undone = _undone(gone)
            new = known.applied_at == 0.0 or known.commands != list(plan.commands)
            at = time.time() if new or _changes(made) else known.applied_at
            journal.plans[plan.name] = PlanRecord(
                plan.title, list(plan.commands), at, list(plan.providers)
            )
            outcome = self._write(journal, made)
            outcome.problems += undone
            self._run(outcome, [c for c in plan.commands if c not in known.commands])
            return outcome

    def revert(self, name: str) -> Outcome:
        """Take back the plan of this name.

        Raises:
            PlanError: there is none in force.
        """
        with locked(self._folder):
            journal = Journal.load(self._folder)
            if name not in journal.plans:
                raise PlanError(f"nothing was changed here by `{name}`")
            outcome = Outcome(problems=_undone(journal.plans[name].commands))
            journal.plans[name].commands = []
            made = _without(journal, name, outcome)
            written = self._write(journal, made)
            if not any(name in record.names for record in journal.files.values()):
                del journal.plans[name]
                journal.save()
            return Outcome(written.changes, [], outcome.problems)

    def _write(self, journal: Journal, made: Sequence[tuple[Change, FileRecord]]) -> Outcome:
        _check_writable([change for change, _ in made])
        for change, record in made:
            record.after = "" if change.after is None else digest(change.after)
            if record.made is None and change.before is None:
                record.made = files.missing_folder(change.path)
            if known := journal.files.get(change.path):
                record.earlier = replace(known.of(change.before), earlier=None)
            journal.files[change.path] = record
        # First what is and what will be, then the files: whatever happens between, it is known.
        journal.save()
        for change, record in made:
            if change.before != change.after:
                files.check_unchanged(change.path, change.before)
                _put(change, record)
        journal.settle([change.path for change, _ in made])
        return Outcome([change for change, _ in made])

    def _run(self, outcome: Outcome, commands: Iterable[Command]) -> None:
        for command in commands:
            failed = _failure(command.argv)
            if failed and command.needed:
                raise PlanError(failed[0])
            outcome.problems += failed
            outcome.commands.append(command)


def _put(change: Change, record: FileRecord) -> None:
    if change.after is None:
        files.remove(change.path, record.made)
    else:
        files.write(change.path, change.after)


def _changes(made: Iterable[tuple[Change, FileRecord]]) -> bool:
    return any(change.before != change.after for change, _ in made)


def _check_writable(changes: Iterable[Change]) -> None:
    for change in changes:
        if change.before != change.after:
            files.check_writable(change.path)


def _with(journal: Journal, plan: Plan) -> list[tuple[Change, FileRecord]]:
    """Every file of the plan, and those of an earlier plan of its name, as they will be."""
    wanted: dict[Path, list[tuple[str, FilePatch]]] = {}
    for patch in plan.patches:
        wanted.setdefault(patch.path, []).append((plan.name, patch))
    for path, record in journal.files.items():
        if plan.name in record.names:
            wanted.setdefault(path, [])
    return [_layered(journal, path, (plan.name,), layers) for path, layers in wanted.items()]


def _without(journal: Journal, name: str, outcome: Outcome) -> list[tuple[Change, FileRecord]]:
    made = []
    for path, record in list(journal.files.items()):
        if name not in record.names:
            continue
        try:
            change, rest = _layered(journal, path, (name,), [])
            files.check_writable(path)
        except PlanError as error:
            outcome.problems.append(f"{error}. It is as you left it, with our keys still in it")
            continue
        if change.kept:
            outcome.problems.append(
                f"{path}: {', '.join(change.kept)} was changed since and stays as it is"
            )
        made.append((change, rest))
    return made


def _layered(
    journal: Journal, path: Path, names: Sequence[str], added: Sequence[tuple[str, FilePatch]]
) -> tuple[Change, FileRecord]:
    """A file as it is and as it will be: what it was before us, the changes of plans other than
    `names`, and these."""
    current = files.read(path)
    record = journal.files.get(path, FileRecord(current is not None)).of(current)
    base, kept = _base(path, current, record)
    layers = [*((by, patch) for by, patch in record.layers if by not in names), *added]
    changes = [change for _, patch in layers for change in patch.changes]
    after, undo, former = base, [], None
    for _, patch in layers:
        try:
            former = editing.former(patch.format, base, changes)
            for change in patch.changes:
                before, after = after, editing.put(patch.format, after, (change,))
                undo.append(difference(before or b"", after))
        except Unreadable as error:
            raise Unreadable(f"{path} was left alone: {error}") from error
    made = FileRecord(base is not None, digest(base or b""), "", undo, former, record.made, layers)
    return Change(path, current, after, tuple(kept)), made


def _base(path: Path, current: bytes | None, record: FileRecord) -> tuple[bytes | None, list[str]]:
    """The file without any change of ours, and the names of ours that the user has taken over."""
    if current is None or not record.layers or digest(current) == record.before:
        return current, []
    # What we made and the user has put elsewhere, with a link to it, is not ours to remove.
    taken_over = not record.existed and path.is_symlink()
    if digest(current) == record.after and not taken_over:
        return record.original(current), []
    kept: list[str] = []
    for _, patch in reversed(record.layers):
        try:
            current, found = editing.drop(patch.format, current, record.former, patch.changes)
        except Unreadable as error:
            raise Unreadable(f"{path} was left alone: {error}") from error
        kept += found
    empty = not (record.existed or taken_over) and b"".join(current.split()) in (b"", b"{}")
    return None if empty else current, kept


def _undone(commands: Sequence[Command]) -> list[str]:
    """What went wrong in taking back what the commands did, the last one first."""
    undo = [command.undo for command in reversed(commands) if command.undo]
    return [problem for argv in undo for problem in _failure(argv)]


def _failure(argv: Sequence[str]) -> list[str]:
    """What went wrong with a command, in one sentence; nothing when all went well."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return [f"`{' '.join(argv)}` could not be run: {error}"]
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        return [f"`{' '.join(argv)}` failed: {said[-1] if said else done.returncode}"]
    return []


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode("utf-8", "replace")
    return text.splitlines(keepends=True)
