"""Counting: what each request cost and saved, kept on disk and added up.

`metrics` is loaded by whoever serves them: it needs the extra [proxy].
"""

from headroom.counting.books import Books, Told
from headroom.counting.figures import Latency, Totals
from headroom.counting.record import Compression, EditCount, Event, Exchange
from headroom.counting.tally import Tally
from headroom.counting.totals import By, Summary

__all__ = [
    "Books",
    "By",
    "Compression",
    "EditCount",
    "Event",
    "Exchange",
    "Latency",
    "Summary",
    "Tally",
    "Told",
    "Totals",
]
