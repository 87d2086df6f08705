"""How long the dashboard takes in Chromium to show its figures, with 10,000 requests counted.

From the address to all figures of a day, in a browser window of its own each time; needs Chromium
and the dependency group `browser`.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

import traffic  # noqa: E402 (only now can it be found)
from browsing import DESKTOP, PHONE, looking, started  # noqa: E402

from running import proxied  # noqa: E402

TIMES = 9


def main() -> None:
    """Print the table."""
    print("| window | figures are there after | another range | an edit of 5,000 lines |")
    print("| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        traffic.write(folder / "home")
        with proxied("http://127.0.0.1:9", folder) as proxy, started() as browser:
            for title, size in (("desktop", DESKTOP), ("phone", PHONE)):
                rows = [_visit(browser, proxy.url, size) for _ in range(TIMES)]
                shown = (_milliseconds(times) for times in zip(*rows, strict=True))
                print(f"| {title} | {' | '.join(shown)} |")


def _visit(browser: object, url: str, size: tuple[int, int]) -> tuple[float, float, float]:
    with looking(browser, url, size) as look:
        shown = look.shown_after()
        loaded = time.perf_counter()
        look.range("all", "all")
        ranged = time.perf_counter()
        look.page.locator("#request-table .open").first.press("Enter")
        look.page.wait_for_selector(".view")
        opened = time.perf_counter()
    return shown, ranged - loaded, opened - ranged


def _milliseconds(times: tuple[float, ...]) -> str:
    return f"{1e3 * statistics.median(times):,.0f} ms (worst {1e3 * max(times):,.0f})"


if __name__ == "__main__":
    main()
