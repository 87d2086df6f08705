"""The packed tables hold the published files, token for token."""

import base64
import hashlib
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from headroom.tokens import _tables
from headroom.tokens._tables import ENCODINGS, NO_TOKEN, Ranks

TOOL = Path(__file__).parents[2] / "tools" / "build_encodings.py"
DATA = TOOL.parents[1] / "src" / "headroom" / "tokens" / "data"


def published(name: str) -> bytes:
    ordered = sorted(Ranks(name).tokens(), key=lambda item: item[1])
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ordered)


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_published_file_comes_back(name):
    hashes = runpy.run_path(str(TOOL))["PUBLISHED"]
    assert hashlib.sha256(published(name)).hexdigest() == hashes[name]


@pytest.mark.parametrize("name", ENCODINGS)
def test_digits_can_be_counted_without_looking_at_them(name):
    ranks = dict(Ranks(name).tokens())
    runs = [b"%0*d" % (size, number) for size in (1, 2, 3) for number in range(10**size)]
    assert all(run in ranks for run in runs)
    digits = frozenset(b"0123456789")
    assert all(digits.issuperset(token) for token in ranks if not digits.isdisjoint(token))


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_token_has_its_rank_and_nothing_else_has_one(name):
    ranks = Ranks(name)
    tokens = dict(ranks.tokens())
    assert all(ranks[token] == rank for token, rank in tokens.items())
    halves = {token[: len(token) // 2] for token in tokens if len(token) > 1}
    longer = {token + b"x" for token in tokens}
    others = (halves | longer) - tokens.keys()
    assert others
    assert all(ranks[other] == NO_TOKEN for other in others)


def test_ranks_stay_the_same_while_old_ones_are_forgotten(monkeypatch):
    monkeypatch.setattr(_tables, "_KEPT", 3)
    ranks = Ranks("o200k_base")
    tokens = dict(list(ranks.tokens())[:200])
    assert [ranks[token] for token in [*tokens, *tokens]] == [*tokens.values(), *tokens.values()]
    assert len(ranks) <= 3


def test_a_long_piece_is_not_kept():
    ranks = Ranks("o200k_base")
    assert ranks[b"a" * 1_000_000] == NO_TOKEN
    assert len(ranks) == 0


def test_the_tool_packs_the_published_files_again():
    tool = runpy.run_path(str(TOOL))
    tokens = tool["tokens_of"](published("cl100k_base"))
    assert tool["pack"](tokens) == (DATA / "cl100k_base.bin").read_bytes()


def test_the_tool_refuses_another_file(tmp_path):
    (tmp_path / "o200k_base.tiktoken").write_bytes(b"IQ== 0\n")
    with pytest.raises(SystemExit, match="not the published file"):
        runpy.run_path(str(TOOL))["main"](tmp_path)


def test_ascii_text_is_counted_without_the_regex_module():
    code = (
        "import sys; from headroom.tokens import TokenCounter;"
        "TokenCounter().count('plain words, 123 of them\\n' * 9); assert 'regex' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
