from headroom.errors import StoreError
from headroom.proxy.memory import SessionMemory
from headroom.stores import InMemoryStore, SqliteStore
from headroom.wire import Memory


def test_turns_are_found_by_their_anchors_in_every_process(tmp_path):
    store = SqliteStore(tmp_path)
    SessionMemory(store.settled).remember("s", [Memory("call_1", b"{}"), Memory("call_2", b"[]")])
    other = SessionMemory(SqliteStore(tmp_path).settled)
    assert other.turns("s", ["call_0", "call_1", "call_2"]) == {"call_1": b"{}", "call_2": b"[]"}
    assert other.turns("s", []) == {}
    store.close()


def test_the_only_worker_looks_up_an_anchor_once():
    asked = []

    class Counting:
        def get(self, keys):
            asked.extend(keys)
            return {}

        def settle(self, facts):
            return dict(facts)

    memory = SessionMemory(Counting(), alone=True)
    memory.turns("s", ["a", "b"])
    memory.turns("s", ["a", "b", "c"])
    assert len(asked) == 3


def test_one_of_several_workers_finds_what_another_remembered_since():
    settled = InMemoryStore().settled
    one, other = SessionMemory(settled), SessionMemory(settled)
    assert other.turns("s", ["a"]) == {}
    one.remember("s", [Memory("a", b"1")])
    assert other.turns("s", ["a"]) == {"a": b"1"}
    assert other.turns("t", ["a"]) == {}, "another session's"


def test_a_fact_once_settled_holds_whoever_comes_later():
    settled = InMemoryStore().settled
    assert SessionMemory(settled).settle("s", "way", "served") == "served"
    assert SessionMemory(settled).settle("s", "way", "other") == "served"
    assert SessionMemory(settled).fact("s", "way") == "served"
    assert SessionMemory(settled).fact("t", "way") == ""


class Refusing:
    def get(self, keys):
        raise StoreError("locked")

    def settle(self, facts):
        raise StoreError("locked")


def test_a_store_that_refuses_leaves_the_memory_of_this_process():
    memory = SessionMemory(Refusing())
    memory.remember("s", [Memory("a", b"1")])
    assert memory.turns("s", ["a"]) == {"a": b"1"}
    assert memory.settle("s", "way", "served") == memory.fact("s", "way") == "served"
    assert memory.turns("s", ["b"]) == {}
    assert memory.troubles == 1


def test_a_store_that_refused_is_left_alone_for_a_moment_and_then_gets_what_it_is_owed():
    class Sometimes:
        refuses = True
        asked = 0
        kept = InMemoryStore().settled

        def get(self, keys):
            return self._answer(self.kept.get, keys)

        def settle(self, facts):
            return self._answer(self.kept.settle, facts)

        def _answer(self, call, what):
            self.asked += 1
            if self.refuses:
                raise StoreError("locked")
            return call(what)

    now = [0.0]
    store = Sometimes()
    memory = SessionMemory(store, clock=lambda: now[0])
    memory.remember("s", [Memory("a", b"1")])
    memory.remember("s", [Memory("b", b"2")])
    assert memory.turns("s", ["c"]) == {}
    assert store.asked == 1
    store.refuses = False
    now[0] = 1.0
    memory.settle("s", "way", "served")
    assert SessionMemory(store.kept).turns("s", ["a", "b", "c"]) == {"a": b"1", "b": b"2"}


def test_without_a_store_it_is_this_processes_alone():
    memory = SessionMemory(None)
    memory.remember("s", [Memory("a", b"1")])
    assert memory.turns("s", ["a", "b"]) == {"a": b"1"}


def test_what_another_thread_remembered_meanwhile_is_not_forgotten():
    class Meanwhile:
        def get(self, keys):
            memory.remember("s", [Memory("a", b"1")])
            return {}

        def settle(self, facts):
            return dict(facts)

    memory = SessionMemory(Meanwhile(), alone=True)
    memory.turns("s", ["a"])
    assert memory.turns("s", ["a"]) == {"a": b"1"}


def test_what_two_threads_owe_at_once_is_given_later():
    kept, now = [], [0.0]

    class Refusing:
        def settle(self, facts):
            now[0] += 10.0
            if now[0] == 10.0:
                memory.remember("s", [Memory("b", b"2")])
            if now[0] < 30.0:
                raise StoreError("locked")
            kept.extend(facts.values())
            return dict(facts)

    memory = SessionMemory(Refusing(), clock=lambda: now[0])
    memory.remember("s", [Memory("a", b"1")])
    now[0] = 25.0
    memory.flush()
    assert sorted(kept) == [b"1", b"2"]
    memory.flush()
    assert len(kept) == 2
