"""What was chosen, as frozen values. They can be compared, hashed and sent to another process.

This file knows nothing of where a value came from, and reads nothing.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from headroom.errors import SettingsError
from headroom.policy import Policy, named

GB = 1_000_000_000
MB = 1_000_000
KB = 1_000
LOCALHOST = "localhost"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that stand for all of a machine's, and by which of them it reaches itself."""


@dataclass(frozen=True, slots=True)
class Upstreams:
    """The base URL of each provider, without a slash at its end."""

    anthropic: str
    openai: str
    chatgpt: str
    gemini: str
    bedrock: str


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """How the proxy listens, whom it calls, and its limits.

    A field is named as its key in the file's `[proxy]` table, and so is its unit: `_mb` and
    `_kb` are millions and thousands of bytes, `_seconds` and `_ms` times.
    """

    host: str
    port: int
    workers: int
    token: str = field(repr=False)
    allowed_hosts: tuple[str, ...]
    upstreams: Upstreams
    bedrock_region: str
    retrieval: bool
    max_rounds: int
    deadline_ms: float
    deadline_ms_per_mb: float
    max_body_mb: float
    max_decoded_mb: float
    max_header_kb: float
    header_seconds: float
    body_seconds: float
    upstream_connect_seconds: float
    upstream_read_seconds: float
    shutdown_seconds: float
    log_level: str
    log_format: str
    log_content: bool
    holdout: float
    kill_switch: bool
    align_cache: str
    fix_cache: bool
    epochs: bool
    write_guard: bool
    keep_edits: bool

    @property
    def max_body_bytes(self) -> int:
        """Bytes that a request's body may have as it is sent."""
        return int(self.max_body_mb * MB)

    @property
    def max_decoded_bytes(self) -> int:
        """Bytes that a request's body may have once it is decoded."""
        return int(self.max_decoded_mb * MB)

    @property
    def max_header_bytes(self) -> int:
        """Bytes that a request's line and headers may have together."""
        return int(self.max_header_kb * KB)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach `host`."""
        return _is_loopback(self.host)

    @property
    def url(self) -> str:
        """Where a client on this machine reaches the proxy."""
        host = _ANY.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def check(self) -> None:
        """Refuses what would be unsafe or could never work.

        Raises:
            SettingsError: others can reach `host` and there is no token, or an upstream is this
                proxy itself.
        """
        if not self.is_loopback and not self.token:
            raise SettingsError(
                f"host {self.host} can be reached from other machines, so a token is needed: set "
                "HEADROOM_PROXY_TOKEN (or --token-file FILE) and let clients send it, or stay on "
                "127.0.0.1"
            )
        for name in Upstreams.__slots__:
            if self._is_here(getattr(self.upstreams, name)):
                raise SettingsError(
                    f"{name}_upstream points at port {self.port} of this machine, where this "
                    "proxy itself is to listen; name the provider's own URL"
                )

    def _is_here(self, url: str) -> bool:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return port == self.port and _is_loopback(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds the store. `project` scopes refs: one project's are unknown to another.

    `policy` is the preset in force with the rules for single tools. `store_days` and
    `store_bytes` bound how long and how much the store keeps. `prices` are the user's own by
    model, in dollars for a million tokens.
    """

    home: Path
    project: str
    policy: Policy
    store_days: float
    store_bytes: int
    proxy: ProxySettings
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)

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


@dataclass(frozen=True, slots=True)
class Setting:
    """One value in force, and where it came from: `flag --port`, `environment NAME`,
    `file PATH` or `default`."""

    name: str
    value: object = field(repr=False)
    source: str
    secret: bool = False

    @property
    def shown(self) -> object:
        """The value as it may be shown; of a secret, only whether it is there."""
        if self.secret:
            return "set" if self.value else "unset"
        return self.value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == LOCALHOST
