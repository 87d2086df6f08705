"""The one place that catches everything: what fails is a value, with its traceback, and the
caller passes on what it had."""

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Failure:
    """What was raised, as its traceback."""

    detail: str


def attempt(call: Callable[[], Value]) -> Value | Failure:
    """What `call` returns, or what it raised."""
    try:
        return call()
    except Exception:  # noqa: BLE001
        return Failure(traceback.format_exc())


async def attempted(waiting: Awaitable[Value]) -> Value | Failure:
    """What is waited for, or what it raised; that it was cancelled is no failure."""
    try:
        return await waiting
    except Exception:  # noqa: BLE001
        return Failure(traceback.format_exc())
