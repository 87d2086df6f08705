"""What every store promises, run on each of them."""

import hashlib
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headroom.errors import NotFound, SettingsError
from headroom.stores import Retention
from headroom.stores._naming import free_ref

FUNCTION_FIXTURE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)


@FUNCTION_FIXTURE
@given(originals=st.lists(st.binary(max_size=400) | st.binary(max_size=3).map(lambda b: b * 9000)))
def test_any_bytes_come_back(make_store, originals):
    store = make_store()
    refs = store.put(originals)
    assert [store.get(ref) for ref in refs] == originals
    assert store.verify().clean


def test_the_same_content_has_the_same_ref(make_store):
    store = make_store()
    first, second, again = store.put([b"one", b"two", b"one"])
    assert first == again != second
    assert store.put([b"two"]) == [second]
    assert store.stats().originals == 2


def test_a_ref_is_known_before_the_put_and_is_a_prefix_of_the_hash(make_store):
    store = make_store()
    expected = store.ref(b"content")
    assert store.put([b"content"]) == [expected]
    assert re.fullmatch("[a-z2-7]{8}", expected)
    assert store.ref(b"content") == expected


def test_a_ref_is_taken_as_a_model_may_write_it(make_store):
    store = make_store()
    (ref,) = store.put([b"content"])
    assert store.get(f' "{ref.upper()}" ') == b"content"


def test_nothing_to_put_is_no_error(make_store):
    assert make_store().put([]) == []


def colliding(content: bytes) -> bytes:
    """Digests that agree in their first 45 bits, which are 9 characters of a ref."""
    return b"\0" * 6 + hashlib.sha256(content).digest()[:26]


def test_refs_that_would_collide_grow_longer(make_store):
    store = make_store(digest=colliding)
    originals = [b"a", b"b", b"c"]
    refs = store.put(originals)
    assert len(refs[0]) == 8
    assert len(set(refs)) == 3
    assert all(len(ref) > 8 for ref in refs[1:])
    assert [store.get(ref) for ref in refs] == originals
    assert store.put(originals) == refs
    assert [store.ref(each) for each in originals] == refs


def test_a_purged_ref_never_brings_back_another_original(make_store):
    store = make_store(digest=colliding)
    (first,) = store.put([b"a"])
    store.purge(refs=[first])
    (second,) = store.put([b"b"])
    assert second != first
    with pytest.raises(NotFound, match="purged"):
        store.get(first)
    assert store.put([b"a"]) == [first]
    assert store.get(first) == b"a"


def test_a_ref_is_the_whole_hash_when_no_prefix_is_free():
    digest = hashlib.sha256(b"x").digest()
    taken = free_ref(digest, lambda ref: b"another" if len(ref) < 52 else None)
    assert len(taken) == 52


def test_what_was_never_stored_is_said_to_be_so(make_store):
    with pytest.raises(NotFound, match="never stored here"):
        make_store().get("aaaaaaaa")


def test_originals_go_by_age_and_the_text_says_when_and_why(make_store, clock):
    store = make_store(retention=Retention(days=30))
    (old,) = store.put([b"old"])
    clock.forward(days=20)
    (young,) = store.put([b"young"])
    clock.forward(days=11)
    (newest,) = store.put([b"newest"])
    assert store.get(young) == b"young"
    assert store.get(newest) == b"newest"
    with pytest.raises(NotFound, match=r"purged on 2026-12-19 by the retention policy \(30 days\)"):
        store.get(old)


def test_reading_keeps_an_original_alive(make_store, clock):
    store = make_store(retention=Retention(days=30))
    (ref,) = store.put([b"read every now and then"])
    for number in range(4):
        clock.forward(days=20)
        assert store.get(ref) == b"read every now and then"
        store.put([b"%d" % number])


def test_putting_again_keeps_an_original_alive(make_store, clock):
    store = make_store(retention=Retention(days=30))
    (ref,) = store.put([b"again"])
    for _ in range(4):
        clock.forward(days=20)
        assert store.put([b"again"]) == [ref]


def noise(seed: int, size: int = 40_000) -> bytes:
    return hashlib.shake_256(b"%d" % seed).digest(size)


def test_originals_go_by_size_least_recently_read_first(make_store, clock):
    store = make_store(retention=Retention(max_bytes=400_000))
    first, second = store.put([noise(1), noise(2)])
    clock.forward(days=1)
    assert store.get(first) == noise(1)
    clock.forward(days=1)
    store.put([noise(seed) for seed in range(3, 12)])
    with pytest.raises(NotFound, match=r"the retention policy \(0.0004 GB\)"):
        store.get(second)
    # What was put within the hour stays, whatever its size: its markers are being handed out.
    assert [entry.size for entry in store.entries() if entry.stored == clock()] == [40_000] * 9


def test_nothing_that_was_put_within_the_hour_is_purged(make_store, clock):
    store = make_store(retention=Retention(days=0, max_bytes=0))
    refs = [store.put([noise(seed)])[0] for seed in range(5)]
    clock.forward(hours=1)
    refs += store.put([noise(9)])
    assert all(store.get(ref) for ref in refs)


def test_purge_by_ref_age_and_all(make_store, clock):
    store = make_store()
    one, two = store.put([b"1", b"2"])
    assert store.purge(refs=[one, one, "aaaaaaaa"]) == 1
    with pytest.raises(NotFound, match=r"purged on .* by its owner"):
        store.get(one)
    clock.forward(days=2)
    store.put([b"3"])
    assert store.purge(older_than=86_400) == 1
    assert store.purge(everything=True) == 1
    assert store.stats().originals == 0
    with pytest.raises(NotFound, match="purged"):
        store.get(two)


@pytest.mark.parametrize("chosen", [{}, {"refs": ["a"], "everything": True}])
def test_purge_wants_exactly_one_choice(make_store, chosen):
    with pytest.raises(SettingsError, match="one of"):
        make_store().purge(**chosen)


def test_stats_and_entries_show_what_is_kept(make_store, clock):
    store = make_store()
    assert (store.stats().originals, store.stats().oldest) == (0, None)
    start = clock()
    (older,) = store.put([b"x" * 1000])
    clock.forward(days=1)
    (newer,) = store.put([b"y"])
    stats = store.stats()
    assert (stats.originals, stats.bytes_original) == (2, 1001)
    assert (stats.oldest, stats.newest) == (start, clock())
    assert [entry.ref for entry in store.entries()] == [newer, older]
    assert [entry.ref for entry in store.entries(limit=1)] == [newer]
    assert store.entries()[1].size == 1000
    assert store.entries()[0].scope == "default"
