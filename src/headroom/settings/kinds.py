"""What a setting's value may be, whether a file, a flag or a variable says it.

Rule: a value of the wrong kind is refused with its place and what is meant; a secret, or what
may hold one, is never repeated in that text.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from headroom.errors import SettingsError

MOST = 1e6
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_HOST = re.compile(r"[A-Za-z0-9_.:%-]+")
_REGION = re.compile(r"[a-z0-9-]+")
_TOKEN = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Kind:
    """`take` returns the value, or raises `ValueError` where it is not one of this kind;
    `parse` reads a variable's text as the value that a file would hold."""

    wants: str
    take: Callable[[Any], Any]
    parse: Callable[[str], object] = str
    choices: tuple[str, ...] = ()
    repeats: bool = True

    def read(self, said: Any, place: str) -> Any:
        """The value that a file or a flag holds at `place`.

        Raises:
            SettingsError: it is not of this kind.
        """
        try:
            return self.take(said)
        except (ValueError, TypeError):
            raise self._refused(said, place) from None

    def read_text(self, said: str, place: str) -> Any:
        """The value of a variable named `place`.

        Raises:
            SettingsError: it is not of this kind.
        """
        try:
            return self.take(self.parse(said))
        except (ValueError, TypeError):
            raise self._refused(said, place) from None

    def _refused(self, said: Any, place: str) -> SettingsError:
        repeated = f", not {said!r}" if self.repeats else ""
        hint = guess(said, self.choices) if self.choices else ""
        return SettingsError(f"{place} must be {self.wants}{repeated}{hint}")


def guess(said: Any, allowed: Iterable[str]) -> str:
    """What was probably meant, and what is allowed."""
    choices = list(allowed)
    near = difflib.get_close_matches(str(said), choices, 1)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"{meant} (allowed: {', '.join(choices)})"


def number() -> Kind:
    """A number above 0."""
    return Kind("a number above 0 and at most a million", _number, float)


def share() -> Kind:
    """A share: from 0 on, and less than 1."""
    return Kind("a number from 0 to less than 1", _share, float)


def price() -> Kind:
    """Dollars for a million tokens."""
    return Kind("dollars for a million tokens, a number from 0 on", _price)


def whole(low: int, high: int) -> Kind:
    """A whole number between two others, both included."""

    def take(said: Any) -> int:
        if type(said) is not int or not low <= said <= high:
            raise ValueError
        return said

    return Kind(f"a whole number from {low} to {high}", take, int)


def word(choices: Iterable[str]) -> Kind:
    """One of a few words."""
    known = tuple(choices)

    def take(said: Any) -> str:
        return known[known.index(said)]

    return Kind("a known word", take, choices=known)


def switch() -> Kind:
    """True or false."""
    return Kind("true or false", _switch, _yes_or_no)


def url() -> Kind:
    """The base URL of a provider, without the slash at its end."""
    wants = "an http or https URL without user name, password, query or fragment"
    return Kind(wants, _url, repeats=False)


def host() -> Kind:
    """An address or a host name to listen on."""
    return Kind("an address or a host name without a port", _host)


def hosts() -> Kind:
    """Host names, in small letters; separated by commas in a variable."""
    return Kind("a list of host names without ports", _hosts, _listed)


def region() -> Kind:
    """The name of a cloud's region."""
    return Kind('a region such as "us-east-1"', _matching(_REGION))


def token() -> Kind:
    """A secret that clients send in a header."""
    wants = "letters, digits and signs of ASCII without spaces"
    return Kind(wants, _matching(_TOKEN), repeats=False)


def text() -> Kind:
    """Any text but an empty one."""
    return Kind("a text that is not empty", _matching(re.compile(r"(?s).+")))


def folder() -> Kind:
    """A folder, in which `~` is the user's."""
    return Kind("a folder", lambda said: Path(said).expanduser())


def _matching(pattern: "re.Pattern[str]") -> Callable[[Any], Any]:
    def take(said: Any) -> Any:
        if not pattern.fullmatch(said):
            raise ValueError
        return said

    return take


def _number(said: Any) -> float:
    if not isinstance(said, (int, float)) or said is True or not 0 < said <= MOST:
        raise ValueError
    return float(said)


def _share(said: Any) -> float:
    if not isinstance(said, (int, float)) or isinstance(said, bool) or not 0 <= said < 1:
        raise ValueError
    return float(said)


def _price(said: Any) -> float:
    if not isinstance(said, (int, float)) or isinstance(said, bool) or not 0 <= said <= MOST:
        raise ValueError
    return float(said)


def _switch(said: Any) -> bool:
    if not isinstance(said, bool):
        raise TypeError
    return said


def _yes_or_no(said: str) -> bool:
    if said.strip().lower() not in (*_YES, *_NO):
        raise ValueError
    return said.strip().lower() in _YES


def _url(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError
    parts = urlsplit(said)
    told = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not told or "@" in parts.netloc or "?" in said or "#" in said or _CONTROL.search(said):
        raise ValueError
    return said.rstrip("/")


def _host(said: Any) -> str:
    # One colon parts a port from its host; an IPv6 address has more.
    if not _HOST.fullmatch(said) or said.count(":") == 1:
        raise ValueError
    return str(said)


def _hosts(said: Any) -> tuple[str, ...]:
    if not isinstance(said, list):
        raise TypeError
    return tuple(_host(one).lower() for one in said)


def _listed(said: str) -> list[str]:
    return [one.strip() for one in said.split(",") if one.strip()]
