"""One proxy between a scripted model and its client, for as long as a scene lasts."""

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from acting import Step, goes_on, model, sent
from dialect_parts import Dialect

from running import Proxy, proxied
from scripted_upstream import Request, in_thread
from scripted_upstream.serving import Upstream

_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """`folder` holds the proxy's store."""

    upstream: Upstream
    proxy: Proxy
    folder: Path

    @property
    def url(self) -> str:
        """Where the client speaks to."""
        return self.proxy.url

    @property
    def requests(self) -> list[Request]:
        """All that upstream got."""
        return self.upstream.requests

    def wait_until(self, holds: Callable[[Upstream], bool]) -> None:
        """Waits for upstream to have seen something."""
        waiting = asyncio.run_coroutine_threadsafe(self.upstream.until(holds), self.upstream._loop)
        waiting.result(timeout=30)


@contextmanager
def scene(
    *steps: Step, folder: Path | None = None, websockets: bool = True, **proxy: Any
) -> Iterator[Scene]:
    """The model's `steps` behind a proxy with a new store, or the one in `folder`."""
    script = model(*steps)
    with tempfile.TemporaryDirectory() as new, in_thread(script, websockets=websockets) as upstream:
        home = folder or Path(new)
        with aws_keys(), proxied(upstream.url, home, **proxy) as running:
            yield Scene(upstream, running, home)


@contextmanager
def aws_keys() -> Iterator[None]:
    """Credentials to sign with, and no looking for others."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _KEYS.items():
            patch.setenv(name, value)
        yield


def histories(requests: Sequence[Request], dialect: Dialect) -> list[list[bytes]]:
    """The histories that upstream got, item by item."""
    return [sent(request, dialect) for request in requests]


def assert_stable(requests: Sequence[Request], dialect: Dialect) -> None:
    """Every history begins with the one before it, and what stands around it never changes."""
    for earlier, later in itertools.pairwise(histories(requests, dialect)):
        assert goes_on(earlier, later)
    first = dialect.around(requests[0].json)
    assert all(dialect.around(request.json) == first for request in requests)


def assert_stable_values(requests: Sequence[Request], dialect: Dialect) -> None:
    """The same, however the items are spelled."""
    values = [list(map(orjson.loads, history)) for history in histories(requests, dialect)]
    for earlier, later in itertools.pairwise(values):
        assert later[: len(earlier)] == earlier


def assert_shortened(requests: Sequence[Request], *outputs: str) -> None:
    """All of what these tools gave was shortened."""
    results = requests[-1].results
    assert not [output[:80] for output in outputs if output in results]
