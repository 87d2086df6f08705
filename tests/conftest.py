"""Shared fixtures, and `--update` for golden files."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("default", deadline=None, derandomize=True)
settings.load_profile("default")


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite golden files")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Every test has a store of its own; the user's is never touched."""
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in (
        "HEADROOM_CONFIG",
        "HEADROOM_POLICY",
        "HEADROOM_PROJECT",
        "HEADROOM_STORE_DAYS",
        "HEADROOM_STORE_GB",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"
