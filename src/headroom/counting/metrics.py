"""The same counts in Prometheus's text form. Needs the extra [proxy].

Every worker shows what all of them counted: the sums are those on disk. They never fall: what is
too old to keep whole stays in them.
"""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from headroom.counting.rollup import (
    COLUMNS,
    EDIT,
    FIRST,
    FIRST_BOUNDS,
    OUR,
    OUR_BOUNDS,
    Numbers,
    regrouped,
)
from headroom.counting.sqlite import Counted
from headroom.counting.tally import Tally

_PLAIN = (
    ("tokens_before", "Tokens of requests as clients sent them."),
    ("tokens_after", "Tokens of requests as they went upstream, without our tool."),
    ("tool_tokens", "Tokens that offering the retrieve tool cost."),
    ("retrieved_tokens", "Tokens that retrievals gave back."),
    ("retrievals", "Retrievals that the proxy answered."),
    ("rounds", "Further requests to upstream that retrievals made."),
    ("failures", "Texts that passed unchanged because compression failed."),
    ("late", "Texts that passed unchanged because of the deadline."),
    ("bytes_in", "Bytes of request bodies as clients sent them."),
    ("bytes_saved", "Bytes of request bodies that did not go upstream."),
    ("uncounted", "Requests of which nothing else was counted."),
)
_USAGE = ("fresh", "cache_read", "cache_write", "output")
_GROUP = ("provider", "status")


def render(tally: Tally) -> tuple[bytes, str]:
    """The text and its content type. Reads the disk: not for an event loop."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts(tally))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Counts(Collector):
    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        found = self._tally.counted(None, _GROUP)
        sums = regrouped(found.spans, lambda key: ()).get((), [0.0] * len(COLUMNS))
        figures = dict(zip(COLUMNS, sums, strict=True))
        yield _requests(found)
        for name, about in _PLAIN:
            yield CounterMetricFamily(f"headroom_{name}", about, value=figures[name])
        usage = CounterMetricFamily(
            "headroom_usage_tokens", "Tokens as upstream reported them.", labels=["kind"]
        )
        for name in _USAGE:
            usage.add_metric([name], figures[name])
        yield usage
        yield from _details(found)
        yield _histogram("our_seconds", "Time we added to a request.", figures, OUR, OUR_BOUNDS)
        yield _histogram(
            "first_byte_seconds", "Time until upstream's answer.", figures, FIRST, FIRST_BOUNDS
        )
        yield GaugeMetricFamily(
            "headroom_unsaved", "Requests that wait for the disk.", value=self._tally.unsaved
        )


def _requests(found: Counted) -> Metric:
    family = CounterMetricFamily(
        "headroom_requests", "Requests of clients.", labels=["provider", "status"]
    )
    for key, numbers in found.spans.items():
        if count := numbers[COLUMNS.index("requests")]:
            family.add_metric([str(part) for part in key], count)
    return family


def _details(found: Counted) -> Iterator[Metric]:
    size = len(_GROUP)
    kinds = regrouped(found.details, lambda key: key[size : size + 2])
    edits = CounterMetricFamily("headroom_edits", "Texts shortened.", labels=["compressor"])
    skips = CounterMetricFamily("headroom_skips", "Texts left as they were.", labels=["reason"])
    for (kind, label), numbers in kinds.items():
        (edits if kind == EDIT else skips).add_metric([str(label)], numbers[0])
    yield edits
    yield skips


def _histogram(
    name: str,
    about: str,
    figures: dict[str, float],
    columns: Sequence[str],
    bounds: Sequence[float],
) -> Metric:
    counts: Numbers = [figures[column] for column in columns]
    below = [sum(counts[: index + 1]) for index in range(len(counts))]
    ends = [*map(str, bounds), "+Inf"]
    buckets = list(zip(ends, below, strict=True))
    return HistogramMetricFamily(
        f"headroom_{name}", about, buckets=buckets, sum_value=figures[name]
    )
