from pathlib import Path

import pytest

from headroom.errors import SettingsError
from headroom.settings import GB, load


def test_defaults_are_generous_and_in_the_platforms_folder():
    settings = load({})
    assert settings.home.name == "headroom"
    assert (settings.project, settings.policy) == ("default", "balanced")
    assert (settings.store_days, settings.store_bytes) == (30.0, 2 * GB)


def test_the_environment_decides():
    settings = load(
        {
            "HEADROOM_HOME": "~/elsewhere",
            "HEADROOM_PROJECT": "shop",
            "HEADROOM_POLICY": "safe",
            "HEADROOM_STORE_DAYS": "0.5",
            "HEADROOM_STORE_GB": "1e-3",
        }
    )
    assert settings.home == Path.home() / "elsewhere"
    assert (settings.project, settings.policy) == ("shop", "safe")
    assert (settings.store_days, settings.store_bytes) == (0.5, 1_000_000)


def test_the_process_environment_is_read_when_none_is_given(home):
    assert load().home == home


@pytest.mark.parametrize("said", ["soon", "-1", "0", "nan", "inf"])
def test_a_number_that_means_nothing_is_refused(said):
    with pytest.raises(SettingsError, match=r"HEADROOM_STORE_GB must be a number above 0"):
        load({"HEADROOM_STORE_GB": said})


def test_an_unknown_policy_is_refused():
    with pytest.raises(SettingsError, match="choose one of safe, balanced, aggressive"):
        load({"HEADROOM_POLICY": "brutal"})
