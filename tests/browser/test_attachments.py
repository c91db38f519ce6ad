"""Tables beside a request, in the real application over the demo shop: picked, dropped, asked about, approved, and seen again after a reload."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from conftest import Watched
from doors import PASSWORD
from test_chat import AXE, needs_axe

from agent.bootstrap import open_house
from agent.records import Ask, Role
from agent.settings import load
from agent.web.app import create_app
from agent.web.auth import Accounts

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser


class RealPanel:
    """The application over an open house, served in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve(folder)), name="real panel")

    async def _serve(self, folder: Path) -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            known = house.accounts
            await known.people.add("Anna", shop=shop.id, role=Role.OWNER, password=PASSWORD)
            anna = (await known.people.named("Anna")).principal
            # The first request reads the models: on a busy machine for longer than a browser waits.
            await house.service.plan(Ask("How many mugs are there?", locale="en-GB", shop=shop.id), anna)
            app = create_app(house.service, Accounts(keys=known.keys, people=known.people, sessions=known.sessions))
            self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=2))
            self.ready.set()
            await self.server.serve(sockets=[self.listener])

    @contextmanager
    def running(self) -> Iterator[RealPanel]:
        self.thread.start()
        assert self.ready.wait(120)
        try:
            yield self
        finally:
            self.server.should_exit = True
            self.thread.join()
            self.listener.close()


@pytest.fixture(scope="module")
def real(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPanel]:
    folder = Path(shutil.copytree(demo_data, tmp_path_factory.mktemp("real") / "data"))
    with RealPanel(folder).running() as panel:
        yield panel


@pytest.fixture
def page(chromium: Any, real: RealPanel) -> Iterator[Any]:
    watched = Watched(chromium, real.address, viewport={"width": 390, "height": 844})
    yield watched.sign_in()
    watched.context.close()
    assert [fault for fault in watched.faults if "422" not in fault] == []  # what is refused is told on the page, and by the browser as well


def file(text: str, name: str = "prices.csv") -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def chip(page: Any) -> Any:
    return page.locator("#attached [data-file]")


PRICES = """Handle;Option1 Value;Preis
blue-ceramic-mug;Small;17,50
blue-ceramic-mug;Large;18,90
no-such-thing;;3,00
<img src=x onerror=alert(1)>;;4,00
"""


def test_a_price_list_becomes_one_proposal_that_is_approved_item_by_item(page: Any) -> None:
    page.locator("#upload").set_input_files(file(PRICES))
    expect(chip(page)).to_contain_text("prices.csv")
    expect(chip(page)).to_contain_text("4 rows · Handle, Option1 Value, Preis")
    expect(page.get_by_label("Your request")).to_be_focused()
    page.keyboard.type("set these prices")
    page.keyboard.press("Enter")
    card = page.locator("[data-change-set]")
    expect(card.locator("tbody tr")).to_have_count(2)
    expect(chip(page)).to_have_count(0)
    left = page.locator(".run figure.table")
    expect(left).to_contain_text("no product has this handle")
    expect(left).to_contain_text("<img src=x onerror=alert(1)>")
    card.locator("input[name=items]").nth(1).uncheck()
    card.get_by_role("button", name="Approve 1 selected").click()
    expect(card.locator(".badge.applied").first).to_be_visible()
    page.reload()
    expect(page.locator(".said-file")).to_contain_text("prices.csv")
    expect(page.locator(".said")).to_have_text("set these prices")


def test_a_dropped_stock_count_asks_where_and_how_without_any_words(page: Any) -> None:
    page.evaluate(
        """() => {
            const held = new DataTransfer();
            held.items.add(new File(["Handle,Option1 Value,Qty\\nblue-ceramic-mug,Small,41\\n"], "count.csv", { type: "text/csv" }));
            const box = document.getElementById("composer");
            box.dispatchEvent(new DragEvent("dragover", { dataTransfer: held, bubbles: true, cancelable: true }));
            box.dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
        }"""
    )
    expect(chip(page)).to_contain_text("count.csv")
    page.get_by_label("Your request").press("Enter")
    counted = page.get_by_role("button", name="The new count of units")
    counted.click()
    expect(counted).to_have_count(0)  # what is left is asked on a new card
    page.get_by_role("button", name="Berlin Shop").click()
    expect(page.locator("[data-change-set] tbody tr")).to_have_count(1)
    expect(page.locator("[data-change-set] td.after")).to_have_text(re.compile("^41"))


def test_a_file_is_taken_away_by_keyboard_and_one_that_is_no_table_is_told(page: Any) -> None:
    page.locator("#upload").set_input_files({"name": "prices.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04 workbook"})
    expect(page.locator("#notices")).to_contain_text("This is an Excel workbook or an archive, not a table as text.")
    expect(chip(page)).to_have_count(0)
    page.locator("#upload").set_input_files(file("SKU,Price\nA-1,3.00\n"))
    expect(chip(page)).to_be_visible()
    button = page.get_by_role("button", name="Take prices.csv away")
    button.focus()
    page.keyboard.press("Enter")
    expect(chip(page)).to_have_count(0)
    expect(page.get_by_label("Your request")).to_be_focused()
    expect(page.get_by_label("Your request")).to_have_attribute("required", "")


def test_asking_again_takes_the_file_along(page: Any) -> None:
    page.locator("#upload").set_input_files(file("Handle,Option1 Value,Price\nblue-ceramic-mug,Large,19.20\n", "again.csv"))
    expect(chip(page)).to_be_visible()
    page.get_by_label("Your request").fill("set these prices")
    page.get_by_label("Your request").press("Enter")
    expect(page.locator(".run")).to_have_count(1)
    expect(page.locator("[data-change-set] tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".run")).to_have_count(2)
    expect(page.locator(".said-file")).to_have_count(2)


@pytest.mark.parametrize("start", ["/", "/new"])
def test_a_file_is_attached_wherever_a_conversation_begins(page: Any, start: str) -> None:
    page.goto(start)
    page.locator("#upload").set_input_files(file("Handle,Option1 Value,Price\nblue-ceramic-mug,Large,21.20\n", "begin.csv"))
    expect(chip(page)).to_contain_text("begin.csv")
    page.get_by_label("Your request").press("Enter")  # with a file nothing has to be said
    expect(page).to_have_url(re.compile(r"/t/t[0-9a-f]+$"))
    expect(page.locator(".said-file")).to_contain_text("begin.csv")
    expect(page.locator("[data-change-set] tbody tr")).to_have_count(1)


@needs_axe
def test_the_chip_of_a_file_fits_and_reads_at_every_width(page: Any) -> None:
    long = file(f"Handle,{'A column with a very long name,' * 8}Price\nblue-ceramic-mug,{',' * 8}19.20\n", f"{'prices-of-the-autumn-' * 5}.csv")
    for start in ("/", "/new"):
        page.goto(start)
        page.locator("#upload").set_input_files(long)
        expect(chip(page)).to_be_visible()
        fits_and_reads(page)
    page.get_by_label("Your request").fill("set these prices")
    page.keyboard.press("Enter")
    expect(page.locator(".said-file")).to_be_visible()
    expect(page.locator(".run")).to_have_attribute("aria-busy", "false")
    fits_and_reads(page)


def fits_and_reads(page: Any) -> None:
    """Nothing wider than the screen, from either side; nothing that axe finds, light and dark."""
    page.evaluate(AXE.read_text(encoding="utf-8") if AXE else "")
    for width, scheme in ((360, "dark"), (768, "light"), (1440, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        assert [(each["id"], each["nodes"][0]["html"][:120]) for each in page.evaluate("axe.run()")["violations"]] == [], (page.url, width, scheme)
        for way in ("rtl", "ltr"):
            page.evaluate("(way) => { document.documentElement.dir = way; }", way)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (page.url, width, way)
