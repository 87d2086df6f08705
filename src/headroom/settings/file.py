"""One settings file: its keys checked when it is read, each value where it is taken."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headroom.errors import SettingsError
from headroom.policy import EXCLUDE, LOSSLESS, ToolRule
from headroom.settings.keys import (
    PRICE_KEYS,
    PROJECT_KEYS,
    PROXY,
    PROXY_KEYS,
    TOOL_KEYS,
    USER_KEYS,
    Key,
)
from headroom.settings.kinds import guess, price, word

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOOL_RULES = (EXCLUDE, LOSSLESS)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What one file says; nothing where there is none. A `project`'s came with its repository."""

    path: Path
    project: bool
    said: Mapping[str, Any]

    @classmethod
    def users(cls, path: Path, *, required: bool) -> "SettingsFile":
        """The user's own file, which may say everything.

        Raises:
            SettingsError: it cannot be read, or has a key that is none.
        """
        said = _read(path)
        if said is None and required:
            raise SettingsError(f"{path}: no such file (HEADROOM_CONFIG names it)")
        found = cls(path, False, said or {})
        found._known(found.said, USER_KEYS, "")
        found._known(found._table(PROXY), PROXY_KEYS, f"{PROXY}.")
        return found

    @classmethod
    def projects(cls, path: Path, users: Path) -> "SettingsFile":
        """The project's file, which may say what makes things safer; nothing where the path is
        that of the file of the user, who may keep it in the working directory.

        Raises:
            SettingsError: it cannot be read, or has a key that is none or is not a project's.
        """
        said = None if _same(path, users) else _read(path)
        found = cls(path, True, said or {})
        for key in found.said:
            if key in USER_KEYS and key not in PROJECT_KEYS:
                raise found._error(
                    key, f"is not for a project to set: it stands in the user's file, {users}"
                )
        found._known(found.said, PROJECT_KEYS, "")
        return found

    def says(self, key: Key) -> bool:
        """Whether a value stands here."""
        return key.table is not None and key.name in self._table(key.table)

    def value(self, key: Key) -> Any:
        """The value that stands here.

        Raises:
            SettingsError: it is of the wrong kind.
        """
        inside = f"{key.table}." if key.table else ""
        said = self._table(key.table or "")[key.name]
        return key.kind.read(said, f"{self.path}: {inside}{key.name}")

    def tools(self) -> list[ToolRule]:
        """The rules for single tools, in the order of the file.

        Raises:
            SettingsError: one cannot be meant so.
        """
        said = self.said.get("tools", {})
        if not isinstance(said, dict):
            raise self._error("tools", 'must be tables such as [tools."Read"]')
        return [self._tool(pattern, rule) for pattern, rule in said.items()]

    def prices(self) -> dict[str, dict[str, float]]:
        """The user's own prices by model, in dollars for a million tokens.

        Raises:
            SettingsError: one cannot be meant so.
        """
        found = {}
        for model, said in self._table("prices").items():
            where = f'prices."{model}"'
            if not isinstance(said, dict) or not {"input", "output"} <= said.keys():
                raise self._error(where, "must be a table with input and output")
            self._known(said, PRICE_KEYS, f"{where}.")
            found[model] = {
                name: price().read(value, f"{self.path}: {where}.{name}")
                for name, value in said.items()
            }
        return found

    def _tool(self, pattern: str, said: Any) -> ToolRule:
        where = f'tools."{pattern}"'
        if not isinstance(said, dict) or not said:
            raise self._error(where, f"must be a table with {' or '.join(TOOL_KEYS)}")
        self._known(said, TOOL_KEYS, f"{where}.")
        if "rule" in said:
            word(TOOL_RULES).read(said["rule"], f"{self.path}: {where}.rule")
        budget = said.get("budget")
        if budget is not None and (type(budget) is not int or budget < 1):
            raise self._error(f"{where}.budget", f"must be a whole number above 0, not {budget!r}")
        if len(said) > 1:
            raise self._error(where, "has a rule, beside which a budget has no meaning")
        return ToolRule(pattern, said.get("rule", ""), budget, self.project)

    def _table(self, name: str) -> Mapping[str, Any]:
        if not name:
            return self.said
        table = self.said.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, f"must be a table: [{name}]")
        return table

    def _known(self, said: Iterable[str], keys: Iterable[str], inside: str) -> None:
        allowed = list(keys)
        for key in said:
            if key not in allowed:
                raise self._error(f"{inside}{key}", f"is no key here{guess(key, allowed)}")

    def _error(self, where: str, what: str) -> SettingsError:
        return SettingsError(f"{self.path}: {where} {what}")


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
