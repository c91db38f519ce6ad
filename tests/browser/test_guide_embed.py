"""The guide's example of the chat in another admin page: its own server and its own page, as they stand."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import Served, Watched

from agent.records import Scope

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


@contextmanager
def shown(folder: Path) -> Iterator[tuple[Served, str]]:
    """A Storehand whose settings let the example's page hold it, and where that page is. Its product is one that the scripted shop has."""
    example = folder / "example"
    example.mkdir()
    shutil.copy(GUIDE / "embed_host.py", example)
    (example / "embed.html").write_text((GUIDE / "embed.html").read_text(encoding="utf-8").replace('"p_1"', '"p1"'), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with Served(folder, frame_ancestors=[address]).running() as served:
        env = os.environ | {"STOREHAND_URL": served.address, "STOREHAND_KEY": served.world.key(Scope.ADMIN), "PORT": str(port)}
        host = subprocess.Popen([sys.executable, str(example / "embed_host.py")], env=env, stderr=subprocess.PIPE, text=True)
        try:
            assert host.stderr is not None and address in host.stderr.readline()
            yield served, address
        finally:
            host.terminate()
            host.communicate()


def test_the_guides_page_opens_the_chat_for_whoever_its_server_says_is_there(chromium: Any, tmp_path: Path) -> None:
    with shown(tmp_path) as (served, address):
        served.world.person("Anna")
        watched = Watched(chromium, address, viewport={"width": 1280, "height": 900})
        watched.page.goto("/")
        watched.page.get_by_role("button", name="Ask about this product").click()  # its script makes it one that can be pressed
        frame = watched.page.frame_locator("iframe")
        expect(frame.locator(".chip-line", has_text="Blue Ceramic Mug")).to_be_visible()
        expect(frame.get_by_label("Your request")).to_have_value("How many are in stock?")
        frame.get_by_label("Your request").press("Enter")
        expect(frame.locator('.foot[data-state="done"]')).to_be_visible()
        watched.context.close()
        assert [(asked.text, asked.context) for asked in served.world.service.asked] == [("How many are in stock?", {"product_id": "p1"})]
        assert [fault for fault in watched.faults if "autofocusing" not in fault] == []


def test_the_guides_page_says_why_when_there_is_no_link_and_shows_no_empty_frame(chromium: Any, tmp_path: Path) -> None:
    with shown(tmp_path) as (_, address):
        watched = Watched(chromium, address)
        watched.page.goto("/")
        watched.page.get_by_role("button", name="Ask about the shop").click()
        expect(watched.page.get_by_role("status")).to_have_text("Storehand gave no link; this server's log says why.")
        expect(watched.page.locator("iframe")).to_be_hidden()
        watched.context.close()
