"""The dashboard as somebody looks at it, and what `/stats` says at that time."""

import contextlib
import json
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PHONE, DESKTOP = (360, 740), (1280, 900)
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# Notes when the figures are painted, by the browser's own clock, which begins with the address.
_WATCH = """new MutationObserver((_, watching) => {
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => performance.mark("shown")));
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-shows"] })"""


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """The system's own Chromium; none is ever downloaded."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    assert program, "install chromium (apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass(slots=True)
class Look:
    """A page that is open; `said` is what its console said, `asked` all that it asked for."""

    page: Any
    url: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def range(self, label: str, shows: str) -> None:
        """Switch the range, and wait until it is shown."""
        self.page.get_by_label(label, exact=True).check()
        self.page.wait_for_selector(f"body[data-shows='{shows}']")

    def shown_after(self) -> float:
        """Seconds from the address to all figures."""
        self.page.wait_for_function("() => performance.getEntriesByName('shown').length")
        return self.page.evaluate("() => performance.getEntriesByName('shown')[0].startTime") / 1e3

    def figures(self) -> list[dict[str, str]]:
        """Each figure on the page: where it comes from, its value, its text."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll("[data-figure]")].map((node) => ({
                path: node.dataset.figure, value: node.dataset.value, text: node.textContent,
                of: node.dataset.of ?? null, table: node.closest("[id]").id,
            }))"""
        )

    def focused(self, selector: str) -> bool:
        """Whether what has the focus is this."""
        return self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector)


@contextlib.contextmanager
def looking(chromium, url: str, size=DESKTOP, scheme="light", **said: Any) -> Iterator[Look]:
    """The dashboard of a proxy, open."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale="en-US",
        **said,
    )
    page = context.new_page()
    page.add_init_script(_WATCH)
    look = Look(page, url)
    page.on("console", lambda message: look.said.append(message.text))
    page.on("pageerror", lambda error: look.said.append(str(error)))
    page.on("request", lambda request: look.asked.append(request.url))
    page.goto(f"{url}/dashboard")
    try:
        yield look
    finally:
        context.close()


def stats(url: str, query: str = "") -> dict[str, Any]:
    """What `/stats` says."""
    with urllib.request.urlopen(f"{url}/stats{query}") as answer:
        return json.load(answer)


def under(data: Any, path: str) -> Any:
    """The value that a path as `bill.after.fresh` or `edits.0.count` leads to."""
    for name in path.split("."):
        data = data[int(name)] if isinstance(data, list) else data[name]
    return data
