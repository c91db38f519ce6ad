"""The page of conversations, what can be done with one, the versions of a request, and concerns that are put off, over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from doors import PAGE, World
from scripted import NOW

from agent.records import Role


@pytest.fixture
def owner(world: World) -> World:
    world.person("Anna")
    world.sign_in()
    return world


def ask(world: World, text: str, thread: str = "t1", **more: str) -> str:
    """The id of the run."""
    reply = world.click("/asks", on=f"/t/{thread}", text=text, thread=thread, **more)
    assert reply.status_code == 200
    world.run(world.service.settled())
    return next(run.id for run in world.run(world.service.runs(principal(world))).items)


def principal(world: World) -> object:
    return world.run(world.accounts.people.named("anna")).principal


def page(world: World, path: str) -> str:
    return world.send("GET", path, headers=PAGE).text


def order(text: str, *words: str) -> list[str]:
    """The words as they first come."""
    return sorted(words, key=text.index)


def test_pinned_conversations_come_first_in_the_list_and_beside_every_page(owner: World) -> None:
    for n, text in enumerate(("How did sales go?", "What runs low?", "Who bought mugs?")):
        ask(owner, text, f"t{n}")
    assert order(page(owner, "/conversations"), "How did sales go?", "Who bought mugs?") == ["Who bought mugs?", "How did sales go?"]
    reply = owner.click("/t/t0/pin", on="/conversations").text
    assert order(reply, "How did sales go?", "Who bought mugs?") == ["How did sales go?", "Who bought mugs?"] and "pinned" in reply
    assert "<h2>Pinned</h2>" in page(owner, "/keys")
    assert "<h2>Pinned</h2>" not in owner.click("/t/t0/unpin", on="/conversations").text


def test_a_conversation_gets_a_name_which_is_searched_and_shown_as_text(owner: World) -> None:
    ask(owner, "How did sales go?")
    ask(owner, "What runs low?", "t2")
    reply = owner.click("/t/t1/rename", title="Month <b>end</b>")
    assert "Month &lt;b&gt;end&lt;/b&gt;" in reply.text and 'id="thread-head"' in reply.text
    found = owner.send("GET", "/conversations?q=month", headers={**PAGE, "hx-request": "true"}).text
    assert "Month &lt;b&gt;" in found and "What runs low?" not in found
    assert "No conversation is like that" in page(owner, "/conversations?q=nothing")


def test_a_conversation_is_deleted_after_it_is_said_what_that_means(owner: World) -> None:
    ask(owner, "How did sales go?")
    shown = page(owner, "/conversations")
    assert "Delete for good" in shown and "stays, with its entry under Changes" in shown
    assert "Nothing has been asked yet" in owner.click("/t/t1/delete", on="/conversations").text
    assert owner.send("GET", "/t/t1", headers=PAGE).status_code == 404
    ask(owner, "How did sales go?", "t2")
    assert owner.click("/t/t2/delete", on="/t/t2").headers["hx-redirect"] == "/conversations"


def test_who_did_not_begin_a_conversation_sees_no_way_to_rename_or_delete_it(owner: World) -> None:
    ask(owner, "How did sales go?")
    owner.person("Vera", role=Role.VIEWER)
    owner.sign_in("Vera")
    shown = page(owner, "/t/t1")
    assert "Delete for good" not in shown and "/t/t1/rename" not in shown and "/t/t1/pin" in shown
    assert owner.click("/t/t1/rename", title="Mine").status_code == owner.click("/t/t1/delete").status_code == 403
    assert owner.click("/t/t1/pin").status_code == 200
    assert owner.send("POST", "/t/t1/delete", headers=PAGE).status_code == 403  # no proof that it comes from our page


def test_a_conversation_is_taken_away_as_markdown_and_json(owner: World) -> None:
    ask(owner, "How did sales go?")
    told = owner.send("GET", "/t/t1/export/md", headers=PAGE)
    assert told.headers["content-disposition"] == 'attachment; filename="t1.md"' and "> How did sales go?" in told.text and "Anna" in told.text
    assert owner.send("GET", "/t/t1/export/json", headers=PAGE).json()["thread"]["title"] == "How did sales go?"
    assert owner.send("GET", "/t/t1/export/exe", headers=PAGE).status_code == 404


def test_an_edited_request_has_its_versions_beside_it_and_each_is_reached(owner: World) -> None:
    first = ask(owner, "How did sales go?")
    ask(owner, "What runs low?")
    reply = owner.click("/asks", text="How did sales go last year?", thread="t1", instead_of=first)
    second = reply.headers["hx-redirect"].partition("?at=")[2]
    owner.run(owner.service.settled())
    now = page(owner, "/t/t1")
    assert "2 of 2" in now and "What runs low?" not in re.sub(r'<div class="recent".*?</div>', "", now, flags=re.DOTALL)
    (before,) = re.findall(r'href="([^"]+)" aria-label="The version before"', now)
    assert before == f"/t/t1?at={first}"
    earlier = page(owner, before)
    assert "1 of 2" in earlier and "What runs low?" in earlier and f"?at={second}" in earlier
    # What is asked next there comes after what is seen there.
    (follows,) = re.findall(r'name="follows" value="([^"]+)"', earlier)
    assert owner.click("/asks", text="And the year before?", thread="t1", follows=follows).headers["hx-redirect"].startswith("/t/t1?at=")
    assert "And the year before?" in page(owner, "/t/t1") and "1 of 2" in page(owner, "/t/t1")


def test_a_concern_is_put_off_for_the_shop_and_shown_again(owner: World) -> None:
    shown = owner.click("/today/stock/put-off", on="/").text
    day = f"{(NOW + timedelta(days=7)).day} Nov"
    assert "Blue Ceramic Mug" not in shown and f"Only a few left: put off by Anna, back on {day}" in shown
    owner.person("Vera", role=Role.VIEWER)
    owner.sign_in("Vera")
    seen = page(owner, "/today")
    assert "put off by Anna" in seen and "Show again" not in seen and "Not now" not in seen
    assert owner.click("/today/stock/back", on="/").status_code == 403
    owner.sign_in("Anna")
    assert "Blue Ceramic Mug" in owner.click("/today/stock/back", on="/").text
    assert owner.click("/today/weather/put-off", on="/").status_code == 404
