"""What every registered compressor must do: golden cases, and the contract on any text."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.compressors import Sample, built_in
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, PRESETS, SAFE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent.parent / "cases" / "compressors"
COMPRESSORS = {compressor.name: compressor for compressor in built_in()}
REF = "abcdefgh"

EACH = pytest.mark.parametrize("compressor", built_in(), ids=lambda compressor: compressor.name)


def found():
    return sorted(path.parent for path in CASES.glob("*/*/case.toml"))


def test_compressors_on_demand_load_with_their_first_use():
    code = (
        "import sys; from headroom.compressors import Sample, on_demand;"
        "diff, listing = on_demand('diff', 'listing'); diff.score(Sample('text'));"
        "print([f'headroom.compressors.{name}' in sys.modules for name in ('diff', 'listing')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[True, False]\n"


def test_every_compressor_has_cases():
    assert {case.parent.name for case in found()} == set(COMPRESSORS)


@pytest.mark.parametrize("case", found(), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_golden_case_reads_as_it_did(case, request):
    about = tomllib.loads((case / "case.toml").read_text("utf-8"))
    text = (case / "input.txt").read_bytes().decode("utf-8")
    sample = Sample(
        text, about.get("tool", ""), about.get("source", ""), about.get("query", ""), REF
    )
    compressor = COMPRESSORS[case.parent.name]
    proposal = compressor.compress(sample, PRESETS[about.get("policy", "balanced")])
    expected = case / "expected.txt"
    if request.config.getoption("--update"):
        expected.write_bytes(proposal.text.encode("utf-8"))
    assert proposal.text == expected.read_bytes().decode("utf-8")
    assert compressor.may_gain(sample, PRESETS[about.get("policy", "balanced")])
    assert 0 <= compressor.score(sample) <= compressor.surest
    assert len(proposal.text) < len(text)


WORDS = st.sampled_from(
    ["ERROR", "INFO", "2026-03-01 10:00:00", "{", "}", "[", "]", '"a":', "1", "null", ",", "\t", "\r", " ",
     "x=1", "at f(a.py:3)", "\x1b[31m", "[… 3 lines omitted · headroom_retrieve(\"abcdefgh\")]", "\ud800"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=60).map("\n".join),
)


@EACH
@settings(max_examples=150)
@given(text=TEXTS, query=st.sampled_from(["", "ERROR", "what is x=1?"]))
def test_any_text_is_taken_or_left_and_always_alike(compressor, text, query):
    sample = Sample(text, query=query, ref=REF)
    assert compressor.score(sample) <= compressor.surest
    for policy in (SAFE, BALANCED, AGGRESSIVE):
        proposal = compressor.compress(sample, policy)
        (fresh,) = built_in(compressor.name)
        again = fresh.compress(sample, policy)
        assert proposal == again
        if proposal is None:
            continue
        assert compressor.may_gain(replace(sample, ref=""), policy)
        assert proposal.fidelity is Fidelity.LOSSLESS or policy.omit
        if proposal.fidelity is Fidelity.RECOVERABLE:
            assert REF in {marker.ref for marker in omissions(proposal.text)}


HOSTILE = {
    "empty": "",
    "one long line": "x" * 3_000_000,
    "only newlines": "\n" * 300_000,
    "only spaces": " " * 1_000_000,
    "deep lists": "[" * 300_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "digits": "9" * 1_000_000,
    "a huge integer": '[{"a": ' + "9" * 50_000 + "}]",
    "not a number": '[{"a": NaN}, {"a": Infinity}, {"a": -Infinity}, {"a": 1e999}]' * 3,
    "keys said twice": '[{"a": 1, "a": 2}, {"a": 3, "a": 4}]',
    "lone surrogates": '[{"a": "\ud800"}, {"a": "\udfff"}]' + "\ud800" * 100,
    "escaped surrogates": '[{"a": "\\ud800"}, {"a": "\\udfff"}]',
    "zeros": "\0" * 100_000,
    "escapes": "\x1b[31m" * 50_000,
    "carriage returns": "progress 10%\r" * 50_000,
    "regex bait": "a" * 50_000 + "!" + "(a+)+" * 1_000,
    "quotes": '"' * 200_000,
    "backslashes": "\\" * 200_000,
    "brackets": "[{" * 50_000 + "}]" * 50_000,
    "markers": '[… 3 lines omitted · headroom_retrieve("abcdefgh")]\n' * 2_000,
    "equal lines": "2026-03-01 10:00:00 INFO the same line\n" * 100_000,
    "words": "lorem ipsum " * 100_000,
    "timestamps": "2026-03-01 10:00:00 " * 20_000,
    "key values": "key=value " * 50_000,
}


@EACH
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_raise_nothing(compressor, name):
    text = HOSTILE[name]
    sample = Sample(text, query=text[:200], ref=REF)
    compressor.score(sample)
    proposal = compressor.compress(sample, AGGRESSIVE)
    assert proposal is None or isinstance(proposal.text, str)
