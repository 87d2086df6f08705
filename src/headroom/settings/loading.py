"""What holds, and why: a flag, else the environment, else the files, else the default.

The only place that reads `os.environ`. A provider's own variables for its base URL are left
alone: a client that was pointed at this proxy by one of them would make it call itself.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs

from headroom.errors import SettingsError
from headroom.policy import PRESETS
from headroom.settings.file import SettingsFile
from headroom.settings.keys import KEYS, PROXY_KEYS, Key
from headroom.settings.kinds import guess
from headroom.settings.values import GB, ProxySettings, Setting, Settings, Upstreams

FILE_NAME = "headroom.toml"
DEFAULT = "default"
_UPSTREAM = "_upstream"


def load(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings in force. `overrides` are a command's flags by key, None where one was not
    given; `directory` holds the project's file (by default the working directory).

    Raises:
        SettingsError: a file, a variable or a flag holds what it cannot mean.
    """
    said, files = _resolved(environ, directory, overrides)
    value: dict[str, Any] = {setting.name: setting.value for setting in said}
    rules = tuple(rule for file in files for rule in file.tools())
    return Settings(
        home=value["home"],
        project=value["project"],
        policy=replace(PRESETS[value["policy"]], tools=rules),
        store_days=value["store_days"],
        store_bytes=int(value["store_gb"] * GB),
        proxy=_proxy(value),
        prices=files[0].prices(),
    )


def explain(
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> tuple[Setting, ...]:
    """Every value in force with its source, the rules for single tools and prices last.

    Raises:
        SettingsError: as `load`.
    """
    said, files = _resolved(environ, directory, overrides)
    rules = (
        Setting(f'tools."{rule.pattern}"', rule.rule or f"budget {rule.budget}", _source(file))
        for file in files
        for rule in file.tools()
    )
    prices = (
        Setting(f'prices."{model}"', _dollars(price), _source(files[0]))
        for model, price in files[0].prices().items()
    )
    return (*said, *rules, *prices)


def home(environ: Mapping[str, str] | None = None) -> Path:
    """Where Headroom keeps what it keeps. No file says that, so a broken one is no matter.

    Raises:
        SettingsError: `HEADROOM_HOME` cannot be a folder.
    """
    environ = os.environ if environ is None else environ
    key = next(key for key in KEYS if key.name == "home")
    said = next((variable for variable in key.variables if environ.get(variable)), "")
    if not said:
        return platformdirs.user_data_path("headroom", False)
    return Path(key.kind.read_text(environ[said], said))


def environment() -> dict[str, str]:
    """The variables of this process, for the programs that it starts and looks at."""
    return dict(os.environ)


def files(
    environ: Mapping[str, str] | None = None, directory: Path | None = None
) -> tuple[Path, Path]:
    """Where the user's and the project's file are, or would be."""
    path, _ = _user_file(os.environ if environ is None else environ)
    return path, (directory or Path()).absolute() / FILE_NAME


def _resolved(
    environ: Mapping[str, str] | None,
    directory: Path | None,
    overrides: Mapping[str, object] | None,
) -> tuple[list[Setting], tuple[SettingsFile, SettingsFile]]:
    environ = os.environ if environ is None else environ
    flags = {name: said for name, said in (overrides or {}).items() if said is not None}
    _all_known(flags)
    path, required = _user_file(environ)
    user = SettingsFile.users(path, required=required)
    project = SettingsFile.projects((directory or Path()) / FILE_NAME, path)
    said = [_setting(key, flags, environ, (user, project)) for key in KEYS]
    return _completed(said), (user, project)


def _all_known(flags: Iterable[str]) -> None:
    names = [key.name for key in KEYS]
    for name in flags:
        if name not in names:
            raise SettingsError(f"{name} is no setting{guess(name, names)}")


def _user_file(environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The user's file, and whether it must be there."""
    said = environ.get("HEADROOM_CONFIG")
    if said:
        return Path(said).expanduser(), True
    return platformdirs.user_config_path("headroom", False) / FILE_NAME, False


def _setting(
    key: Key,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    said_in: tuple[SettingsFile, SettingsFile],
) -> Setting:
    if key.name in flags:
        flag = f"--{key.name.replace('_', '-')}"
        return _made(key, key.kind.read(flags[key.name], flag), f"flag {flag}")
    for variable in key.variables:
        if said := environ.get(variable):
            return _made(key, key.kind.read_text(said, variable), f"environment {variable}")
    return _from_files(key, *said_in)


def _from_files(key: Key, user: SettingsFile, project: SettingsFile) -> Setting:
    """The user's; of the policy also the project's, where that is safer."""
    found = _made(key, key.default, DEFAULT)
    if user.says(key):
        found = _made(key, user.value(key), _source(user))
    if project.says(key):
        order = list(PRESETS)
        theirs = _made(key, project.value(key), _source(project))
        found = min(found, theirs, key=lambda setting: order.index(str(setting.value)))
    return found


def _made(key: Key, value: object, source: str) -> Setting:
    return Setting(key.name, value, source, key.secret)


def _source(file: SettingsFile) -> str:
    return f"file {file.path}"


def _dollars(price: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {dollars:g}" for name, dollars in price.items())


def _completed(said: list[Setting]) -> list[Setting]:
    """With the defaults that follow from the platform and from other settings."""
    region = next(setting for setting in said if setting.name == "bedrock_region")
    follows = {
        "home": (platformdirs.user_data_path("headroom", False), DEFAULT),
        "bedrock_upstream": (_bedrock(str(region.value)), region.source),
    }
    return [_followed(setting, *follows.get(setting.name, (None, ""))) for setting in said]


def _followed(setting: Setting, value: object, source: str) -> Setting:
    if value is None or setting.value:
        return setting
    return replace(setting, value=value, source=source)


def _bedrock(region: str) -> str:
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://bedrock-runtime.{region}.{domain}"


def _proxy(value: Mapping[str, Any]) -> ProxySettings:
    upstreams = {name: value[name] for name in PROXY_KEYS if name.endswith(_UPSTREAM)}
    own = {name: value[name] for name in PROXY_KEYS if name not in upstreams}
    return ProxySettings(
        upstreams=Upstreams(**{n.removesuffix(_UPSTREAM): url for n, url in upstreams.items()}),
        **own,
    )
