"""Every setting, one line each: its name, what it may be, its default, the variables that set it.

The order of the lines is the order in which `headroom config` shows them.
"""

from dataclasses import dataclass

from headroom.policy import BALANCED, PRESETS
from headroom.settings import kinds
from headroom.settings.kinds import Kind

PROXY = "proxy"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
ALIGNING = ("auto", "on", "off")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `table` is the file's table that it stands in ("" is the top), or None where
    no file sets it; of `variables` the first that is set counts."""

    name: str
    kind: Kind
    default: object
    variables: tuple[str, ...]
    table: str | None = PROXY
    secret: bool = False


def _proxy(name: str, kind: Kind, default: object, *others: str) -> Key:
    return Key(name, kind, default, (f"HEADROOM_{name.upper()}", *others))


KEYS = (
    # No default stands here: it is the platform's.
    Key("home", kinds.folder(), None, ("HEADROOM_HOME",), None),
    Key("project", kinds.text(), "default", ("HEADROOM_PROJECT",), None),
    Key("policy", kinds.word(PRESETS), BALANCED.name, ("HEADROOM_POLICY",), ""),
    Key("store_days", kinds.number(), 30.0, ("HEADROOM_STORE_DAYS",), ""),
    Key("store_gb", kinds.number(), 2.0, ("HEADROOM_STORE_GB",), ""),
    _proxy("host", kinds.host(), "127.0.0.1"),
    _proxy("port", kinds.whole(1, 65_535), 8_787),
    _proxy("workers", kinds.whole(1, 64), 1),
    Key("token", kinds.token(), "", ("HEADROOM_PROXY_TOKEN",), secret=True),
    _proxy("allowed_hosts", kinds.hosts(), ()),
    _proxy("anthropic_upstream", kinds.url(), "https://api.anthropic.com"),
    _proxy("openai_upstream", kinds.url(), "https://api.openai.com"),
    _proxy("chatgpt_upstream", kinds.url(), "https://chatgpt.com/backend-api/codex"),
    _proxy("gemini_upstream", kinds.url(), "https://generativelanguage.googleapis.com"),
    # Without one it is the region's.
    _proxy("bedrock_upstream", kinds.url(), ""),
    _proxy("bedrock_region", kinds.region(), "us-east-1", "AWS_REGION", "AWS_DEFAULT_REGION"),
    _proxy("retrieval", kinds.switch(), True),
    _proxy("max_rounds", kinds.whole(1, 100), 8),
    _proxy("deadline_ms", kinds.number(), 150.0),
    _proxy("deadline_ms_per_mb", kinds.number(), 50.0),
    _proxy("max_body_mb", kinds.number(), 64.0),
    _proxy("max_decoded_mb", kinds.number(), 256.0),
    _proxy("max_header_kb", kinds.number(), 64.0),
    _proxy("header_seconds", kinds.number(), 30.0),
    _proxy("body_seconds", kinds.number(), 60.0),
    _proxy("upstream_connect_seconds", kinds.number(), 10.0),
    _proxy("upstream_read_seconds", kinds.number(), 600.0),
    _proxy("shutdown_seconds", kinds.number(), 30.0),
    _proxy("log_level", kinds.word(LOG_LEVELS), "info"),
    _proxy("log_format", kinds.word(LOG_FORMATS), "text"),
    _proxy("log_content", kinds.switch(), False),
    _proxy("holdout", kinds.share(), 0.0),
    _proxy("kill_switch", kinds.switch(), True),
    _proxy("align_cache", kinds.word(ALIGNING), "auto"),
    _proxy("fix_cache", kinds.switch(), False),
    _proxy("epochs", kinds.switch(), True),
    _proxy("write_guard", kinds.switch(), True),
    _proxy("keep_edits", kinds.switch(), True),
)

PROXY_KEYS = tuple(key.name for key in KEYS if key.table == PROXY)
USER_KEYS = (*(key.name for key in KEYS if key.table == ""), "tools", "prices", PROXY)
PROJECT_KEYS = ("policy", "tools")
TOOL_KEYS = ("rule", "budget")
PRICE_KEYS = ("input", "output", "cache_read", "cache_write", "cache_write_long")
VARIABLES = ("HEADROOM_CONFIG", *(variable for key in KEYS for variable in key.variables))
