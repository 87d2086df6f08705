import re
from pathlib import Path

import platformdirs
import pytest

from headroom import settings
from headroom.errors import SettingsError
from headroom.policy import AGGRESSIVE, BALANCED, SAFE, Policy, ToolRule
from headroom.settings import GB, load

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A working directory and a configuration directory without a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_: tmp_path / "config")
    return tmp_path


@pytest.fixture
def user(tmp_path):
    """Writes the user's file and loads the settings."""

    def loaded(text, **environ):
        (tmp_path / "user.toml").write_text(text, "utf-8")
        return load({"HEADROOM_CONFIG": str(tmp_path / "user.toml"), **environ})

    return loaded


def project(folder, text):
    (folder / ".headroom.toml").write_text(text, "utf-8")


def test_defaults_are_generous_and_in_the_platforms_folder():
    found = load({})
    assert found.home.name == "headroom"
    assert (found.project, found.policy) == ("default", BALANCED)
    assert (found.store_days, found.store_bytes) == (30.0, 2 * GB)


def test_the_environment_decides():
    found = load(
        {
            "HEADROOM_HOME": "~/elsewhere",
            "HEADROOM_PROJECT": "shop",
            "HEADROOM_POLICY": "safe",
            "HEADROOM_STORE_DAYS": "0.5",
            "HEADROOM_STORE_GB": "1e-3",
        }
    )
    assert found.home == Path.home() / "elsewhere"
    assert (found.project, found.policy) == ("shop", SAFE)
    assert (found.store_days, found.store_bytes) == (0.5, 1_000_000)


def test_the_process_environment_is_read_when_none_is_given(home):
    assert load().home == home


@pytest.mark.parametrize("said", ["soon", "-1", "0", "nan", "inf"])
def test_a_number_that_means_nothing_is_refused(said):
    with pytest.raises(SettingsError, match=r"HEADROOM_STORE_GB must be a number above 0"):
        load({"HEADROOM_STORE_GB": said})


def test_an_unknown_policy_is_refused():
    with pytest.raises(SettingsError, match="choose one of safe, balanced, aggressive"):
        load({"HEADROOM_POLICY": "brutal"})


def test_the_users_file_decides_where_the_environment_is_silent(user):
    said = 'policy = "aggressive"\nstore_days = 7\nstore_gb = 0.5\n'
    found = user(said)
    assert (found.policy, found.store_days, found.store_bytes) == (AGGRESSIVE, 7.0, GB // 2)
    found = user(said, HEADROOM_POLICY="balanced", HEADROOM_STORE_DAYS="1", HEADROOM_STORE_GB="1")
    assert (found.policy, found.store_days, found.store_bytes) == (BALANCED, 1.0, GB)


def test_the_platforms_folder_is_looked_in(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('policy = "safe"', "utf-8")
    assert load({}).policy == SAFE


def test_rules_for_tools_keep_the_order_of_the_file(user):
    said = '[tools."mcp__a"]\nrule = "lossless"\n[tools."mcp__*"]\nrule = "exclude"\n[tools.Bash]\nbudget = 4000\n'
    assert user(said).policy.tools == (
        ToolRule("mcp__a", "lossless"),
        ToolRule("mcp__*", "exclude"),
        ToolRule("Bash", budget=4_000),
    )


def test_rules_for_tools_hold_beside_a_preset_from_the_environment_or_a_flag(user):
    found = user('[tools."Read"]\nrule = "exclude"', HEADROOM_POLICY="aggressive")
    assert found.policy.for_tool("Read") is None
    assert found.policy_for("aggressive").for_tool("Read") is None
    assert found.policy_for("aggressive").for_tool("Bash") == AGGRESSIVE
    assert found.policy_for(None) is found.policy


def test_a_policy_that_the_caller_made_is_taken_as_it_is(user):
    own = Policy("own", omit=True, budget=10, min_tokens=1)
    assert user('[tools."Read"]\nrule = "exclude"').policy_for(own) is own


@pytest.mark.parametrize(
    ("mine", "theirs", "held"),
    [
        ("aggressive", "safe", SAFE),
        ("safe", "aggressive", SAFE),
        ("aggressive", "balanced", BALANCED),
    ],
)
def test_of_the_users_and_the_projects_policy_the_safer_holds(user, elsewhere, mine, theirs, held):
    project(elsewhere, f'policy = "{theirs}"')
    assert user(f'policy = "{mine}"').policy == held


def test_a_project_alone_is_not_more_daring_than_the_default(elsewhere):
    project(elsewhere, 'policy = "aggressive"')
    assert load({}).policy == BALANCED
    assert load({"HEADROOM_POLICY": "aggressive"}).policy == AGGRESSIVE


def test_a_projects_rules_stand_behind_the_users(user, elsewhere):
    project(elsewhere, '[tools."Read"]\nrule = "lossless"\n[tools."Bash"]\nrule = "exclude"')
    policy = user('[tools."Read"]\nrule = "exclude"').policy
    assert policy.for_tool("Read") is None
    assert policy.for_tool("Bash") is None


def test_the_project_is_that_of_the_directory_given(tmp_path):
    (tmp_path / "inner").mkdir()
    project(tmp_path / "inner", 'policy = "safe"')
    assert load({}, tmp_path / "inner").policy == SAFE
    assert load({}).policy == BALANCED


@pytest.mark.parametrize("key", ["store_days", "store_gb"])
def test_a_project_says_nothing_about_the_store(elsewhere, key):
    project(elsewhere, f"{key} = 1")
    with pytest.raises(SettingsError, match=rf"\.headroom\.toml: {key} is no key here"):
        load({})


WRONG = {
    'polcy = "safe"': "polcy is no key here; did you mean 'policy'? (allowed: policy, store_days, store_gb, tools)",
    "zzz = 1": "zzz is no key here (allowed: policy, store_days, store_gb, tools)",
    'policy = "safee"': "policy must be a known word, not 'safee'; did you mean 'safe'? (allowed: safe, balanced, aggressive)",
    "policy = 3": "policy must be a known word, not 3 (allowed: safe, balanced, aggressive)",
    "policy = [1]": "policy must be a known word, not [1] (allowed: safe, balanced, aggressive)",
    'store_gb = "2"': "store_gb must be a number above 0 and at most a million, not '2'",
    "store_days = true": "store_days must be a number above 0 and at most a million, not True",
    "store_days = -1": "store_days must be a number above 0 and at most a million, not -1",
    "tools = 1": 'tools must be tables such as [tools."Read"]',
    "tools.Read = 1": 'tools."Read" must be a table with rule or budget',
    "[tools.Read]": 'tools."Read" must be a table with rule or budget',
    "[tools.Read]\nbudgets = 1": "tools.\"Read\".budgets is no key here; did you mean 'budget'? (allowed: rule, budget)",
    '[tools.Read]\nrule = "lossles"': "tools.\"Read\".rule must be a known word, not 'lossles'; did you mean 'lossless'? (allowed: exclude, lossless)",
    "[tools.Read]\nbudget = 0": 'tools."Read".budget must be a whole number above 0, not 0',
    "[tools.Read]\nbudget = true": 'tools."Read".budget must be a whole number above 0, not True',
    '[tools.Read]\nrule = "exclude"\nbudget = 9': 'tools."Read" has a rule, beside which a budget has no meaning',
}


@pytest.mark.parametrize("said", WRONG)
def test_what_a_file_cannot_mean_is_refused_with_the_file_and_the_key(user, tmp_path, said):
    with pytest.raises(SettingsError) as refused:
        user(said)
    assert str(refused.value) == f"{tmp_path / 'user.toml'}: {WRONG[said]}"


@pytest.mark.parametrize("said", [b"policy = ", b"\xff"], ids=["no TOML", "no UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, said):
    (tmp_path / ".headroom.toml").write_bytes(said)
    with pytest.raises(SettingsError, match=r"\.headroom\.toml: "):
        load({})


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / ".headroom.toml").mkdir()
    with pytest.raises(SettingsError, match=r"\.headroom\.toml: "):
        load({})


def test_a_file_that_is_asked_for_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load({"HEADROOM_CONFIG": str(tmp_path / "gone.toml")})


def test_every_key_and_every_variable_has_its_row():
    page = PAGE.read_text("utf-8")
    source = Path(settings.__file__).read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)`", page, re.M)
    keys = [key for key in (*settings.USER_KEYS, *settings.TOOL_KEYS) if key != "tools"]
    assert {*keys, 'tools."NAME"', *re.findall(r"HEADROOM_[A-Z_]+", source)} <= set(rows)
    assert {"safe", "balanced", "aggressive"} <= set(rows)


def test_the_example_of_the_page_is_a_file_that_loads(user):
    example = re.search(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)[1]
    found = user(example)
    assert (found.policy.name, found.store_days, found.store_bytes) == ("balanced", 30.0, 2 * GB)
    assert found.policy.tools == (ToolRule("Read", "lossless"), ToolRule("Bash", budget=4_000))
