"""What wrapping starts from: the user's own settings, and what was changed on this machine.

A project's settings came with its repository, and are for nothing that lasts.
"""

from collections.abc import Mapping
from pathlib import Path

from headroom import settings
from headroom.plans import Runner
from headroom.settings import Settings


def users_settings(given: Mapping[str, object]) -> Settings:
    """The settings in force without the project's; `given` are the user's options by key.

    Raises:
        SettingsError: a file, a variable or an option holds what it cannot mean.
    """
    return settings.load(directory=users_folder(), overrides=given)


def users_folder() -> Path:
    """Where the user's settings file is: no project's is found from there."""
    return settings.files()[0].parent


def runner_of(home: Path) -> Runner:
    """What applies plans, and takes them back, for a home folder of Headroom."""
    return Runner(home / "changes")
