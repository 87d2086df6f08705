"""Where things are and what the user chose: files and environment in, one frozen value out.

The only place that reads `os.environ`. A flag wins over the environment, the environment over
the files. The project's file may only make things safer than the user's own: it came with the
repository.
"""

import difflib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs

from headroom.errors import SettingsError
from headroom.policy import BALANCED, EXCLUDE, LOSSLESS, PRESETS, Policy, ToolRule, named

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GB = 1_000_000_000
USER_KEYS = ("policy", "store_days", "store_gb", "tools")
PROJECT_KEYS = ("policy", "tools")
TOOL_KEYS = ("rule", "budget")
TOOL_RULES = (EXCLUDE, LOSSLESS)
PROJECT_FILE = ".headroom.toml"
_MOST = 1e6


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds the store. `project` scopes refs: one project's are unknown to another.

    `policy` is the preset in force with the rules for single tools. `store_days` and
    `store_bytes` bound how long and how much the store keeps.
    """

    home: Path
    project: str
    policy: Policy
    store_days: float
    store_bytes: int

    def policy_for(self, chosen: str | Policy | None) -> Policy:
        """The policy that a caller chose: by name it keeps the rules for single tools, as a
        `Policy` it is taken as it is, and None is the policy in force.

        Raises:
            SettingsError: no preset has this name.
        """
        if chosen is None:
            return self.policy
        if isinstance(chosen, Policy):
            return chosen
        return replace(named(chosen), tools=self.policy.tools)


def load(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Settings from the user's file, the project's file in `directory` (the working directory
    by default) and the environment, with defaults for what they do not say.

    Raises:
        SettingsError: a file or a variable holds what it cannot mean.
    """
    environ = os.environ if environ is None else environ
    user = _File.read(*_user_file(environ), USER_KEYS)
    project = _File.read((directory or Path()) / PROJECT_FILE, False, PROJECT_KEYS)
    home = environ.get("HEADROOM_HOME")
    preset = _preset(environ, user, project)
    tools = (*user.tools(project=False), *project.tools(project=True))
    return Settings(
        home=Path(home).expanduser() if home else platformdirs.user_data_path("headroom", False),
        project=environ.get("HEADROOM_PROJECT") or "default",
        policy=replace(preset, tools=tools),
        store_days=_number(environ, "HEADROOM_STORE_DAYS", user.number("store_days", 30.0)),
        store_bytes=int(_number(environ, "HEADROOM_STORE_GB", user.number("store_gb", 2.0)) * GB),
    )


def _user_file(environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The user's file, and whether it must be there."""
    said = environ.get("HEADROOM_CONFIG")
    if said:
        return Path(said).expanduser(), True
    return platformdirs.user_config_path("headroom", False) / "config.toml", False


def _preset(environ: Mapping[str, str], user: "_File", project: "_File") -> Policy:
    """The environment's; else the user's, or the project's where that is safer."""
    said = environ.get("HEADROOM_POLICY")
    if said:
        return named(said)
    mine, theirs = user.policy(), project.policy()
    order = list(PRESETS.values())
    return min(filter(None, (mine or BALANCED, theirs)), key=order.index)


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    said = environ.get(name)
    if not said:
        return default
    try:
        value = float(said)
    except ValueError:
        value = 0.0
    return _positive(value, name, repr(said))


def _positive(value: float, name: str, said: str) -> float:
    if not 0 < value <= _MOST:
        raise SettingsError(f"{name} must be a number above 0 and at most a million, not {said}")
    return value


@dataclass(frozen=True, slots=True)
class _File:
    """What one file says, its keys checked; each value is checked where it is taken."""

    path: Path
    said: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, required: bool, keys: Iterable[str]) -> "_File":
        try:
            with path.open("rb") as stream:
                said = tomllib.load(stream)
        except FileNotFoundError:
            if required:
                raise SettingsError(f"{path}: no such file (HEADROOM_CONFIG names it)") from None
            said = {}
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: {error}") from error
        found = cls(path, said)
        found._known(said, keys, "")
        return found

    def policy(self) -> Policy | None:
        if "policy" not in self.said:
            return None
        said = self.said["policy"]
        self._one_of("policy", said, PRESETS)
        return PRESETS[said]

    def number(self, key: str, default: float) -> float:
        said = self.said.get(key, default)
        value = float(said) if isinstance(said, (int, float)) and said is not True else 0.0
        return _positive(value, f"{self.path}: {key}", repr(said))

    def tools(self, *, project: bool) -> list[ToolRule]:
        said = self.said.get("tools", {})
        if not isinstance(said, dict):
            raise self._error("tools", 'must be tables such as [tools."Read"]')
        return [self._tool(pattern, rule, project) for pattern, rule in said.items()]

    def _tool(self, pattern: str, said: Any, project: bool) -> ToolRule:
        where = f'tools."{pattern}"'
        if not isinstance(said, dict) or not said:
            raise self._error(where, f"must be a table with {' or '.join(TOOL_KEYS)}")
        self._known(said, TOOL_KEYS, f"{where}.")
        if "rule" in said:
            self._one_of(f"{where}.rule", said["rule"], TOOL_RULES)
        budget = said.get("budget")
        if budget is not None and (type(budget) is not int or budget < 1):
            raise self._error(f"{where}.budget", f"must be a whole number above 0, not {budget!r}")
        if len(said) > 1:
            raise self._error(where, "has a rule, beside which a budget has no meaning")
        return ToolRule(pattern, said.get("rule", ""), budget, project)

    def _known(self, said: Mapping[str, Any], keys: Iterable[str], inside: str) -> None:
        allowed = list(keys)
        for key in said:
            if key not in allowed:
                raise self._error(f"{inside}{key}", f"is no key here{_guess(key, allowed)}")

    def _one_of(self, where: str, said: Any, allowed: Iterable[str]) -> None:
        choices = list(allowed)
        if said not in choices:
            raise self._error(where, f"must be a known word, not {said!r}{_guess(said, choices)}")

    def _error(self, where: str, what: str) -> SettingsError:
        return SettingsError(f"{self.path}: {where} {what}")


def _guess(said: Any, allowed: list[str]) -> str:
    near = difflib.get_close_matches(str(said), allowed, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"{meant} (allowed: {', '.join(allowed)})"
