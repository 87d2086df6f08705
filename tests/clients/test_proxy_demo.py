"""The demo of the proxy keeps what it promises, and leaves nothing running."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_demo_shows_a_session_shrink():
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "proxy_demo.py")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("stable") > 10
    assert "CHANGED" not in done.stdout
    assert "the agent saw nothing of it" in done.stdout
    assert done.stdout.count("(same)") == 4
    assert "1 retrieval, 0 failures" in done.stdout
