import time

import pytest

from headroom.counting import Compression, Exchange, Tally, totals
from headroom.mcp.report import report
from headroom.wire import Usage


def add(home, **figures):
    tally = Tally(home)
    tally.add(Exchange(time.time(), 200, **figures))
    tally.close()


def test_before_the_first_request_it_says_so(home):
    assert report(totals.read(home), None) == "No request has gone through the proxy yet."
    assert "in the last 2.5 hours" in report(totals.read(home), 2.5)


@pytest.mark.parametrize(("exact", "said"), [(True, "saved."), (False, "saved, partly estimated.")])
def test_it_tells_tokens_retrievals_and_the_net(home, exact, said):
    add(
        home,
        compression=Compression(20_000, 1_400, exact),
        retrievals=2,
        retrieved_tokens=600,
        tool_tokens=60,
    )
    assert report(totals.read(home), None).split("\n") == [
        f"20,000 → 1,400 tokens in 1 requests: 93.0 % {said}",
        "2 retrievals gave back 600 tokens, the tool itself took 60: 17,940 tokens saved net.",
    ]


def test_failures_are_not_hidden(home):
    add(home, compression=Compression(9, 9, True, failures=3, failure="ValueError at x:1"))
    assert report(totals.read(home), 1.0).endswith(
        "3 texts passed as they were after a failure; the last: ValueError at x:1."
    )


def test_what_the_provider_billed_is_told_where_it_reported_it(home):
    add(home, provider="anthropic", model="claude-opus-5", usage=Usage(100), before=Usage(200))
    assert "50.0 % of the bill saved" in report(totals.read(home), None).split("\n")[2]
