from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from doors import PAGE, PASSWORD, World
from scripted import MUGS

from agent.records import Role, Scope

ASK = "Put the mugs at 12.50, show me what they sold"


def run_of(card: str) -> str:
    return card.partition("/runs/")[2].partition("/")[0]


def asked(world: World, text: str = ASK) -> tuple[str, str]:
    """The run's id and its thread's page once it has come to its end."""
    card = world.click("/asks", text=text, thread="t1")
    run = run_of(card.text)
    world.send("GET", f"/runs/{run}/stream")
    return run, world.send("GET", "/t/t1", headers=PAGE).text


@pytest.fixture
def signed_in(world: World) -> World:
    world.person()
    world.sign_in()
    return world


# coming in


def test_the_panel_sends_strangers_to_the_door_and_back_where_they_were_going(world: World) -> None:
    world.person()
    sent = world.send("GET", "/changes", headers=PAGE)
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/changes")
    inside = world.send("POST", "/sign-in", data={"name": "anna", "password": PASSWORD, "next": "/changes"})
    assert (inside.status_code, inside.headers["location"]) == (303, "/changes")
    assert world.send("GET", "/changes", headers=PAGE).status_code == 200


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\nSet-Cookie: a=b"])
def test_signing_in_leads_to_pages_of_ours_only(world: World, next: str) -> None:
    world.person()
    inside = world.send("POST", "/sign-in", data={"name": "anna", "password": PASSWORD, "next": next})
    assert inside.headers["location"] == "/"


def test_the_cookie_is_for_this_site_and_no_script(world: World) -> None:
    world.person()
    cookie = world.sign_in().headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie


def test_over_https_the_cookie_is_never_sent_in_the_clear(tmp_path: Any) -> None:
    world = World(tmp_path, secure=True)
    world.person()
    cookie = world.sign_in().headers["set-cookie"]
    world.close()
    assert cookie.startswith("__Host-storehand=") and "Secure" in cookie


def test_an_id_planted_before_signing_in_is_not_the_sessions(world: World) -> None:
    world.person()
    world.client.cookies.set("storehand", "planted-by-someone-else")
    world.sign_in()
    assert world.client.cookies.get("storehand", domain="shop.test") not in (None, "planted-by-someone-else")


def test_a_wrong_password_says_so_and_sets_no_cookie(world: World) -> None:
    world.person()
    reply = world.send("POST", "/sign-in", data={"name": "anna", "password": "wrong"})
    assert reply.status_code == 401 and "not right" in reply.text and "set-cookie" not in reply.headers


def test_guessing_is_slowed(world: World) -> None:
    replies = [world.send("POST", "/sign-in", data={"name": "anna", "password": "wrong"}).status_code for _ in range(7)]
    assert replies[0] == 401 and replies[-1] == 429


def test_a_sign_in_link_works_once_and_does_not_stay_in_the_address(world: World) -> None:
    token = world.run(world.accounts.people.link(world.person().id))
    inside = world.send("GET", f"/sign-in/{token}")
    assert (inside.status_code, inside.headers["location"]) == (303, "/")
    assert world.send("GET", "/", headers=PAGE).status_code == 200
    world.client.cookies.clear()
    again = world.send("GET", f"/sign-in/{token}")
    assert again.status_code == 401 and "set-cookie" not in again.headers


def test_signing_out_ends_the_session_itself(signed_in: World) -> None:
    cookie = signed_in.client.cookies["storehand"]
    signed_in.click("/sign-out")
    signed_in.client.cookies.set("storehand", cookie)
    assert signed_in.send("GET", "/", headers=PAGE).status_code == 303


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"csrf": "guessed"}, {}),
        (None, {"origin": "https://evil.test"}),
        (None, {"sec-fetch-site": "cross-site"}),
        (None, {"sec-fetch-site": "same-site"}),
    ],
)
@pytest.mark.parametrize(
    "path", ["/asks", "/sign-out", "/approvals/x/approve", "/approvals/x/reject", "/changes/x/undo", "/runs/x/stop", "/runs/x/answers"]
)
def test_another_sites_page_cannot_change_anything(signed_in: World, path: str, form: dict[str, str] | None, headers: dict[str, str]) -> None:
    sent = {"csrf": signed_in.csrf()} if form is None else form
    reply = signed_in.send("POST", path, data={"text": ASK, "thread": "t1", **sent}, headers=headers)
    assert reply.status_code == 403
    assert signed_in.service.asked == []


# chat


def test_an_empty_page_invites_with_requests_that_are_true_for_the_shop(signed_in: World) -> None:
    page = signed_in.send("GET", "/new", headers=PAGE).text
    assert "What shall we do for Fern &amp; Tide?" in page and 'data-starter="Which products are running low?"' in page


def test_a_request_streams_its_plan_its_parts_and_its_end(signed_in: World) -> None:
    card = signed_in.click("/asks", text=ASK, thread="t1")
    assert card.headers["hx-push-url"] == "/t/t1" and "sse-connect=" in card.text and ">Stop<" in card.text
    stream = signed_in.send("GET", f"/runs/{run_of(card.text)}/stream").text
    updates = stream.split("\n\n")
    assert 'data-state="pending"' in updates[1] and 'data-step="s2"' in updates[1]
    assert "Blue Ceramic Mug" in stream and "Where this comes from" in stream
    assert updates[-2] == "event: end\ndata: end"


def test_a_text_is_streamed_as_it_grows_and_can_do_nothing(signed_in: World) -> None:
    card = signed_in.click("/asks", text="Compose a text about the Blue Ceramic Mug", thread="t1")
    updates = signed_in.send("GET", f"/runs/{run_of(card.text)}/stream").text.split("\n\n")
    whole = [update for update in updates if 'class="writing"' in update]
    assert len(whole) == 2 and "A mug for the" in whole[0] and "A mug for the" not in whole[1]
    assert "A blue mug from Fern &amp; Tide, &lt;b&gt;thrown&lt;/b&gt; by⟨U+202E⟩ hand." in whole[1]
    more = [update for update in updates if "beforeend:#run-" in update]
    assert len(more) == 2 and "> 300 ml.</span>" in more[1] and "announcer" not in more[1]
    place = more[1].partition("beforeend:#")[2].partition('"')[0]
    assert f'id="{place}"' in whole[1]
    after = "".join(updates[updates.index(more[1]) + 1 :])
    assert 'class="writing"' not in after and "<textarea" in after


def test_a_stream_that_comes_back_tells_only_what_was_not_seen(signed_in: World) -> None:
    card = signed_in.click("/asks", text=ASK, thread="t1")
    path = f"/runs/{run_of(card.text)}/stream"
    whole = re.findall(r"^id: (\d+)", signed_in.send("GET", path).text, re.M)
    rest = re.findall(r"^id: (\d+)", signed_in.send("GET", path, headers={"last-event-id": whole[2]}).text, re.M)
    assert rest == whole[3:]


def test_a_reload_shows_what_was_streamed(signed_in: World) -> None:
    run, page = asked(signed_in)
    for shown in ("12.50", "€2,024.00", "Where this comes from", "waits for approval", "Approve all 3", f"run-{run}"):
        assert shown in page
    assert "sse-connect" not in page


def test_a_browser_without_scripts_is_led_to_the_page(signed_in: World) -> None:
    sent = signed_in.send("POST", "/asks", data={"csrf": signed_in.csrf(), "text": ASK, "thread": "t9"}, headers=PAGE)
    assert (sent.status_code, sent.headers["location"]) == (303, "/t/t9")


def test_text_from_the_store_is_inert_and_its_unseen_characters_are_seen(signed_in: World) -> None:
    _, page = asked(signed_in, "Put the mugs at 12.50 <script>alert(1)</script> \u202ex")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "Tall Latte Mug &lt;b&gt;" in page
    assert "\u202e" not in page and "⟨U+202E⟩gnippart" in page


def test_numbers_and_times_are_the_shops(signed_in: World) -> None:
    _, page = asked(signed_in)
    assert "22 Nov 2026" in page or "Expires in 3 days" in page
    assert "last month (1 Oct 2026 – 31 Oct 2026)" in page


def test_a_table_is_a_csv_that_no_spreadsheet_runs(signed_in: World) -> None:
    run, _ = asked(signed_in)
    reply = signed_in.send("GET", f"/runs/{run}/parts/s2/0.csv")
    assert reply.headers["content-type"].startswith("text/csv") and 'filename="sales_report.csv"' in reply.headers["content-disposition"]
    lines = reply.text.lstrip("\ufeff").split("\r\n")
    assert lines[0] == "Product,Units,Net sales (EUR),Share" and lines[1] == "Blue Ceramic Mug,184,2024.00,31.4"
    assert signed_in.send("GET", f"/runs/{run}/parts/s2/9.csv", headers=PAGE).status_code == 404


def test_a_question_is_answered_in_place(signed_in: World) -> None:
    run, page = asked(signed_in, "Change the price: which mug?")
    assert "Which mug do you mean?" in page and 'value="Tall Latte Mug"' in page
    card = signed_in.click(f"/runs/{run}/answers", question="q1", option="Tall Latte Mug").text
    assert "Which mug do you mean?" not in card and "Tall Latte Mug" in card and ">Approve<" in card


def test_what_is_not_done_is_said_with_the_words_it_was_about(signed_in: World) -> None:
    _, page = asked(signed_in, "What is the weather?")
    assert "The weather is not a shop matter." in page and '<q dir="auto">What is the weather?</q>' in page


def test_a_failed_run_says_why_also_after_a_reload(signed_in: World) -> None:
    _, page = asked(signed_in, "boom")
    assert "The report broke; nothing was changed." in page


def test_a_run_is_stopped_from_its_card(signed_in: World) -> None:
    signed_in.service._hold = True
    card = signed_in.click("/asks", text=ASK, thread="t1")
    stopped = signed_in.click(f"/runs/{run_of(card.text)}/stop").text
    assert "Stopped. What is shown was done" in stopped and "sse-connect" not in stopped


# deciding


def test_a_proposal_shows_before_after_effect_and_expiry(signed_in: World) -> None:
    _, page = asked(signed_in)
    for _, label, before, after in MUGS:
        assert label in page and f"€{before}" in page and f"€{after}" in page
    assert "−€1.40" in page and "+13.6%" in page and "Expires in 3 days" in page


def approval(page: str) -> str:
    found = re.search(r"/approvals/([0-9a-f]{64})/approve", page)
    assert found is not None
    return found[1]


def test_ticked_changes_are_approved_and_the_rest_stays_open(signed_in: World) -> None:
    _, page = asked(signed_in)
    card = signed_in.click(f"/approvals/{approval(page)}/approve", items=["1", "3"]).text
    assert card.count('class="item applied"') == 2 and card.count('class="item open"') == 1


def test_nothing_ticked_approves_nothing(signed_in: World) -> None:
    _, page = asked(signed_in)
    reply = signed_in.click(f"/approvals/{approval(page)}/approve")
    assert reply.status_code == 422 and reply.headers["hx-retarget"] == "#notices" and "Tick at least one" in reply.text
    assert "Approve all 3" in signed_in.send("GET", "/t/t1", headers=PAGE).text


def test_an_applied_proposal_can_be_undone_by_a_proposal_that_stays_after_a_reload(signed_in: World) -> None:
    _, page = asked(signed_in)
    card = signed_in.click(f"/approvals/{approval(page)}/approve", items=["1", "2", "3"]).text
    assert 'data-state="applied"' in card and "hx-swap-oob" in card
    undo = re.search(r"/changes/(\w+)/undo", card)
    assert undo is not None
    inverse = signed_in.click(undo[0]).text
    assert "Puts back an earlier change" in inverse and "€11.00" in inverse
    assert "Puts back an earlier change" in signed_in.send("GET", "/t/t1", headers=PAGE).text
    done = signed_in.click(f"/approvals/{approval(inverse)}/approve", items=["1", "2", "3"]).text
    assert 'data-state="applied"' in done and 'data-state="undone"' in done


def test_a_decision_made_twice_is_a_notice_not_a_second_decision(signed_in: World) -> None:
    _, page = asked(signed_in)
    signed_in.click(f"/approvals/{approval(page)}/reject", items=["1", "2", "3"])
    again = signed_in.click(f"/approvals/{approval(page)}/approve")
    assert again.status_code == 409 and "decided already" in again.text and again.headers["hx-retarget"] == "#notices"


def test_who_may_not_approve_sees_the_proposal_and_no_button(world: World) -> None:
    world.person(role=Role.VIEWER)
    world.sign_in()
    _, page = asked(world)
    assert "Someone with the right to approve decides on this." in page and "Approve all" not in page
    assert world.click(f"/approvals/{world.service._mine(world.person('B').principal)[0].digest}/approve", items=["1", "2", "3"]).status_code == 403


def test_an_edited_draft_becomes_a_proposal_and_an_unedited_one_is_its_own(signed_in: World) -> None:
    run, page = asked(signed_in, "Describe the Blue Ceramic Mug")
    assert "without a model" in page and "thrown by hand" in page
    same = signed_in.click(f"/runs/{run}/drafts/s1", item="1", text="A blue mug from Fern & Tide, thrown by hand.\r\n\r\nHolds 300 ml.").text
    assert len(signed_in.service._sets) == 1 and "thrown by hand" in same
    edited = signed_in.click(f"/runs/{run}/drafts/s1", item="1", text="Shorter.").text
    assert "Shorter." in edited and ">Approve<" in edited
    assert [s.state for s in signed_in.service._sets.values()] == ["rejected", "open"]  # the text as written waits no longer
    once_more = signed_in.click(f"/runs/{run}/drafts/s1", item="1", text="Shorter still.").text
    assert "Shorter still." in once_more
    assert [s.state for s in signed_in.service._sets.values()] == ["rejected", "rejected", "open"]


def test_what_a_draft_was_saved_as_is_there_after_a_reload(signed_in: World) -> None:
    run, page = asked(signed_in, "Describe the Blue Ceramic Mug")
    assert ">Approve<" not in page
    signed_in.click(f"/runs/{run}/drafts/s1", item="1", text="Shorter.")
    page = signed_in.send("GET", f"/runs/{run}", headers=PAGE).text
    assert ">Shorter.</textarea>" in page and ">Approve<" in page
    assert "“Describe the Blue Ceramic Mug”" in signed_in.send("GET", "/approvals", headers=PAGE).text  # whose request it came of
    (waiting,) = [s for s in signed_in.service._sets.values() if s.state == "open"]
    signed_in.click(f"/approvals/{waiting.digest}/reject")
    page = signed_in.send("GET", f"/runs/{run}", headers=PAGE).text
    assert ">Shorter.</textarea>" in page and ">Approve<" not in page and "rejected" in page


def test_a_draft_that_was_turned_down_is_proposed_again_when_it_is_saved_again(signed_in: World) -> None:
    run, _ = asked(signed_in, "Describe the Blue Ceramic Mug")
    text = "A blue mug from Fern & Tide, thrown by hand.\r\n\r\nHolds 300 ml."
    (written,) = signed_in.service._sets.values()
    signed_in.click(f"/approvals/{written.digest}/reject")
    assert "rejected" in signed_in.send("GET", f"/runs/{run}", headers=PAGE).text
    assert ">Approve<" in signed_in.click(f"/runs/{run}/drafts/s1", item="1", text=text).text
    assert [s.state for s in signed_in.service._sets.values()] == ["rejected", "open"]


def test_the_pages_of_approvals_and_changes_show_what_they_should(signed_in: World) -> None:
    assert "Nothing waits for you." in signed_in.send("GET", "/approvals", headers=PAGE).text
    _, page = asked(signed_in)
    assert "New price for 3 variants" in signed_in.send("GET", "/approvals", headers=PAGE).text
    signed_in.click(f"/approvals/{approval(page)}/approve", items=["1", "2", "3"])
    assert "Nothing waits for you." in signed_in.send("GET", "/approvals", headers=PAGE).text
    page = signed_in.send("GET", "/changes", headers=PAGE).text
    assert "New price for 3 variants" in page and "Anna, 22 Nov 2026, 11:30" in page


def test_another_shops_ids_are_not_found_in_the_panel(world: World) -> None:
    world.person("Anna", shop="shop_a")
    world.person("Bert", shop="shop_b")
    world.sign_in("Anna")
    run, page = asked(world)
    digest = approval(page)
    world.click(f"/approvals/{digest}/approve", items=["1", "2", "3"])
    change_set = next(iter(world.service._sets))
    world.client.cookies.clear()
    world.sign_in("Bert")
    for path in ("/t/t1", f"/runs/{run}/stream", f"/runs/{run}/parts/s2/0.csv"):
        assert world.send("GET", path, headers=PAGE).status_code == 404, path
    for path in (
        f"/runs/{run}/stop",
        f"/runs/{run}/answers",
        f"/approvals/{digest}/approve",
        f"/approvals/{digest}/reject",
        f"/changes/{change_set}/undo",
    ):
        assert world.click(path, question="q1", value="x").status_code == 404, path
    assert "/t/t1" not in world.send("GET", "/", headers=PAGE).text


def test_an_unknown_address_is_a_page_for_people(signed_in: World) -> None:
    reply = signed_in.send("GET", "/nowhere", headers=PAGE)
    assert reply.status_code == 404 and "Back to your requests" in reply.text and reply.headers["x-request-id"] in reply.text


# standing in another page


def test_a_link_for_someone_of_the_shop_signs_them_in_once(world: World) -> None:
    world.person("Anna")
    world.person("Bert", shop="shop_b")
    key = world.key()
    assert world.api("POST", "/v1/sign-in-links", {"person": "Bert"}, key=key).status_code == 404
    assert world.api("POST", "/v1/sign-in-links", {"person": "Anna"}, key=world.key(Scope.READ)).status_code == 403
    path = world.api("POST", "/v1/sign-in-links", {"person": "Anna"}, key=key).json()["path"]
    inside = world.send("GET", f"{path}?next=%2Fnew%3Ftext%3DHi", headers=PAGE)
    assert (inside.status_code, inside.headers["location"]) == (303, "/new?text=Hi")
    world.client.cookies.clear()
    assert world.send("GET", path, headers=PAGE).status_code == 401


def test_only_pages_of_named_origins_may_hold_the_panel(tmp_path: Path, world: World) -> None:
    assert "frame-ancestors 'none'" in world.send("GET", "/sign-in", headers=PAGE).headers["content-security-policy"]
    (tmp_path / "framed").mkdir()
    framed = World(tmp_path / "framed", frame_ancestors=["https://admin.example"], secure=True)
    try:
        policy = framed.send("GET", "/sign-in", headers=PAGE).headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://admin.example") and "default-src 'self'" in policy
        framed.person()
        assert "samesite=none" in framed.sign_in().headers["set-cookie"].lower()
        assert framed.send("GET", "/embed.js").headers["cross-origin-resource-policy"] == "cross-origin"
    finally:
        framed.close()


def test_script_and_style_of_a_page_are_under_a_hundred_kilobytes_and_packed(signed_in: World) -> None:
    page = signed_in.send("GET", "/new", headers=PAGE).text
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css)\?v=[^"]+)"', page))
    assert len(files) >= 4 and sum(len(signed_in.send("GET", file).content) for file in files) < 100_000
    sent = signed_in.send("GET", min(files), headers={"accept-encoding": "gzip"}).headers
    assert sent["content-encoding"] == "gzip" and sent["vary"] == "accept-encoding"
    assert sum(int(signed_in.send("GET", file, headers={"accept-encoding": "gzip"}).headers["content-length"]) for file in files) < 35_000


def test_a_proposal_beside_no_conversation_says_who_asked_what(signed_in: World) -> None:
    _, page = asked(signed_in)
    assert 'class="hint origin"' not in page  # the conversation says it
    waiting = signed_in.send("GET", "/approvals", headers=PAGE).text
    origin = waiting.partition('class="hint origin"')[2].partition("</p>")[0]
    assert "Anna" in origin and re.search(r'href="/runs/[^"]+"', origin) and ASK in origin
    signed_in.click(f"/approvals/{approval(page)}/approve", items=["1", "2", "3"])
    assert ASK in signed_in.send("GET", "/changes", headers=PAGE).text.partition('class="hint origin"')[2]


def test_who_decides_too_late_is_shown_what_was_decided(signed_in: World) -> None:
    """Another tab, or a colleague, was first: a card that still offers both buttons would be asked again."""
    _, page = asked(signed_in)
    signed_in.click(f"/approvals/{approval(page)}/approve", items=["1", "2", "3"])
    late = signed_in.click(f"/approvals/{approval(page)}/reject", items=["1", "2", "3"])
    assert late.status_code == 409 and late.headers["hx-retarget"] == "#notices"
    card = late.text.partition("<form")[2]
    assert 'hx-swap-oob="true"' in card and 'data-state="applied"' in card and "Approve all" not in card


def test_a_request_of_which_nothing_could_be_done_is_not_called_done(signed_in: World) -> None:
    asked(signed_in, "How is the weather")
    row = signed_in.send("GET", "/runs", headers=PAGE).text.partition('class="row-title"')[2].partition("</li>")[0]
    assert "not done" in row and "badge applied" not in row


def look(world: World, last: str, thread: str = "t1") -> Any:
    return world.send("GET", f"/t/{thread}/after/{last}", headers={**PAGE, "hx-request": "true"})


def test_an_address_that_leads_nowhere_says_so_in_words_for_people(signed_in: World) -> None:
    reply = signed_in.send("GET", "/nowhere", headers=PAGE)
    assert reply.status_code == 404 and "There is no such page." in reply.text and "openapi" not in reply.text


def test_what_was_asked_in_another_window_comes_to_stand_in_this_one(signed_in: World) -> None:
    signed_in.click("/asks", text="Describe the mug", thread="t1")
    page = signed_in.send("GET", "/t/t1", headers=PAGE).text
    assert 'hx-get="/t/t1/after/run_0001"' in page and look(signed_in, "run_0001").status_code == 204
    signed_in.click("/asks", text="explain the second", thread="t1")
    signed_in.click("/asks", text="explain the third", thread="t1")
    found = look(signed_in, "run_0001").text
    assert 'id="run-run_0002"' in found and 'id="run-run_0003"' in found and 'id="run-run_0001"' not in found and "<html" not in found
    assert 'hx-get="/t/t1/after/run_0003"' in found and "data-threads" in found


def test_the_answer_to_a_request_says_that_it_is_the_last_one_shown(signed_in: World) -> None:
    new = signed_in.send("GET", "/new", headers=PAGE).text
    assert 'id="elsewhere"' in new and "/after/" not in new
    assert 'hx-get="/t/t9/after/run_0001"' in signed_in.click("/asks", text="Describe the mug", thread="t9", on="/new").text


def test_another_version_of_an_earlier_request_is_not_put_below_this_one(signed_in: World) -> None:
    signed_in.click("/asks", text="Describe the mug", thread="t1")
    signed_in.click("/asks", text="explain the second", thread="t1")
    signed_in.click("/asks", text="Describe the vase", thread="t1", instead_of="run_0001")
    assert look(signed_in, "run_0002").status_code == 204


@pytest.mark.parametrize("last", ["run_0009", "x"])
def test_a_window_whose_conversation_is_gone_is_told_nothing(last: str, signed_in: World) -> None:
    assert look(signed_in, last).status_code == 204
    signed_in.click("/asks", text="Describe the mug", thread="t1")
    assert look(signed_in, last).status_code == 204
    signed_in.client.cookies.clear()
    assert look(signed_in, last).status_code == 204, "what is half written in it stays"
