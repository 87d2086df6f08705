"""The counts as Prometheus reads them."""

import pytest
from exchanges import NOON, exchange
from prometheus_client.parser import text_string_to_metric_families

from headroom.billing import Prices
from headroom.counting import Event, Tally
from headroom.counting.metrics import render
from headroom.wire._api import Usage


@pytest.fixture
def tally(tmp_path):
    made = Tally(tmp_path, now=lambda: NOON)
    yield made
    made.close()


def samples(tally, prices=None):
    text, kind = render(tally, prices)
    assert kind.startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counters_carry_what_was_counted(tally):
    tally.add(exchange())
    tally.add(exchange(status=429, provider="openai", model="gpt-5"))
    tally.flush()
    found = samples(tally)
    assert found["headroom_requests_total", "anthropic", "200"] == 1
    assert found["headroom_requests_total", "openai", "429"] == 1
    assert found["headroom_tokens_before_total",] == 2_000
    assert found["headroom_tokens_after_total",] == 800
    assert found["headroom_edits_total", "log"] == 2
    assert found["headroom_skips_total", "too_small"] == 4
    assert found["headroom_retrievals_total",] == 2
    assert found["headroom_failures_total",] == found["headroom_late_total",] == 0
    assert found["headroom_usage_tokens_total", "cache_read"] == 600


def test_times_are_histograms_that_count_up(tally):
    for seconds in (0.0001, 0.004, 0.004, 50.0):
        tally.add(exchange(our_seconds=seconds))
    tally.flush()
    found = samples(tally)
    assert found["headroom_our_seconds_count",] == 4
    assert found["headroom_our_seconds_sum",] == pytest.approx(50.0081)
    assert found["headroom_our_seconds_bucket", "0.004"] == 3
    assert found["headroom_our_seconds_bucket", "+Inf"] == 4
    assert found["headroom_first_byte_seconds_bucket", "1.0"] == 4


def test_before_the_first_request_every_counter_is_there(tally):
    found = samples(tally)
    assert found["headroom_tokens_before_total",] == 0
    assert found["headroom_our_seconds_count",] == 0


def test_counters_never_fall_when_what_is_old_is_forgotten(tmp_path):
    made = Tally(tmp_path, days=1.0, now=lambda: NOON)
    made.add(exchange(time=NOON - 90_000))
    made.add(exchange())
    made.close()
    found = samples(Tally(tmp_path))
    assert found["headroom_requests_total", "anthropic", "200"] == 2
    assert found["headroom_edits_total", "log"] == 2


def test_the_bill_is_there_as_it_is_and_as_it_would_have_been(tally):
    usage = Usage(fresh=1_000_000, cache_write=300_000, cache_write_long=200_000)
    tally.add(exchange(usage=usage, before=usage + Usage(fresh=500_000)))
    tally.add(exchange(model="made-up-by-a-client"))
    tally.flush()
    found = samples(tally)
    assert found["headroom_usage_tokens_total", "cache_write_long"] == 200_000
    assert found["headroom_usage_before_tokens_total", "fresh"] == 1_500_010
    name = "claude-sonnet-4-5"
    # The prompt is above 200,000 tokens, where this model's price doubles.
    assert found["headroom_cost_total", name] == pytest.approx(6 + 0.1 * 7.5 + 0.2 * 12)
    assert found["headroom_cost_before_total", name] == pytest.approx(9 + 0.1 * 7.5 + 0.2 * 12)
    assert found["headroom_unpriced_requests_total",] == 1
    assert "made-up-by-a-client" not in str(found)
    own = Prices.load({"made-up-*": {"input": 1, "output": 1}})
    assert samples(tally, own)["headroom_unpriced_requests_total",] == 0


def test_events_are_counted_by_kind(tally):
    tally.add(exchange(events=(Event("bust", "tools were reordered", 1, 900),)))
    tally.add(exchange(events=(Event("guard", "a marker was put back", 2),)))
    tally.flush()
    found = samples(tally)
    assert found["headroom_events_total", "bust", "tools were reordered"] == 1
    assert found["headroom_events_total", "guard", "a marker was put back"] == 2
    assert found["headroom_skips_total", "too_small"] == 4
