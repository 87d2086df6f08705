"""Shared fixtures, and `--update` for golden files."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

settings.register_profile("default", deadline=None, derandomize=True)
settings.load_profile("default")

_KEPT = ("HEADROOM_HOME", "HEADROOM_EVAL_DATA")


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="rewrite golden files")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Every test has a store of its own; the user's is never touched."""
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in list(os.environ):
        if name.startswith(("HEADROOM_", "AWS_")) and name not in _KEPT:
            monkeypatch.delenv(name)
    return tmp_path / "home"
