"""The panel in Debian's chromium, over a scripted service that a real server serves."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

sys.path.append(str(Path(__file__).resolve().parents[1] / "unit" / "web"))  # the scripted service and its world are shared

from automated_panel import ScriptedAutomations
from doors import PASSWORD, World  # found through the line above
from hooked import DRAFT, ScriptedWebhooks

from agent.db.engine import Database, sqlite_url
from agent.settings import Settings
from agent.web.panel.installation import Installation

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
playwright.expect.set_options(timeout=15_000)  # as long as an action may take: a busy machine is no fault of the page
SENT = re.compile(r"htmx:(?:afterRequest|sendError|sendAbort)\b")
"""What htmx says of a request that did not arrive. Which of them are no fault is told elsewhere: `requestfailed` knows what only ended, and
`GIVEN_UP` whether that may be. htmx names neither the element nor the page in these lines."""
GIVEN_UP = """(() => {
  let leaving = false;
  addEventListener("beforeunload", () => { leaving = true; });
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  document.addEventListener("htmx:sendAbort", ({ detail }) => {
    if (!leaving && !detail.elt.closest("[hx-sync]")) console.error("given up, and nothing says that it may be: " + detail.pathInfo.requestPath);
  });
})();"""
"""A request may be given up with its page, or where its element says so (`hx-sync`): the look at what other windows asked is, when one's own
request is sent. Any other that ends early is a fault."""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]


class Served:
    """A world behind an address. Its server and its loop live in a thread: this one's loop is the browser's."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.db = Database(sqlite_url(folder / "web.db"))
        installation = Installation(settings=Settings(data=folder, shop="Fern & Tide"), db=self.db)
        self.world = World(
            folder,
            run=lambda work: asyncio.run_coroutine_threadsafe(work, self.loop).result(30),
            installation=installation,
            automations=ScriptedAutomations(),
            webhooks=ScriptedWebhooks(),
            **more,
        )
        self.world.service.drafts = [DRAFT]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(self.world.app, log_level="warning", lifespan="on", timeout_graceful_shutdown=2))
        self.thread = threading.Thread(target=self._serve, name="panel")

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve(sockets=[self.listener]))
        self.loop.close()

    def release(self) -> None:
        """Let the runs that are held go on."""
        self.loop.call_soon_threadsafe(self.world.service.release)

    @contextmanager
    def running(self) -> Iterator[Served]:
        self.thread.start()
        try:
            yield self
            self.world.close()
        finally:
            self.server.should_exit = True
            self.thread.join()
            self.listener.close()
            self.db.close()


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path).running() as served:
        served.world.person("Anna")
        yield served


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A panel for all tests of a module, whose owner is Anna."""
    with Served(tmp_path_factory.mktemp("day")).running() as served:
        served.world.person("Anna")
        yield served


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run keeps what its pages looked like: the folder that STOREHAND_SCREENSHOTS names, else one of the run's own."""
    named = os.environ.get("STOREHAND_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")  # not the session: playwright's own loop runs while it is open, and other tests start theirs
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """A page that tells afterwards what should never have happened on it."""

    def __init__(self, chromium: Any, address: str, **context: Any) -> None:
        self.context = chromium.new_context(base_url=address, **context)
        self.context.add_init_script(GIVEN_UP)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page.on(
            "console",
            lambda m: self.faults.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") and not SENT.match(m.text) else None,
        )
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("requestfailed", lambda r: self.faults.append(f"failed: {r.url}") if r.failure != "net::ERR_ABORTED" else None)

    def sign_in(self, to: str = "/new") -> Any:
        """The page `to`, by default one to ask on."""
        self.page.goto("/sign-in")
        self.page.get_by_label("Name").fill("anna")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")
        if to != "/":
            self.page.goto(to)
        return self.page


@pytest.fixture
def watched(chromium: Any, panel: Served, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A page 1,280 px wide; `@pytest.mark.parametrize("watched", [{…}], indirect=True)` for another context."""
    made = Watched(chromium, panel.address, **{"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})})
    yield made
    made.context.close()
    assert made.faults == []
