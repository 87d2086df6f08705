"""Where things are and what the user chose: environment in, one frozen value out.

The only place that reads `os.environ`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from headroom.errors import SettingsError
from headroom.policy import named

GB = 1_000_000_000
_MOST = 1e6


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds the store. `project` scopes refs: one project's are unknown to another.

    `store_days` and `store_bytes` bound how long and how much the store keeps.
    """

    home: Path
    project: str
    policy: str
    store_days: float
    store_bytes: int


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, with defaults for what it does not say.

    Raises:
        SettingsError: a variable holds what it cannot mean.
    """
    environ = os.environ if environ is None else environ
    home = environ.get("HEADROOM_HOME")
    return Settings(
        home=Path(home).expanduser() if home else platformdirs.user_data_path("headroom", False),
        project=environ.get("HEADROOM_PROJECT") or "default",
        policy=named(environ.get("HEADROOM_POLICY") or "balanced").name,
        store_days=_positive(environ, "HEADROOM_STORE_DAYS", 30.0),
        store_bytes=int(_positive(environ, "HEADROOM_STORE_GB", 2.0) * GB),
    )


def _positive(environ: Mapping[str, str], name: str, default: float) -> float:
    said = environ.get(name)
    if not said:
        return default
    try:
        value = float(said)
    except ValueError:
        value = 0.0
    if not 0 < value <= _MOST:
        raise SettingsError(f"{name} must be a number above 0 and at most a million, not {said!r}")
    return value
