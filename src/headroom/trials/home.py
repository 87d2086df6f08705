"""The report on a home folder: what was counted there, compared, and what is switched off."""

import time
from pathlib import Path

from headroom.billing import Prices
from headroom.counting import sessions
from headroom.settings import ProxySettings
from headroom.trials.comparison import compare
from headroom.trials.report import Report
from headroom.trials.session_costs import costs_of
from headroom.trials.switch import Switch


def read(home: Path, settings: ProxySettings, prices: Prices, since: float | None = None) -> Report:
    """The report on sessions with requests from a time on, in seconds since 1970.

    Raises:
        StoreError: the counts or the switch cannot be read.
    """
    found, currency = costs_of(sessions.read(home, since, prices))
    return Report(
        share=settings.holdout,
        switch=settings.kill_switch,
        currency=currency,
        comparison=compare(found, time.time()),
        trips=Switch(home).trips(),
    )
