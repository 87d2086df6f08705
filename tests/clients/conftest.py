"""The same scene played twice: straight at the scripted upstream, and through the proxy."""

import pytest

pytest.register_assert_rewrite("client_scenes", "two_ways")

from two_ways import Twice  # noqa: E402 (only now are its assertions rewritten)


@pytest.fixture
def twice(tmp_path, monkeypatch):
    """Plays a scene both ways and holds the outcomes against each other."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Twice(tmp_path)
