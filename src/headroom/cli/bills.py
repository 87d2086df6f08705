"""How commands say what requests came to: sentences and tables of a bill.

Rule: a price that is not known is said to be unknown; it is never printed as zero.
"""

from collections.abc import Iterator

from rich.markup import escape
from rich.table import Table

from headroom.billing import Bill, Prices
from headroom.billing.price import dollars
from headroom.cli import output
from headroom.counting import Latency

_MOST_NAMES = 5
_KINDS = (
    ("input, not cached", "fresh"),
    ("input, read from cache", "cache_read"),
    ("input, written to cache", "cache_write"),
    ("… of it kept for long", "cache_write_long"),
    ("output", "output"),
)


def sentences(bill: Bill, prices: Prices) -> Iterator[str]:
    """What it came to and what it would have come to, in rich's markup."""
    unknown = sum(bill.unpriced.values())
    names = ", ".join(escape(name) or "no name" for name in list(bill.unpriced)[:_MOST_NAMES])
    names += ", …" if len(bill.unpriced) > _MOST_NAMES else ""
    if bill.cost_after is None or bill.cost_before is None:
        yield f"[bold]{_requests(unknown)}[/] of unknown price ({names}): {saved(bill)}"
        return
    yield (
        f"[bold]{money(bill.cost_after)}[/] for {_requests(bill.requests - unknown)} instead of "
        f"{money(bill.cost_before)}: {saved(bill)}"
    )
    if unknown:
        yield f"of {_requests(bill.requests)}, {unknown:,} of unknown price ({names})"
    own = f", {len(prices.own):,} of your own" if prices.own else ""
    yield f"[dim]prices: {prices.source} of {prices.date}{own} (headroom prices)[/]"


def saved(bill: Bill) -> str:
    """What is saved net, in money where it is known and else in tokens, in rich's markup."""
    if bill.net_saved is None or bill.net_saved_percent is None:
        amount, percent = f"{abs(round(bill.net_units)):,} tokens of input", bill.net_percent
        more = bill.net_units < 0
    else:
        amount, percent = money(abs(bill.net_saved)), bill.net_saved_percent
        more = bill.net_saved < 0
    if more:
        return f"[red]{amount} more than without Headroom ({-percent:.1f} %)[/]"
    return f"[green]{amount} saved net ({percent:.1f} %)[/]"


def table(bill: Bill) -> Table:
    """The tokens of each price tier, as they would have been billed and as they were."""
    made = output.table("the bill, in tokens", "", ">without", ">billed", ">saved")
    for name, field in _KINDS:
        before, after = getattr(bill.before, field), getattr(bill.after, field)
        if field != "cache_write_long" or before or after:
            made.add_row(name, f"{before:,}", f"{after:,}", f"{before - after:,}")
    units = (bill.units_before, bill.units_after, bill.net_units)
    made.add_row("all, as fresh input", *(f"{round(unit):,}" for unit in units))
    costs = (bill.cost_before, bill.cost_after, bill.net_saved)
    made.add_row(
        "cost where it is known" if bill.unpriced else "cost", *(money(cost) for cost in costs)
    )
    return made


def money(pico: int | None) -> str:
    """Pico-dollars as people write dollars; `unknown` where there are none."""
    if pico is None:
        return "unknown"
    value = abs(dollars(pico))
    sign = "-" if pico < 0 else ""
    return f"{sign}${value:,.2f}" if value >= 1 or not value else f"{sign}${value:.4f}"


def latency(found: Latency) -> str:
    """The median and the 95th percentile of times."""
    if found.median is None or found.p95 is None:
        return "–"
    return f"about {_time(found.median)}, 95 % within {_time(found.p95)}"


def median(found: Latency) -> str:
    """The median of times."""
    return "–" if found.median is None else _time(found.median)


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count:,} requests"
