import json

import pytest

from headroom import shortened

CUT = "Warning: truncated output (original token count: 11711)\nTotal output lines: 1422\n\nfirst"


@pytest.mark.parametrize(
    "text",
    [
        "<persisted-output>\nOutput too large (164.9KB). Full output saved to: a.txt\n",
        "Shell output was automatically compacted. Compacted output below.\nx",
    ],
)
def test_what_stands_for_a_text_that_the_client_put_away_is_recognised(text):
    assert shortened.is_replaced(text)
    assert not shortened.is_replaced("x\n" * 400 + text), "further down it is a quotation"


@pytest.mark.parametrize(
    "text",
    [
        CUT,
        f"Chunk ID: 440cd6\nWall time: 0.0 seconds\nProcess exited with code 0\nOutput:\n{CUT}",
        json.dumps({"chunk_id": "440cd6", "output": CUT}),
        json.dumps({"output": f"\n{CUT}"}),
    ],
)
def test_a_text_without_its_middle_is_recognised(text):
    assert shortened.is_cut(text)
    assert not shortened.is_cut("x\n" * 400 + text), "further down it is a quotation"


def test_other_texts_are_not():
    for text in ("", "a log\nWarning: truncated output\n", "compacted by hand"):
        assert not shortened.is_cut(text)
        assert not shortened.is_replaced(text)
