"""One proxy before one raw upstream, for the many tests that only look at bytes."""

import pytest
from raw_upstream import answering, whole

from running import proxied


@pytest.fixture(scope="module")
def passing(tmp_path_factory):
    """An upstream and a proxy before it, for all tests of a file."""
    folder = tmp_path_factory.mktemp("proxy")
    with answering(whole()) as upstream, proxied(upstream.url, folder) as proxy:
        yield upstream, proxy


@pytest.fixture
def given(passing):
    """`given(*answers)` makes the upstream say these; the two to look at."""

    def begin(*answers):
        passing[0].now(*answers)
        return passing

    return begin
