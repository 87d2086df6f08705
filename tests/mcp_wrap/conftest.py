"""No test depends on how fast this machine is."""

import pytest


@pytest.fixture(autouse=True)
def patient(monkeypatch, home):
    monkeypatch.setenv("HEADROOM_DEADLINE_MS", "60000")
