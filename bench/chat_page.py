"""The chat in Debian's chromium on the demo shop: how soon it can be used, and from Enter to the first step and the first part of an answer.
Run by bench/panel.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import sync_playwright

ASKS = ("What did we sell last week?", "Which products sold best last month?", "Which products are running low?", "How many orders came yesterday?")
"""Nothing is written for them, so that nobody waits for an approval."""
WATCH = """() => {
  window.seen = {};
  const note = (name, there) => { if (there && !(name in seen)) seen[name] = performance.now() - window.began; };
  new MutationObserver(() => {
    const run = document.querySelector("#thread").children[window.before];
    note("step", run?.querySelector(".step"));
    note("part", run?.querySelector(".part:not([hidden]) .card"));
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    window.before = document.querySelector("#thread").children.length;
    window.seen = {};
    window.began = performance.now();
  }, { capture: true });
}"""
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
BYTES = """() => performance.getEntriesByType("resource").filter((each) => /\\.(css|js)/.test(each.name))
  .reduce((sum, each) => [sum[0] + each.encodedBodySize, sum[1] + each.decodedBodySize], [0, 0])"""


def measure(page: Any, times: int) -> dict[str, list[float]]:
    """Milliseconds by what was measured."""
    found: dict[str, list[float]] = {"time to interactive": [], "Enter to the first step": [], "Enter to the first part": []}
    for n in range(times):
        page.goto("/new")
        found["time to interactive"].append(page.evaluate(READY))
        page.evaluate(WATCH)
        page.get_by_label("Your request").fill(ASKS[n % len(ASKS)])
        page.keyboard.press("Enter")
        page.locator('.foot[data-state="done"]').wait_for()
        found["Enter to the first step"].append(page.evaluate("seen.step"))
        found["Enter to the first part"].append(page.evaluate("seen.part"))
    return found


@contextmanager
def signed_in(url: str, token: str) -> Iterator[Any]:
    """A page of a browser of its own, of somebody who has just followed a sign-in link."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_context(base_url=url).new_page()
        page.goto(f"/sign-in/{token}")
        yield page
        browser.close()


def script_and_style(page: Any) -> tuple[float, float]:
    """Kilobytes of the page's scripts and styles: over the line, and unpacked."""
    over_the_line, unpacked = page.evaluate(BYTES)
    return over_the_line / 1000, unpacked / 1000
