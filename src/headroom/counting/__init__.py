"""Counting: what each request cost and saved, kept on disk and added up.

`metrics` is loaded by whoever serves them: it needs the extra [proxy].
"""

from headroom.counting.record import Compression, EditCount, Exchange
from headroom.counting.tally import Tally
from headroom.counting.totals import By, Latency, Summary, Totals

__all__ = [
    "By",
    "Compression",
    "EditCount",
    "Exchange",
    "Latency",
    "Summary",
    "Tally",
    "Totals",
]
