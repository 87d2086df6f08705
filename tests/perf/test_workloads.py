import pytest

from headroom import compress
from headroom.perf import built_in, measure
from headroom.perf.measure import visible
from headroom.stores import InMemoryStore

EACH = pytest.mark.parametrize("workload", built_in(), ids=lambda workload: workload.name)


@EACH
def test_facts_are_in_the_input_and_stay_visible(workload):
    for run in (0, 4):
        messages = workload.messages(run)
        facts = workload.facts(run)
        text = "\n".join(str(message.get("content")) for message in messages)
        assert facts
        assert all(fact in text for fact in facts)
        compressed = compress(messages, "gpt-4o", store=InMemoryStore())
        assert visible(compressed, facts) == len(facts)
        assert compressed.savings_percent > 40


@EACH
def test_every_run_has_new_content(workload):
    assert workload.messages(1)[-1] != workload.messages(2)[-1]
    assert workload.messages(1) == workload.messages(1)


def test_a_row_says_what_was_measured():
    row = measure(next(item for item in built_in() if item.name == "read-twice"), "safe")
    assert (row.origin, row.lossless, row.facts_visible) == ("real", True, row.facts)
    assert row.original_tokens > row.compressed_tokens > 0
    assert row.cold_ms > row.warm_ms > 0
