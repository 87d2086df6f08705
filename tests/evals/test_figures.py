import pytest

from headroom.evals import Content, Figures


def test_nothing_measured_lost_nothing():
    figures = Figures()
    assert (figures.billed_saving, figures.net_saving) == (0.0, 0.0)
    assert (figures.recall, figures.stability, figures.edit_targets) == (1.0, 1.0, 1.0)


def test_shares_come_from_counts():
    figures = Figures(
        billed_before=200.0,
        billed_after=150.0,
        penalty=30.0,
        used=4,
        visible=3,
        followed=10,
        stable=9,
        targets=5,
        present=4,
    )
    assert figures.billed_saving == pytest.approx(0.25)
    assert figures.net_saving == pytest.approx(0.10)
    assert (figures.recall, figures.stability, figures.edit_targets) == (0.75, 0.9, 0.8)


def test_figures_add_up_kind_by_kind():
    first = Figures(turns=2, used=1, contents={"log": Content(1, 100, 10)})
    second = Figures(
        turns=3, used=4, contents={"log": Content(2, 50, 20), "code": Content(1, 9, 9)}
    )
    both = first + second
    assert (both.turns, both.used) == (5, 5)
    assert both.contents == {"log": Content(3, 150, 30), "code": Content(1, 9, 9)}
    assert first.contents == {"log": Content(1, 100, 10)}
