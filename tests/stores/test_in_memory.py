from headroom.stores import InMemoryStore


def test_a_changed_original_is_found_by_verify():
    def digest(content: bytes) -> bytes:
        return answers[-1]

    answers = [b"\0" * 32]
    store = InMemoryStore(digest=digest)
    (ref,) = store.put([b"content"])
    answers.append(b"\1" * 32)
    assert store.verify().corrupt == (ref,)
    assert not store.verify().clean


def test_closing_is_allowed():
    InMemoryStore().close()
