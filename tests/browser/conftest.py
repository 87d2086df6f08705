"""A real browser is started only when asked for: it is large, and not everybody has one."""

import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("browsing")

from browsing import started  # noqa: E402 (only now are its assertions rewritten)

_WANTED = os.environ.get("HEADROOM_TEST_BROWSER") == "1"


def pytest_collection_modifyitems(items):
    if _WANTED:
        return
    skip = pytest.mark.skip(reason="the dashboard is looked at by `make test-browser`")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def chromium():
    with started() as browser:
        yield browser
