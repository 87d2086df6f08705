"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import headroom

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "headroom"
MODULES = sorted(SOURCE.rglob("*.py"))


def functions(path):
    tree = ast.parse(path.read_text("utf-8"))
    return [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_and_functions_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400, "split it by seam"
    long = [node.name for node in functions(path) if node.end_lineno - node.lineno >= 80]
    assert long == []


def test_only_settings_reads_the_environment():
    readers = [
        path.name for path in MODULES if re.search(r"os\.(environ|getenv)", path.read_text("utf-8"))
    ]
    assert readers == ["loading.py"]


def test_every_test_file_mirrors_a_source_file():
    """`tests/x/test_y.py` tests `src/headroom/x/y.py` or the package `x/y`."""
    own = {
        *("test_house.py", "test_docs.py", "test_contracts.py", "test_invariants.py"),
        *("test_agent_cases.py", "test_plan_runner.py"),
    }
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        inside = path.relative_to(ROOT / "tests")
        if path.name in own or inside.parts[0] in (
            "browser",
            "clients",
            "dashboard",
            "proxy",
            "compressors",
            "contracts",
            "mcp_wrap",
            "real_clients",
            "stores",
            "tokens",
            "transcripts",
            "wire",
        ):
            continue
        stem = inside.with_name(path.name.removeprefix("test_"))
        mirrored = SOURCE / stem
        assert mirrored.exists() or mirrored.with_suffix("").is_dir(), f"{inside} tests nothing"


def test_the_public_names_are_these():
    assert headroom.__all__ == [
        "CacheAligner",
        "CodeCompressor",
        "Compressed",
        "Crushed",
        "HeadroomError",
        "NotFound",
        "SettingsError",
        "SmartCrusher",
        "StoreError",
        "compress",
        "retrieve",
        "retrieve_tool",
    ]
    for name in headroom.__all__:
        assert getattr(headroom, name).__name__ == name
    assert set(headroom.__all__) <= set(dir(headroom))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        headroom.nothing  # noqa: B018


def test_the_core_imports_no_web_server_no_model_and_no_grammar():
    heavy = "numpy|torch|onnxruntime|starlette|uvicorn|aiohttp|httpx|tree_sitter|mcp|rich|click"
    code = (
        "import sys; from headroom import SmartCrusher, compress;"
        "compress([{'role': 'tool', 'content': '2026-03-01 10:00:00 INFO x\\n' * 99}]);"
        "SmartCrusher().compress([{'a': 1}] * 99); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "headroom.compressors.log" in loaded.stdout
    assert re.findall(rf"(?<!\S)(?:{heavy})(?!\S)", loaded.stdout) == []


def test_the_version_is_said_once():
    said = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert said[1] == headroom.__version__
