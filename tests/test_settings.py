import pickle
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
    (folder / "headroom.toml").write_text(text, "utf-8")


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


def test_the_home_folder_is_known_without_a_file(tmp_path):
    for environ in ({}, {"HEADROOM_HOME": str(tmp_path / "here")}):
        assert settings.home(environ) == load(environ).home


def test_the_process_environment_is_read_when_none_is_given(home):
    assert load().home == home


@pytest.mark.parametrize("said", ["soon", "-1", "0", "nan", "inf"])
def test_a_number_that_means_nothing_is_refused(said):
    with pytest.raises(SettingsError, match=r"HEADROOM_STORE_GB must be a number above 0"):
        load({"HEADROOM_STORE_GB": said})


def test_an_unknown_policy_is_refused():
    with pytest.raises(SettingsError, match=r"HEADROOM_POLICY must be .* safe, balanced, aggr"):
        load({"HEADROOM_POLICY": "brutal"})


def test_the_users_file_decides_where_the_environment_is_silent(user):
    said = 'policy = "aggressive"\nstore_days = 7\nstore_gb = 0.5\n'
    found = user(said)
    assert (found.policy, found.store_days, found.store_bytes) == (AGGRESSIVE, 7.0, GB // 2)
    found = user(said, HEADROOM_POLICY="balanced", HEADROOM_STORE_DAYS="1", HEADROOM_STORE_GB="1")
    assert (found.policy, found.store_days, found.store_bytes) == (BALANCED, 1.0, GB)


def test_the_platforms_folder_is_looked_in(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "headroom.toml").write_text('policy = "safe"', "utf-8")
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


@pytest.mark.parametrize(
    "said",
    ["store_days = 1", "store_gb = 1", "[proxy]", "proxy.port = 1", "[prices.a]\ninput = 0"],
)
def test_a_project_says_nothing_about_the_store_and_the_proxy(elsewhere, said):
    project(elsewhere, said)
    with pytest.raises(SettingsError) as refused:
        load({})
    assert "is not for a project to set" in str(refused.value)
    assert str(elsewhere / "config" / "headroom.toml") in str(refused.value)


def test_the_users_file_may_lie_in_the_working_directory(elsewhere):
    project(elsewhere, "[proxy]\nport = 9000")
    assert load({"HEADROOM_CONFIG": "headroom.toml"}).proxy.port == 9_000


WRONG = {
    'polcy = "safe"': "polcy is no key here; did you mean 'policy'? (allowed: policy, store_days, store_gb, tools, prices, proxy)",
    "zzz = 1": "zzz is no key here (allowed: policy, store_days, store_gb, tools, prices, proxy)",
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
    "prices = 1": "prices must be a table: [prices]",
    "prices.a = 1": 'prices."a" must be a table with input and output',
    "[prices.a]\ninput = 1": 'prices."a" must be a table with input and output',
    "[prices.a]\ninput = 1\noutput = -2": 'prices."a".output must be dollars for a million tokens, a number from 0 on, not -2',
    "[prices.a]\ninput = 1\noutput = 2\ncache = 3": "prices.\"a\".cache is no key here; did you mean 'cache_read'? (allowed: input, output, cache_read, cache_write, cache_write_long)",
}


@pytest.mark.parametrize("said", WRONG)
def test_what_a_file_cannot_mean_is_refused_with_the_file_and_the_key(user, tmp_path, said):
    with pytest.raises(SettingsError) as refused:
        user(said)
    assert str(refused.value) == f"{tmp_path / 'user.toml'}: {WRONG[said]}"


@pytest.mark.parametrize("said", [b"policy = ", b"\xff"], ids=["no TOML", "no UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, said):
    (tmp_path / "headroom.toml").write_bytes(said)
    with pytest.raises(SettingsError, match=r"headroom\.toml: "):
        load({})


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "headroom.toml").mkdir()
    with pytest.raises(SettingsError, match=r"headroom\.toml: "):
        load({})


def test_a_file_that_is_asked_for_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load({"HEADROOM_CONFIG": str(tmp_path / "gone.toml")})


def test_every_key_and_every_variable_has_its_row():
    page = PAGE.read_text("utf-8")
    rows = {
        name for row in re.findall(r"^\|(.*?)\|", page, re.M) for name in re.findall("`(.*?)`", row)
    }
    keys = {*settings.USER_KEYS, *settings.TOOL_KEYS, *settings.PROXY_KEYS} - {
        "tools",
        "prices",
        "proxy",
    }
    assert {*keys, *settings.PRICE_KEYS, 'tools."NAME"', 'prices."MODEL"'} <= rows
    assert set(settings.VARIABLES) <= set(re.findall(r"[A-Z_]{6,}", page))
    assert {"safe", "balanced", "aggressive"} <= rows


def test_the_defaults_of_the_page_are_the_defaults():
    page = PAGE.read_text("utf-8")
    said = dict(re.findall(r"^\| `(\w+)` \|.*\| (\S+) \|$", page, re.M))
    checked = 0
    for setting in settings.explain({}):
        if isinstance(setting.value, (int, float)) and setting.name in settings.PROXY_KEYS:
            word = str(setting.value).lower()
            word = f"{setting.value:g}" if isinstance(setting.value, float) else word
            assert said[setting.name] == word, setting.name
            checked += 1
    assert checked == 21


def test_the_example_of_the_page_is_a_file_that_loads(user):
    example = re.search(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)[1]
    found = user(example)
    assert (found.policy.name, found.store_days, found.store_bytes) == ("balanced", 30.0, 2 * GB)
    assert found.proxy.upstreams.openai == "https://openrouter.ai/api"
    assert found.policy.tools == (ToolRule("Read", "lossless"), ToolRule("Bash", budget=4_000))


UPSTREAMS = {
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com",
    "chatgpt": "https://chatgpt.com/backend-api/codex",
    "gemini": "https://generativelanguage.googleapis.com",
    "bedrock": "https://bedrock-runtime.us-east-1.amazonaws.com",
}


def test_the_proxy_is_this_machines_alone_by_default():
    found = load({}).proxy
    assert (found.host, found.port, found.workers, found.token) == ("127.0.0.1", 8_787, 1, "")
    assert found.is_loopback
    assert {name: getattr(found.upstreams, name) for name in UPSTREAMS} == UPSTREAMS
    assert (found.deadline_ms, found.deadline_ms_per_mb, found.max_rounds) == (150.0, 50.0, 8)
    assert (found.retrieval, found.log_content) == (True, False)
    found.check()


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_users_file(elsewhere):
    (elsewhere / "user.toml").write_text(
        "[proxy]\nport = 1001\nworkers = 3\nmax_rounds = 2", "utf-8"
    )
    environ = {
        "HEADROOM_CONFIG": str(elsewhere / "user.toml"),
        "HEADROOM_PORT": "1002",
        "HEADROOM_MAX_ROUNDS": "4",
    }
    found = load(environ, overrides={"port": 1003, "host": None}).proxy
    assert (found.port, found.max_rounds, found.workers, found.host) == (1_003, 4, 3, "127.0.0.1")
    sources = {s.name: s.source for s in settings.explain(environ, overrides={"port": 1003})}
    assert sources["port"] == "flag --port"
    assert sources["max_rounds"] == "environment HEADROOM_MAX_ROUNDS"
    assert sources["workers"] == f"file {elsewhere / 'user.toml'}"
    assert sources["host"] == "default"


def test_a_flag_for_the_policy_wins_over_a_safer_project_and_keeps_rules_for_tools(elsewhere):
    project(elsewhere, 'policy = "safe"\n[tools.Read]\nrule = "exclude"')
    found = load({}, overrides={"policy": "aggressive"})
    assert found.policy.name == "aggressive"
    assert found.policy.for_tool("Read") is None


def test_the_policy_and_the_rules_say_which_file_they_are_from(user, elsewhere):
    project(elsewhere, 'policy = "safe"\n[tools.Read]\nrule = "exclude"')
    user("[tools.Bash]\nbudget = 9")
    environ = {"HEADROOM_CONFIG": str(elsewhere / "user.toml")}
    said = {s.name: (s.value, s.source) for s in settings.explain(environ, elsewhere)}
    assert said["policy"] == ("safe", f"file {elsewhere / 'headroom.toml'}")
    assert said['tools."Read"'] == ("exclude", f"file {elsewhere / 'headroom.toml'}")
    assert said['tools."Bash"'] == ("budget 9", f"file {elsewhere / 'user.toml'}")


PRICES = """
[prices."claude-sonnet-4-5"]
input = 3
output = 15.0
cache_read = 0.3
[prices."my-proxy/*"]
input = 0
output = 0
"""


def test_prices_are_the_users_own_by_model(user):
    assert load({}).prices == {}
    assert user(PRICES).prices == {
        "claude-sonnet-4-5": {"input": 3.0, "output": 15.0, "cache_read": 0.3},
        "my-proxy/*": {"input": 0.0, "output": 0.0},
    }


def test_prices_say_which_file_they_are_from(user, elsewhere):
    user(PRICES)
    source = f"file {elsewhere / 'user.toml'}"
    said = settings.explain({"HEADROOM_CONFIG": str(elsewhere / "user.toml")})
    assert [(one.name, one.value, one.source) for one in said if one.name.startswith("prices")] == [
        ('prices."claude-sonnet-4-5"', "input 3, output 15, cache_read 0.3", source),
        ('prices."my-proxy/*"', "input 0, output 0", source),
    ]


def test_a_share_of_sessions_is_held_out_where_one_is_wanted(user):
    assert load({}).proxy.holdout == 0.0
    assert user("[proxy]\nholdout = 0.1").proxy.holdout == 0.1
    assert load({"HEADROOM_HOLDOUT": "0.25"}).proxy.holdout == 0.25
    assert load({}, overrides={"holdout": 0.5}).proxy.holdout == 0.5


def test_an_unknown_flag_is_refused_with_what_it_may_have_meant():
    with pytest.raises(SettingsError, match="prot is no setting; did you mean 'port'"):
        load({}, overrides={"prot": 1})


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"AWS_REGION": "eu-west-1"}, "https://bedrock-runtime.eu-west-1.amazonaws.com"),
        (
            {"AWS_DEFAULT_REGION": "cn-north-1"},
            "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
        ),
        (
            {"AWS_REGION": "a-1", "HEADROOM_BEDROCK_REGION": "b-2"},
            "https://bedrock-runtime.b-2.amazonaws.com",
        ),
        ({"AWS_REGION": "a-1", "HEADROOM_BEDROCK_UPSTREAM": "http://x:1/"}, "http://x:1"),
    ],
)
def test_bedrock_is_in_the_region_of_the_environment(environ, url):
    assert load(environ).proxy.upstreams.bedrock == url


def test_a_region_can_not_change_the_host_that_is_called():
    with pytest.raises(SettingsError, match="AWS_REGION must be a region"):
        load({"AWS_REGION": "x.evil.example/"})


def test_a_providers_own_variable_for_its_url_is_left_alone():
    here = "http://127.0.0.1:8787"
    environ = {"ANTHROPIC_BASE_URL": here, "OPENAI_BASE_URL": here, "GOOGLE_GEMINI_BASE_URL": here}
    assert load(environ) == load({})


WRONG_PROXY = {
    "prot = 1": "proxy.prot is no key here; did you mean 'port'?",
    'port = "8787"': "proxy.port must be a whole number from 1 to 65535, not '8787'",
    "port = 0": "proxy.port must be a whole number from 1 to 65535, not 0",
    "port = true": "proxy.port must be a whole number from 1 to 65535, not True",
    'log_level = "loud"': "proxy.log_level must be a known word, not 'loud'",
    'retrieval = "yes"': "proxy.retrieval must be true or false, not 'yes'",
    'openai_upstream = "api.openai.com"': "proxy.openai_upstream must be an http or https URL",
    "openai_upstream = 1": "proxy.openai_upstream must be an http or https URL",
    'allowed_hosts = "a.example"': "proxy.allowed_hosts must be a list of host names",
    "holdout = 1": "proxy.holdout must be a number from 0 to less than 1, not 1",
    'align_cache = "yes"': "proxy.align_cache must be a known word, not 'yes'",
    'host = "0.0.0.0:80"': "proxy.host must be an address or a host name without a port",
}


@pytest.mark.parametrize("said", WRONG_PROXY)
def test_what_the_proxys_table_cannot_mean_is_refused(user, tmp_path, said):
    with pytest.raises(SettingsError) as refused:
        user(f"[proxy]\n{said}")
    assert str(refused.value).startswith(f"{tmp_path / 'user.toml'}: {WRONG_PROXY[said]}")


def test_the_proxys_table_must_be_a_table(user):
    with pytest.raises(SettingsError, match=r"proxy must be a table: \[proxy\]"):
        user("proxy = 1")


def test_a_secret_is_neither_shown_nor_repeated():
    found = load({"HEADROOM_PROXY_TOKEN": "s3cr3t-token"})
    assert found.proxy.token == "s3cr3t-token"
    said = settings.explain({"HEADROOM_PROXY_TOKEN": "s3cr3t-token"})
    assert "s3cr3t" not in repr(found) + repr(said)
    assert {s.name: s.shown for s in said}["token"] == "set"
    assert {s.name: s.shown for s in settings.explain({})}["token"] == "unset"
    for environ in (
        {"HEADROOM_PROXY_TOKEN": "s3cr3t token"},
        {"HEADROOM_OPENAI_UPSTREAM": "https://me:s3cr3t@host"},
    ):
        with pytest.raises(SettingsError) as refused:
            load(environ)
        assert "s3cr3t" not in str(refused.value)


def test_settings_go_to_another_process_and_serve_as_a_key():
    found = load({"HEADROOM_PROXY_TOKEN": "t0ken"})
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert {found: 1}[load({"HEADROOM_PROXY_TOKEN": "t0ken"})] == 1
