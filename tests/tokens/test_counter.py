"""Counts are those of tiktoken, built from the same published tables and patterns."""

from __future__ import annotations

import base64
import json
import random
import threading
import unicodedata

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from headroom.errors import SettingsError
from headroom.tokens import Count, TokenCounter, _encoding, counter_for, estimate
from headroom.tokens._tables import ENCODINGS, Ranks


@pytest.fixture(scope="module")
def oracles() -> dict[str, tiktoken.Encoding]:
    loader = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = lambda url, **_: dict(
        Ranks(url.split("/")[-1].split(".")[0]).tokens()
    )
    try:
        return {name: tiktoken.Encoding(**getattr(openai_public, name)()) for name in ENCODINGS}
    finally:
        openai_public.load_tiktoken_bpe = loader


def agree(oracles: dict[str, tiktoken.Encoding], text: str) -> None:
    for name, oracle in oracles.items():
        expected = oracle.encode_ordinary(text)
        assert TokenCounter(name).measure(text) == Count(len(expected), exact=True), name


# Characters that the Unicode versions of Python, `regex` and tiktoken all know. Letters that
# only a newer version knows are split otherwise until tiktoken learns them too.
KNOWN = st.characters(exclude_categories=("Cs", "Cn"), max_codepoint=0x1DEFF)
EXAMPLES = settings(max_examples=400, deadline=None)


@EXAMPLES
@given(text=st.text(KNOWN))
def test_any_text(oracles, text):
    agree(oracles, text)


SPACES = [
    " ",
    "  ",
    "    ",
    " " * 7,
    " " * 33,
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\x0b",
    "\x0c",
    "\x1c",
    "\0",
]
MARKS = ["'", "'s", "'LL", "'Ve", "/", "//", *'.,{}"_-:', "<|endoftext|>"]
WORDS = ["a", "B", "the", "Foo", "HTTPServer", "camelCase", "1", "12", "1234", "0x1F", "don't"]
OTHERS = [*"é\u0301ſ\xa0\u3000\u2028\x85½٣😀ǅʰİ", "中文", "'ſ"]
SOUP = st.lists(st.sampled_from([*SPACES, *MARKS, *WORDS, *OTHERS]), max_size=25).map("".join)


@settings(max_examples=1500, deadline=None)
@given(text=SOUP)
def test_soup_of_spaces_marks_and_words(oracles, text):
    agree(oracles, text)


@EXAMPLES
@given(text=st.text(st.sampled_from(" \n\r\t\x0b\x0c'/aB1.\xa0"), max_size=40))
def test_spaces_in_every_order(oracles, text):
    agree(oracles, text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(KNOWN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(KNOWN), inner),
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_json(oracles, value, indent, ascii_only):
    agree(oracles, json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    agree(oracles, json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only))


@pytest.mark.parametrize("module", [json.decoder, unicodedata, threading, random, _encoding])
def test_code(oracles, module):
    if getattr(module, "__file__", "").endswith(".py"):
        with open(module.__file__, encoding="utf-8") as file:
            agree(oracles, file.read())


@pytest.mark.parametrize("kind", ["base64", "hex", "log", "chinese", "letters", "dashes"])
def test_long_texts(oracles, kind):
    chance = random.Random(7)
    text = {
        "base64": lambda: base64.b64encode(chance.randbytes(30_000)).decode(),
        "hex": lambda: chance.randbytes(20_000).hex(),
        "log": lambda: "\n".join(
            f"2026-01-02T10:00:{number % 60:02} INFO  worker-{number % 7} id={chance.randbytes(6).hex()}"
            f" took {chance.random():.3f}s path=/api/v{number % 3}/users/{number}"
            for number in range(1500)
        ),
        "chinese": lambda: "".join(
            chance.choice("中文文本测试,这是一个例子。日志") for _ in range(4000)
        ),
        "letters": lambda: " ".join(
            "".join(chance.choices("abcdeXYZ", k=size)) for size in range(90, 300)
        ),
        "dashes": lambda: "-" * 1999 + " " + "=" * 300 + "\n" * 1600 + "x" + " " * 1999,
    }[kind]()
    agree(oracles, text)


def test_texts_beyond_the_cache_are_counted_alike(oracles, monkeypatch):
    monkeypatch.setattr(_encoding, "_KEPT", 5)
    agree(
        oracles, "\n".join(f"{chr(97 + n % 26) * (n % 9)} {chr(65 + n % 26)}" for n in range(500))
    )


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udfffb", "\ud83d\ude00 \ud83d", "x" * 100 + "\udc80"]
)
def test_a_lone_surrogate_counts_as_its_replacement(oracles, text):
    replaced = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for name, oracle in oracles.items():
        assert TokenCounter(name).count(text) == len(oracle.encode_ordinary(replaced))


@pytest.mark.parametrize("text", ["a", " ", "A", "!", "\n", " \n", "'", "é", "中", "\u0301", "ab'"])
def test_hostile_runs_are_estimated(text):
    for name in ENCODINGS:
        count = TokenCounter(name).measure(text * 1_000_000)
        assert 0 < count.tokens < 3_000_001
    assert not TokenCounter().measure("a" * 2001).exact
    assert TokenCounter().measure("a" * 2000).exact


def test_an_estimate_of_a_long_piece_is_near(oracles):
    chance = random.Random(5)
    text = "".join(chance.choices("abcdefghijklmnop", k=40_000))
    count = TokenCounter().measure(text)
    expected = len(oracles["o200k_base"].encode_ordinary(text))
    assert not count.exact
    assert abs(count.tokens - expected) < expected * 0.05


def test_a_new_encoding_counts_texts_beyond_ascii(oracles):
    for text in ("über", "naïve — 中文"):
        expected = len(oracles["o200k_base"].encode_ordinary(text))
        assert _encoding.Encoding("o200k_base").measure(text).tokens == expected


def test_a_very_large_text_is_sampled(monkeypatch):
    text = "".join(f"line {number} of the log says {number % 13}\n" for number in range(20_000))
    exact = TokenCounter().measure(text)
    monkeypatch.setattr(_encoding, "LARGE", 100_000)
    monkeypatch.setattr(_encoding, "_SAMPLE", 5_000)
    sampled = TokenCounter().measure(text)
    assert exact.exact
    assert not sampled.exact
    assert abs(sampled.tokens - exact.tokens) < exact.tokens * 0.02


def test_threads_count_alike():
    texts = [f"thread text {number} — {number * 7919}" * 50 for number in range(40)]
    expected = [TokenCounter().count(text) for text in texts]
    results: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: results.append([TokenCounter().count(t) for t in texts]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_an_unknown_encoding_is_refused():
    with pytest.raises(SettingsError, match="o200k_base, cl100k_base"):
        TokenCounter("gpt2")
    with pytest.raises(SettingsError, match="o200k_base, cl100k_base"):
        Ranks("gpt2")


@pytest.mark.parametrize(
    ("model", "encoding", "exact"),
    [
        ("gpt-4o-mini", "o200k_base", True),
        ("gpt-4.1", "o200k_base", True),
        ("openai/gpt-5.2-codex", "o200k_base", True),
        ("codex-mini-latest", "o200k_base", True),
        ("o3-mini", "o200k_base", True),
        ("ft:gpt-4o-2024-08-06:org::id", "o200k_base", True),
        ("chatgpt-4o-latest", "o200k_base", True),
        ("GPT-4-turbo", "cl100k_base", True),
        ("azure/gpt-35-turbo", "cl100k_base", True),
        ("text-embedding-3-small", "cl100k_base", True),
        ("claude-sonnet-4-5", "o200k_base", False),
        ("gemini/gemini-3-pro", "o200k_base", False),
        ("openrouter/anthropic/claude-opus-4", "o200k_base", False),
        ("olmo-3", "o200k_base", False),
        ("", "o200k_base", False),
    ],
)
def test_a_model_has_its_encoding(model, encoding, exact):
    counter = counter_for(model)
    assert (counter.name, counter.exact) == (encoding, exact)
    assert counter.measure("some text") == Count(2, exact=exact)
    assert counter.count("some text") == 2


def test_the_estimate_needs_no_table_and_is_near():
    assert estimate("") == 0
    assert estimate("a") == 1
    assert estimate("\ud800") >= 1
    with open(json.decoder.__file__, encoding="utf-8") as file:
        code = file.read()
    assert abs(estimate(code) - TokenCounter().count(code)) < 0.2 * TokenCounter().count(code)
