"""The packed tables hold the published files, token for token."""

import base64
import hashlib
import runpy
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from headroom.tokens._tables import ENCODINGS, Table

TOOL = Path(__file__).parents[2] / "tools" / "build_encodings.py"
DATA = TOOL.parents[1] / "src" / "headroom" / "tokens" / "data"


def published(name: str) -> bytes:
    ranks = Table(name).all()
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ordered)


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_published_file_comes_back(name):
    hashes = runpy.run_path(str(TOOL))["PUBLISHED"]
    assert hashlib.sha256(published(name)).hexdigest() == hashes[name]


@pytest.mark.parametrize("name", ENCODINGS)
def test_digits_can_be_counted_without_looking_at_them(name):
    ranks = Table(name).all()
    runs = [b"%0*d" % (size, number) for size in (1, 2, 3) for number in range(10**size)]
    assert all(run in ranks for run in runs)
    digits = frozenset(b"0123456789")
    assert all(digits.issuperset(token) for token in ranks if not digits.isdisjoint(token))


def test_the_tool_packs_the_published_files_again():
    tool = runpy.run_path(str(TOOL))
    tokens = tool["tokens_of"](published("cl100k_base"))
    for part in ("ascii", "other"):
        ours = tool["pack"](tokens, ascii_only=part == "ascii")
        shipped = (DATA / f"cl100k_base.{part}.bin").read_bytes()
        # Another zlib may compress otherwise: what it holds is what counts.
        assert (ours[:4], zlib.decompress(ours[4:])) == (shipped[:4], zlib.decompress(shipped[4:]))


def test_the_tool_refuses_another_file(tmp_path):
    (tmp_path / "o200k_base.tiktoken").write_bytes(b"IQ== 0\n")
    with pytest.raises(SystemExit, match="not the published file"):
        runpy.run_path(str(TOOL))["main"](tmp_path)


def test_ascii_text_is_counted_without_the_regex_module_and_the_other_table():
    code = (
        "import sys; from headroom.tokens import TokenCounter;"
        "TokenCounter().count('plain words, 123 of them\\n' * 9); assert 'regex' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
