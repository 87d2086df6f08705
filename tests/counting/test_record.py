"""What is counted of a request holds none of its text."""

import traceback

import pytest

from headroom.counting import Compression, EditCount
from headroom.counting.record import amount, place_of, text
from headroom.edits import Edit, Fidelity, Reason, Result, Skip


def raised(error):
    try:
        raise error
    except Exception:  # noqa: BLE001 (any error of a compressor)
        return traceback.format_exc()


def edit(compressor, fidelity, before, after):
    return Edit(("messages", 0), "x" * before, "y", compressor, fidelity, (), before, after)


def test_edits_of_a_compressor_are_counted_together_and_skips_by_reason():
    failed = Skip((), Reason.FAILED, raised(KeyError("hunter2")))
    result = Result(
        b"",
        (
            edit("log", Fidelity.RECOVERABLE, 500, 90),
            edit("log", Fidelity.RECOVERABLE, 300, 10),
            edit("log", Fidelity.LOSSLESS, 70, 60),
        ),
        (Skip((), Reason.TOO_SMALL), failed, Skip((), Reason.TOO_SMALL)),
        tokens_before=1_000,
        tokens_after=290,
        exact=False,
    )
    found = Compression.of(result)
    assert found.edits == (
        EditCount("log", "recoverable", 800, 100, 2),
        EditCount("log", "lossless", 70, 60, 1),
    )
    assert found.skips == {"too_small": 2, "failed": 1}
    assert (found.tokens_before, found.tokens_after, found.exact) == (1_000, 290, False)
    assert (found.failures, found.late) == (1, 0)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("s3cr3t"),
        ValueError(
            'a\nTraceback (most recent call last):\n  File "s3cr3t", line 1\ns3cr3t: s3cr3t'
        ),
        ValueError("s3cr3t\ns3cr3t"),
        OSError("s3cr3t"),
    ],
)
def test_of_a_failure_only_its_type_and_place_are_kept(error):
    said = place_of(raised(error))
    assert "s3cr3t" not in said
    assert said.startswith(f"{type(error).__name__} at ")


def test_the_place_of_a_failure_is_where_it_was_raised():
    kind, _, place = place_of(raised(KeyError("x"))).partition(" at ")
    assert kind == "KeyError"
    assert place.rpartition(":")[0].endswith("test_record.py")
    inside = 'Traceback (most recent call last):\n  File "/opt/x/headroom/a/b.py", line 9, in f\n    f()\nKeyError'
    assert place_of(inside) == "KeyError at a/b.py:9"


@pytest.mark.parametrize("said", ["", "late", "no traceback at all: s3cr3t"])
def test_a_failure_without_a_traceback_is_a_failure(said):
    assert place_of(said) == "failure"


def test_a_text_from_outside_is_cut_to_what_a_row_holds():
    assert text("gpt-5") == "gpt-5"
    assert text("\ud800") == "?"
    assert len(text("é" * 10_000)) == 200


@pytest.mark.parametrize(
    ("said", "held"), [(5, 5), (-5, 0), (10**30, 10**12), (None, 0), ("7", 0), (1.5, 0)]
)
def test_an_amount_from_outside_is_one_that_can_be_added(said, held):
    assert amount(said) == held
