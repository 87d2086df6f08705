import itertools

from hypothesis import given
from hypothesis import strategies as st

from headroom.plans import change
from headroom.plans.undoing import Undo, difference, former, undone

TEXTS = st.text("ab€\n{", max_size=12)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_changes_are_undone_one_after_the_other(texts: list[str]) -> None:
    states = [text.encode() for text in texts]
    undos = [difference(old, new) for old, new in itertools.pairwise(states)]
    assert undone(states[-1], undos) == states[0]


@given(TEXTS, TEXTS, TEXTS)
def test_what_was_put_in_between_leaves_nothing_to_keep(head: str, new: str, tail: str) -> None:
    before, after = f"{head}{tail}", f"{head}{new}{tail}"
    assert difference(before.encode(), after.encode()).old == ""


def test_only_what_was_taken_out_is_kept() -> None:
    assert difference(b'{"key": "secret", "url": "x"}', b'{"key": "secret", "url": "y"}') == Undo(
        start=26, length=1, old="x"
    )


def test_of_what_stood_before_only_our_keys_are_kept() -> None:
    said = {"env": {"URL": "old", "SECRET": "s"}, "hooks": {"Start": ["ours", "theirs"]}, "x": 1}
    changes = (
        change("env", "URL", to="new"),
        change("env", "NEW", to=1),
        change("hooks", "Start", to="ours", append=True),
        change("servers", "ours", to={}),
        change("x", "below", to=1),
    )
    assert former(said, changes) == {"env": {"URL": "old"}, "hooks": {"Start": ["ours"]}}
    assert former(None, changes) == {}
