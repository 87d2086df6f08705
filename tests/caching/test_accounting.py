"""What a request would have been billed as it came, by what it was billed: by hand, and against a
cache that keeps its rules."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import NOON, piece, row

from headroom.caching.accounting import Accounting
from headroom.caching.layout import Zone, sides
from headroom.caching.shadow import Shadow, billed
from headroom.wire._api import Usage

FORMS = ("anthropic_messages", "openai_chat", "gemini")


class Told:
    """Accounting of one process; times are seconds after noon."""

    def __init__(self):
        self.accounting = Accounting()

    def before(self, layout, *legs, at=0.0):
        return self.accounting.before(layout, legs, NOON + at)


def ours(tokens):
    return piece("tool", 0, tokens, digest=b"", zone=Zone.TOOLS)


def test_a_request_that_passed_unchanged_would_have_cost_the_same():
    told = Usage(fresh=100, cache_write=2_000, output=7)
    assert Told().before(row(piece("a", 2_000, mark="5m"), piece("b", 100)), told) == told


def test_what_was_made_short_would_have_been_written_and_then_read():
    one = Told()
    first = row(piece("a", 9_000, 2_000, mark="5m"))
    assert one.before(first, Usage(cache_write=2_000, output=3)) == Usage(
        cache_write=9_000, output=3
    )
    grown = row(piece("a", 9_000, 2_000), piece("b", 1_000, 400, mark="5m"), piece("c", 9))
    told = Usage(fresh=9, cache_read=2_000, cache_write=400, output=5)
    assert one.before(grown, told) == Usage(9, 9_000, 1_000, 5)


def test_our_tool_would_not_have_been_there():
    told = Usage(cache_write=2_500)
    layout = row(ours(500), piece("a", 2_000, mark="5m"))
    assert Told().before(layout, told) == Usage(cache_write=2_000)


def test_what_only_the_provider_counts_stands_on_both_sides():
    """Images and its own words: what we cannot count is in front."""
    told = Usage(fresh=100, cache_write=2_700)
    layout = row(piece("a", 5_000, 2_000, mark="5m"), piece("b", 100))
    assert Told().before(layout, told) == Usage(fresh=100, cache_write=5_700)


def test_what_is_kept_for_an_hour_is_told_apart():
    layout = row(piece("a", 5_000, 2_000, mark="1h"), piece("b", 900, 300, mark="5m"))
    told = Usage(cache_write=2_300, cache_write_long=2_000)
    assert Told().before(layout, told) == Usage(cache_write=5_900, cache_write_long=5_000)


def test_what_was_too_little_to_be_kept_may_have_been_enough():
    layout = row(piece("a", 5_000, 800, mark="5m"))
    assert Told().before(layout, Usage(fresh=800)) == Usage(cache_write=5_000)


def test_a_client_without_breakpoints_would_have_paid_for_all_of_it():
    one = Told()
    told = Usage(cache_write=2_000)
    assert one.before(row(piece("a", 2_000, sent_mark="5m")), told) == Usage(fresh=2_000)
    told = Usage(cache_read=2_000, cache_write=50)
    layout = row(piece("a", 2_000), piece("b", 50, sent_mark="5m"))
    assert one.before(layout, told) == Usage(fresh=2_050)


def test_a_provider_that_has_lost_its_cache_would_have_lost_it_too():
    one = Told()
    layout = row(piece("a", 9_000, 2_000, mark="5m"))
    for _ in range(2):
        assert one.before(layout, Usage(cache_write=2_000)) == Usage(cache_write=9_000)


def test_a_cache_that_others_filled_would_have_been_full_too():
    layout = row(piece("a", 9_000, 2_000, mark="5m"), piece("b", 300, 100, mark="5m"))
    told = Usage(cache_read=2_000, cache_write=100)
    assert Told().before(layout, told) == Usage(cache_read=9_000, cache_write=300)


def test_what_busts_only_the_clients_own_prompt_is_lost_there_alone():
    """Tools that come in another order each time, and go in the same."""
    one = Told()
    a, b, said = piece("a", 1_500), piece("b", 1_500), piece("m", 100, mark="5m")
    told = Usage(cache_write=3_100)
    assert one.before(row(a, b, said), told) == told
    swapped = a._replace(before=0, digest=b""), b, a._replace(after=0, sent=None)
    assert one.before(row(*swapped, said), Usage(cache_read=3_100)) == told


def test_an_upstream_without_a_cache_would_have_had_none():
    layout = row(piece("a", 9_000, 2_000, mark="5m"))
    one = Told()
    for _ in range(2):
        assert one.before(layout, Usage(fresh=2_000, output=4)) == Usage(fresh=9_000, output=4)


def test_the_legs_of_a_retrieval_would_not_have_been_asked():
    layout = row(ours(100), piece("a", 9_000, 2_000, mark="5m"))
    first, second = Usage(cache_write=2_100, output=30), Usage(80, 2_100, 0, 200)
    assert Told().before(layout, first, second) == Usage(cache_write=9_000, output=200)


def test_what_a_provider_writes_unasked_keeps_its_share():
    layout = row(piece("a", 8_000, 2_000), form="openai_chat", model="gpt-5")
    told = Usage(fresh=500, cache_write=1_500, cache_write_long=500)
    assert Told().before(layout, told) == Usage(
        fresh=2_000, cache_write=6_000, cache_write_long=2_000
    )


def test_all_that_is_read_leaves_nothing_to_be_written():
    layout = row(piece("a", 4_096, 2_048), form="openai_chat", model="gpt-5")
    one = Told()
    one.before(layout, Usage(fresh=2_048))
    assert one.before(layout, Usage(cache_read=2_048)) == Usage(cache_read=4_096)


def test_reads_in_steps_are_told_apart_by_the_nearest_piece():
    one = Told()
    layout = row(piece("a", 3_000, 1_500), piece("b", 500, 250), form="openai_chat")
    told = Usage(fresh=1_750 - 1_408, cache_read=1_408)
    assert one.before(layout, told) == Usage(fresh=3_500 - 2_944, cache_read=2_944)


def test_without_any_piece_it_is_what_was_billed():
    told = Usage(50, 10, 20, 5, 20)
    assert Told().before(row(), told, Usage(9, 0, 0, 8)) == Usage(50, 10, 20, 8, 20)


def test_where_ours_is_an_estimate_it_is_held_against_what_the_provider_counts():
    """A provider that counts 1.5 tokens for one of ours, on top of 5,000 of tools."""
    one = Told()
    told = [
        (row(piece("a", 9_000, 3_000), exact=False, form="gemini"), 3_000),
        (row(piece("a", 9_000, 3_000), piece("b", 4_000), exact=False, form="gemini"), 7_000),
    ]
    found = [
        one.before(layout, Usage(fresh=5_000 + ours * 3 // 2), at=90_000 * number).prompt
        for number, (layout, ours) in enumerate(told)
    ]
    assert found == [9_500 + 6_000, 15_500 + 9_000]


class Provider:
    """Answers as the rules say, in tokens of what went, with others before all that we count."""

    def __init__(self, extra):
        self.cache, self.extra = Shadow(), extra

    def bill(self, layout, at):
        side = sides(layout)[1]
        sizes = accumulate(one.after for one in layout.pieces)
        tokens = tuple(self.extra + size for size in sizes)
        hit = self.cache.hit(side, tokens, layout.rules, NOON + at)
        self.cache.write(side, tokens, layout.rules, NOON + at, hit)
        return billed(side, tokens, layout.rules, hit)


TURNS = st.lists(
    st.tuples(
        st.integers(0, 3_000),  # tokens
        st.integers(0, 3_000),  # tokens saved
        st.sampled_from(["", "5m", "1h"]),
        st.sampled_from([1, 200, 301, 4_000]),  # seconds
    ),
    min_size=1,
    max_size=12,
)


def growing(turns, form, shorter):
    """The requests of a session, each with its time: breakpoints move along."""
    at, pieces = 0.0, []
    for number, (tokens, saved, mark, seconds) in enumerate(turns):
        at += seconds
        pieces = [one._replace(mark="", sent_mark="") if number % 3 else one for one in pieces]
        came = tokens + (saved if shorter else 0)
        pieces.append(piece(f"m{number}", came, tokens, mark=mark))
        yield row(*pieces, form=form), at


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60)
@given(turns=TURNS, extra=st.integers(0, 4_000))
def test_a_session_without_edits_would_have_cost_what_it_cost(form, turns, extra):
    provider, one = Provider(extra), Told()
    for layout, at in growing(turns, form, shorter=False):
        told = provider.bill(layout, at)
        assert one.before(layout, told, at=at) == told


def as_it_came(layout):
    pieces = [one._replace(after=one.before, sent=hash(one.digest)) for one in layout.pieces]
    return row(*pieces)


@settings(max_examples=100)
@given(turns=TURNS)
def test_what_a_session_would_have_cost_is_what_it_costs_without_edits(turns):
    """Ours against a second provider, who gets every request as it came."""
    provider, straight, one = Provider(0), Provider(0), Told()
    for layout, at in growing(turns, FORMS[0], shorter=True):
        told = provider.bill(layout, at)
        assert one.before(layout, told, at=at) == straight.bill(as_it_came(layout), at)


def test_what_an_upstream_keeps_by_itself_is_no_saving_of_ours():
    one = Told()
    assert one.before(row(piece("a", 9_000, 2_000)), Usage(fresh=2_000)) == Usage(fresh=9_000)
    grown = row(piece("a", 9_000, 2_000), piece("b", 1_000, 400))
    assert one.before(grown, Usage(fresh=400, cache_read=2_000)) == Usage(1_000, 9_000)
    marked = row(
        piece("a", 9_000, 2_000),
        piece("b", 1_000, 400),
        piece("c", 700, 300)._replace(sent_mark="5m"),
    )
    told = Usage(cache_read=2_400, fresh=300)
    assert one.before(marked, told) == Usage(700, 10_000)


def test_names_of_models_are_the_clients_to_choose_and_few_are_remembered():
    one = Told()
    for number in range(500):
        layout = row(piece(f"a{number}", 2_000), model=f"m{number}", exact=False)
        one.before(layout, Usage(fresh=100, cache_read=1_900))
    held = (one.accounting._scales, one.accounting._by_itself)
    assert [len(names) <= 200 for names in held] == [True, True]
