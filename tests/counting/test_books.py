"""What is known of a request only beside those before it."""

import threading

import pytest
from exchanges import NOON, exchange

from headroom.billing import Prices
from headroom.caching.busts import Steadiness
from headroom.caching.layout import Layout, Piece, Zone
from headroom.caching.rules import rules_for
from headroom.counting.books import Books, Told
from headroom.counting.record import BUST, EPOCH, Event
from headroom.counting.shown import ShownEdits
from headroom.edits import Edit, Fidelity
from headroom.wire._api import Usage

MODEL = "claude-sonnet-4-5"
BILLED = (Usage(cache_write=2_000, output=9),)


def layout(*names, before=9_000, after=2_000):
    pieces = [
        Piece(Zone.MESSAGES, at, "user", name.encode(), before, after, hash(name))
        for at, name in enumerate(names)
    ]
    pieces[-1] = pieces[-1]._replace(mark="5m", sent_mark="5m")
    return Layout(MODEL, rules_for("anthropic_messages", MODEL), tuple(pieces), True)


def told(*names, legs=BILLED):
    return Told(layout(*names), legs, NOON)


def edit(after="short"):
    return Edit(("m",), "long " * 9, after, "log", Fidelity.RECOVERABLE, (), 36, 3)


@pytest.fixture
def shown(tmp_path):
    made = ShownEdits(tmp_path)
    yield made
    made.close()


def test_a_request_is_completed_with_what_it_would_have_been_billed():
    done = exchange(usage=Usage(cache_write=2_000, output=9))
    completed = Books().completed(done, told("a"))
    assert completed == done._replace(before=Usage(cache_write=9_000, output=9))


def test_where_nothing_was_billed_nothing_would_have_been():
    assert Books().completed(exchange(), told("a", legs=())).before is None


def test_a_lost_cache_is_told_behind_what_else_happened():
    books, epoch = Books(), Event(EPOCH, "older texts made shorter", tokens=5)
    for name in "ab":
        done = books.completed(exchange(events=(epoch,)), told(name, "x", "y"))
    assert done.events == (
        epoch,
        Event(BUST, "an earlier message was rewritten (role user)", tokens=6_000),
    )


def test_sessions_and_projects_are_told_apart():
    books = Books()
    asked = [("shop", "s1"), ("shop", "s2"), ("farm", "s1")]
    for number, (project, session) in enumerate(asked):
        done = exchange(project=project, session=session)
        assert books.completed(done, told(f"{number}", "x", "y")).events == ()


def test_a_session_that_keeps_losing_its_cache_is_unsteady():
    books = Books()
    for name in "abc":
        books.completed(exchange(), told(name, "x", "y"))
    assert books.steadiness("shop", "s1") == Steadiness(ends=False)
    assert books.steadiness("farm", "s1") == Steadiness()


def test_prices_are_the_shipped_ones_or_the_users():
    assert Books().prices.price_of("anthropic", MODEL) is not None
    own = Prices.load({"mine": {"input": 1.0, "output": 2.0}})
    assert Books(own).prices is own


def test_the_edits_of_the_latest_requests_are_kept_to_be_looked_at(shown):
    books = Books(shown=shown)
    books.show([(exchange(name=f"r{number}"), [edit(f"{number}")]) for number in range(9)])
    books.show([(exchange(name="none"), [])])
    books.close()
    kept = [len(shown.of(name)) for name in (*(f"r{number}" for number in range(9)), "none")]
    assert kept == [0, 0, 0, 0, 1, 1, 1, 1, 1, 0]
    assert shown.of("r8")[0].texts() == ("long " * 9, "8")


def test_without_a_place_for_them_edits_are_not_kept():
    books = Books()
    books.show([(exchange(name="r1"), [edit()])])
    books.close()
    assert books.trouble == ""


def test_a_file_that_cannot_be_written_is_told_as_long_as_it_cannot(tmp_path):
    (tmp_path / "home").write_text("in the way")
    books = Books(shown=ShownEdits(tmp_path / "home" / "kept"))
    request = (exchange(name="r1"), [edit()])
    books.show([request])
    assert books.trouble
    (tmp_path / "home").unlink()
    books.show([request])
    assert books.trouble == ""
    books.close()


def test_any_thread_may_ask_whether_a_session_is_steady():
    books, found = Books(), []
    books.completed(exchange(), told("a"))
    asking = threading.Thread(target=lambda: found.append(books.steadiness("shop", "s1").ends))
    asking.start()
    asking.join()
    assert found == [True]
