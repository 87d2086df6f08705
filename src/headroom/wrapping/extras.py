"""What of Headroom is installed beside its core."""

from importlib.util import find_spec

EXTRAS = {"proxy": "uvicorn", "mcp": "mcp", "code": "tree_sitter", "bedrock": "botocore"}
"""Each extra, and a module that comes with it alone."""


def is_installed(extra: str) -> bool:
    """Whether an extra is."""
    return find_spec(EXTRAS[extra]) is not None
