"""Code on its own, shortened to what its caller named."""

import pytest

from headroom import CodeCompressor, SettingsError, retrieve
from headroom.tokens import TokenCounter

COUNT = TokenCounter().count
CODE = "\n\n".join(
    "\n".join(
        [f"def step_{n}(value):", *[f"    value = change_{n}(value, {row})" for row in range(12)]]
    )
    for n in range(40)
)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_code_comes_down_to_the_budget_and_no_further(share):
    budget = int(share * COUNT(CODE))
    crushed = CodeCompressor(language="python", budget=budget).compress(CODE)
    assert 0.8 * budget < crushed.compressed_tokens < 1.1 * budget
    assert retrieve(crushed.ref) == CODE


def test_without_a_budget_code_comes_down_to_a_third():
    crushed = CodeCompressor().compress(CODE)
    assert 0.27 < crushed.compressed_tokens / crushed.original_tokens < 0.37


def test_code_within_its_budget_stays_as_it_is():
    crushed = CodeCompressor(budget=COUNT(CODE)).compress(CODE)
    assert (crushed.text, crushed.ref) == (CODE, "")


def test_what_the_question_names_stays_whole():
    crushed = CodeCompressor().compress(CODE, query="what does step_7 do?")
    assert all(f"change_7(value, {row})" in crushed.text for row in range(12))


def test_an_unknown_language_is_refused():
    with pytest.raises(SettingsError, match="unknown language"):
        CodeCompressor(language="klingon")
