"""What a setting's value may be."""

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.errors import SettingsError
from headroom.settings import kinds

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.text()),
)
KINDS = {
    "number": kinds.number(),
    "share": kinds.share(),
    "price": kinds.price(),
    "whole": kinds.whole(1, 9),
    "word": kinds.word(("one", "two")),
    "switch": kinds.switch(),
    "url": kinds.url(),
    "host": kinds.host(),
    "hosts": kinds.hosts(),
    "region": kinds.region(),
    "token": kinds.token(),
    "text": kinds.text(),
}


@contextmanager
def taken_or_refused(at):
    said = f"{at} must be "
    try:
        yield
    except SettingsError as refused:
        said = str(refused)
    assert said.startswith(f"{at} must be ")


@pytest.mark.parametrize("name", KINDS)
@given(said=ANYTHING)
def test_any_value_is_taken_or_refused_with_its_place(name, said):
    with taken_or_refused(at="the place"):
        KINDS[name].read(said, "the place")


@pytest.mark.parametrize("name", KINDS)
@given(said=st.text())
def test_any_text_of_a_variable_is_taken_or_refused_with_its_name(name, said):
    with taken_or_refused(at="NAME"):
        KINDS[name].read_text(said, "NAME")


@pytest.mark.parametrize(
    "said",
    ["http://localhost:4000", "https://a.example/api/v1", "http://[::1]:80", "HTTPS://A.example"],
)
def test_a_base_url_stays_as_it_is_but_for_the_slash_at_its_end(said):
    assert kinds.url().read(f"{said}/", "x") == said


@pytest.mark.parametrize(
    "said",
    [
        "ftp://a.example",
        "https://",
        "https:///path",
        "https://user@a.example",
        "https://a.example?key=1",
        "https://a.example#x",
        "https://a.example:99999",
        "https://a.example/\r\nx: y",
        "https://a example",
        "http://[::1",
    ],
)
def test_what_is_no_base_url_is_refused(said):
    with pytest.raises(SettingsError):
        kinds.url().read(said, "x")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("true", True), ("Yes", True), ("on", True), ("1", True), ("no", False), ("0", False)],
)
def test_a_switch_is_said_in_words(said, meant):
    assert kinds.switch().read_text(said, "X") is meant


def test_host_names_are_split_at_commas_and_made_small():
    assert kinds.hosts().read_text("Box.local, ::1,,b", "X") == ("box.local", "::1", "b")


@pytest.mark.parametrize("said", [0, 0.1, 0.999])
def test_a_share_is_less_than_one(said):
    assert kinds.share().read(said, "X") == said
    assert kinds.share().read_text(str(said), "X") == said


@pytest.mark.parametrize("said", [1, -0.1, True, False, "0.5", float("nan"), float("inf")])
def test_what_is_no_share_is_refused(said):
    with pytest.raises(SettingsError, match="X must be a number from 0 to less than 1, not "):
        kinds.share().read(said, "X")


@pytest.mark.parametrize("said", [0, 0.075, 3, 1e6])
def test_a_price_may_be_nothing(said):
    assert kinds.price().read(said, "X") == said


@pytest.mark.parametrize("said", [-1, 1e7, True, "3", None, float("nan")])
def test_what_is_no_price_is_refused(said):
    with pytest.raises(SettingsError, match="X must be dollars for a million tokens"):
        kinds.price().read(said, "X")
