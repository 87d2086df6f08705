"""Real agents are run only when asked for: they are large, and come from package registries."""

import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("harness", "a_log")

from harness import installed  # noqa: E402 (only now are its assertions rewritten)

_WANTED = os.environ.get("HEADROOM_TEST_CLIENTS") == "1"
_FOLDER = os.environ.get("HEADROOM_CLIENTS_DIR")


def pytest_collection_modifyitems(items):
    if _WANTED:
        return
    skip = pytest.mark.skip(reason="real clients are run by `make test-clients`")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Installs an agent once, and gives its program."""
    folder = Path(_FOLDER) if _FOLDER else tmp_path_factory.mktemp("clients")
    return lambda name: installed(folder, name)
