"""The same counts in Prometheus's text form. Needs the extra [proxy].

Every worker shows what all of them counted: the sums are those on disk. They never fall: what is
too old to keep whole stays in them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import starmap

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from headroom.billing import Prices, Used, bill_of
from headroom.billing.bill import CURRENCY
from headroom.billing.price import dollars
from headroom.counting.figures import used_of
from headroom.counting.rollup import (
    BEFORE,
    COLUMNS,
    EDIT,
    FIRST,
    FIRST_BOUNDS,
    OUR,
    OUR_BOUNDS,
    SKIP,
    USAGE,
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
_UNKNOWN = ""
_GROUP = ("status",)


def render(tally: Tally, prices: Prices | None = None) -> tuple[bytes, str]:
    """The text and its content type; without `prices`, money at those of the shipped table. Reads
    the disk: not for an event loop."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counts(tally, prices or Prices.load()))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Counts(Collector):
    def __init__(self, tally: Tally, prices: Prices) -> None:
        self._tally, self._prices = tally, prices

    def collect(self) -> Iterator[Metric]:
        found = self._tally.counted(None, _GROUP)
        sums = regrouped(found.spans, lambda key: ()).get((), [0.0] * len(COLUMNS))
        figures = dict(zip(COLUMNS, sums, strict=True))
        yield _requests(found)
        for name, about in _PLAIN:
            yield CounterMetricFamily(f"headroom_{name}", about, value=figures[name])
        yield _usage("usage_tokens", "Tokens as upstream reported them.", figures, USAGE)
        yield _usage(
            "usage_before_tokens",
            "Tokens as upstream would have reported them for the requests as clients sent them.",
            figures,
            BEFORE,
        )
        yield from _costs(found, self._prices)
        yield from _details(found)
        yield _histogram("our_seconds", "Time we added to a request.", figures, OUR, OUR_BOUNDS)
        yield _histogram(
            "first_byte_seconds", "Time until upstream's answer.", figures, FIRST, FIRST_BOUNDS
        )
        yield GaugeMetricFamily(
            "headroom_unsaved", "Requests that wait for the disk.", value=self._tally.unsaved
        )


def _usage(name: str, about: str, figures: dict[str, float], columns: Sequence[str]) -> Metric:
    family = CounterMetricFamily(f"headroom_{name}", about, labels=["kind"])
    for kind, column in zip(USAGE, columns, strict=True):
        family.add_metric([kind], figures[column])
    return family


def _costs(found: Counted, prices: Prices) -> Iterator[Metric]:
    """Money where a price is known, by the name that the price table has for a model, so that
    what a client makes up is no label."""
    sums = regrouped(found.spans, lambda key: key[1:])
    after = CounterMetricFamily("headroom_cost", f"What it came to, {CURRENCY}.", labels=["model"])
    before = CounterMetricFamily(
        "headroom_cost_before", f"What it would have come to, {CURRENCY}.", labels=["model"]
    )
    by_name: dict[str, list[Used]] = defaultdict(list)
    for used in starmap(used_of, sums.items()):
        tariff = prices.tariff_of(used.provider, used.model)
        by_name[tariff.name if tariff is not None else _UNKNOWN].append(used)
    unknown = sum(used.requests for used in by_name.pop(_UNKNOWN, ()))
    for name, parts in by_name.items():
        bill = bill_of(parts, prices)
        before.add_metric([name], dollars(bill.cost_before or 0))
        after.add_metric([name], dollars(bill.cost_after or 0))
    yield from (before, after)
    yield CounterMetricFamily(
        "headroom_unpriced_requests", "Requests whose price is not known.", value=unknown
    )


def _requests(found: Counted) -> Metric:
    sums = regrouped(found.spans, lambda key: (key[1], key[0]))
    family = CounterMetricFamily(
        "headroom_requests", "Requests of clients.", labels=["provider", "status"]
    )
    for key, numbers in sums.items():
        if count := numbers[COLUMNS.index("requests")]:
            family.add_metric([str(part) for part in key], count)
    return family


def _details(found: Counted) -> Iterator[Metric]:
    size = len(_GROUP)
    kinds = regrouped(found.details, lambda key: key[size : size + 2])
    edits = CounterMetricFamily("headroom_edits", "Texts shortened.", labels=["compressor"])
    skips = CounterMetricFamily("headroom_skips", "Texts left as they were.", labels=["reason"])
    events = CounterMetricFamily(
        "headroom_events", "Lost caches, guarded calls, new epochs.", labels=["kind", "what"]
    )
    for (kind, label), numbers in kinds.items():
        if kind in (EDIT, SKIP):
            (edits if kind == EDIT else skips).add_metric([str(label)], numbers[0])
        else:
            events.add_metric([str(kind), str(label)], numbers[0])
    yield from (edits, skips, events)


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
