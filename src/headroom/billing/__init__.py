"""Billing: what a model's tokens cost, and what requests came to."""

from headroom.billing.bill import Bill, Used, bill_of
from headroom.billing.price import Price, Steps, Tariff, cost
from headroom.billing.prices import Prices

__all__ = [
    "Bill",
    "Price",
    "Prices",
    "Steps",
    "Tariff",
    "Used",
    "bill_of",
    "cost",
]
