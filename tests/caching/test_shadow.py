"""A cache followed by hand: what is read, what is written, what is forgotten."""

from itertools import accumulate

import pytest
from layouts import NOON, piece, row

from headroom.caching.layout import sides
from headroom.caching.rules import rules_for
from headroom.caching.shadow import Shadow, billed
from headroom.wire._api import Usage

CLAUDE = rules_for("anthropic_messages", "claude-sonnet-4-5")
GPT = rules_for("openai_chat", "gpt-5")


class Cache:
    """A shadow, asked one request after the other."""

    def __init__(self, form="anthropic_messages"):
        self.shadow, self.form = Shadow(), form

    def asked(self, *pieces, at=0.0):
        """How a request of these pieces is billed so many seconds after noon."""
        layout = row(*pieces, form=self.form)
        side, rules = sides(layout)[0], layout.rules
        tokens = tuple(accumulate(one.before for one in pieces))
        hit = self.shadow.hit(side, tokens, rules, NOON + at)
        self.shadow.write(side, tokens, rules, NOON + at, hit)
        return billed(side, tokens, rules, hit)


def test_what_stands_before_a_breakpoint_is_written_then_read():
    cache = Cache()
    first = piece("a", 2_000, mark="5m"), piece("b", 10)
    assert cache.asked(*first) == Usage(fresh=10, cache_write=2_000)
    assert cache.asked(*first) == Usage(fresh=10, cache_read=2_000)


def test_only_what_is_new_is_written_where_breakpoints_move():
    cache = Cache()
    cache.asked(piece("a", 2_000, mark="5m"))
    grown = cache.asked(piece("a", 2_000), piece("b", 500, mark="5m"), piece("c", 7))
    assert grown == Usage(fresh=7, cache_read=2_000, cache_write=500)


def test_without_a_breakpoint_nothing_is_read_or_written():
    cache = Cache()
    cache.asked(piece("a", 2_000, mark="5m"))
    assert cache.asked(piece("a", 2_000)) == Usage(fresh=2_000)


def test_five_minutes_after_the_last_use_it_is_gone():
    cache = Cache()
    reads = [
        cache.asked(piece("a", 2_000, mark="5m"), at=at).cache_read for at in (0, 300, 599, 900)
    ]
    assert reads == [0, 2_000, 2_000, 0]


def test_what_is_kept_for_an_hour_stays_so_when_a_short_breakpoint_reads_it():
    cache = Cache()
    first = cache.asked(piece("a", 2_000, mark="1h"), piece("b", 500, mark="5m"))
    assert first == Usage(cache_write=2_500, cache_write_long=2_000)
    assert cache.asked(piece("a", 2_000), piece("c", 9, mark="5m"), at=3_000) == Usage(
        cache_read=2_000, cache_write=9
    )
    assert cache.asked(piece("a", 2_000, mark="5m"), at=6_500).cache_read == 2_000


def test_too_little_is_neither_written_nor_read():
    cache = Cache()
    for _ in range(2):
        assert cache.asked(piece("a", 1_023, mark="5m"), piece("b", 5)) == Usage(fresh=1_028)


@pytest.mark.parametrize(("between", "read"), [(19, 2_000), (20, 0)])
def test_an_entry_is_found_at_most_twenty_pieces_back(between, read):
    cache = Cache()
    cache.asked(piece("a", 2_000, mark="5m"))
    more = [piece(f"m{number}", 10) for number in range(between - 1)]
    assert cache.asked(piece("a", 2_000), *more, piece("z", 10, mark="5m")).cache_read == read


def test_what_one_session_wrote_another_reads():
    cache = Cache()
    cache.asked(piece("system", 2_000, mark="5m"), piece("a", 10, mark="5m"))
    assert cache.asked(piece("system", 2_000, mark="5m"), piece("b", 10, mark="5m")) == Usage(
        cache_read=2_000, cache_write=10
    )


def test_without_breakpoints_the_longest_beginning_is_read_in_steps():
    cache = Cache("openai_chat")
    assert cache.asked(piece("a", 1_000), piece("b", 300)) == Usage(fresh=1_300)
    assert cache.asked(piece("a", 1_000), piece("c", 500)) == Usage(fresh=1_500)
    assert cache.asked(piece("a", 1_000), piece("b", 300), piece("d", 5)) == Usage(25, 1_280)


def test_the_least_used_is_forgotten_first():
    cache = Cache("openai_chat")
    one, two = piece("one", 2_000), piece("two", 2_000)
    for each in (one, two, one):
        cache.asked(each)
    cache.asked(*(piece(f"m{number}", 2_000) for number in range(19_999)))
    assert cache.asked(one).cache_read == 1_920
    assert cache.asked(two).cache_read == 0


def test_an_empty_request_costs_nothing():
    side = sides(row())[0]
    assert billed(side, (), CLAUDE, 0) == billed(side, (), GPT, 0) == Usage()
    assert Shadow().hit(side, (), CLAUDE, NOON) == 0
