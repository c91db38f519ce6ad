"""The chat in Debian's chromium on the demo shop: how soon it can be used, and from Enter to the first step and the first part of an answer.

python bench/chat_page.py [--times 15]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from panel import fill
from playwright.sync_api import sync_playwright
from serving import demo_folder, quantile, served

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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=15)
    options = asked.parse_args()
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder:
        token = fill(demo_folder(Path(folder)), 4)
        with served(Path(folder)) as server, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
            page = browser.new_context(base_url=server.url).new_page()
            page.goto(f"/sign-in/{token}")
            over_the_line, unpacked = page.evaluate(BYTES)
            print(f"script and style: {over_the_line / 1000:.1f} KB over the line, {unpacked / 1000:.1f} KB unpacked")
            measure(page, len(ASKS))  # the first of each kind fills caches
            for name, took in measure(page, options.times).items():
                _show(name, took)
            browser.close()


def _show(name: str, took: Sequence[float]) -> None:
    print(f"{name:<28} p50 {quantile(list(took), 0.5):6.0f} ms   p95 {quantile(list(took), 0.95):6.0f} ms", flush=True)


if __name__ == "__main__":
    main()
