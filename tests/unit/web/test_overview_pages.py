"""Today, Runs and Tasks: what waits, what was asked, and what can be asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from doors import PAGE, World
from spent import spend

from agent.records import Role
from agent.service.today import Looked, Records

ASK = "Put the mugs at 12.50, show me what they sold"


@pytest.fixture
def inside(world: World) -> Iterator[World]:
    world.person()
    world.sign_in()
    yield world


def page(world: World, path: str) -> str:
    reply = world.send("GET", path, headers=PAGE)
    assert reply.status_code == 200, reply.text
    return reply.text


def test_today_shows_what_waits_what_was_done_and_open_questions(inside: World) -> None:
    inside.click("/asks", text=ASK, thread="t1")
    inside.click("/asks", text="Change the price: which mug?", thread="t2")
    shown = page(inside, "/")
    assert "New price for 3 variants" in shown and "/approvals#set-cs_0001" in shown and "−€1.40" in shown
    assert "Which mug do you mean?" in shown and 'href="/t/t2"' in shown
    digest = next(iter(inside.service._sets.values())).digest
    inside.click(f"/approvals/{digest}/approve", items=["1", "2", "3"])
    shown = page(inside, "/")
    assert "/approvals#set-cs_0001" not in shown and "/changes/cs_0001/undo" in shown


def test_the_concerns_say_where_they_come_from_and_what_could_not_be_read(inside: World) -> None:
    shown = inside.send("GET", "/today", headers={**PAGE, "hx-request": "true"}).text
    assert "Only a few left" in shown and "184 sold in 30 days" in shown and "0 left" in shown and ">250+<" in shown
    assert "Active products with 5 or fewer units on hand." in shown and "Tall Latte Mug &lt;b&gt;" in shown
    assert "⟨U+202E⟩parcel" in shown and 'href="/?text=Which%20products%20are%20running%20low%3F"' in shown
    assert "Bad new reviews could not be looked at" in shown
    assert "<html" not in shown and "<html" in page(inside, "/today")


@pytest.mark.parametrize(
    ("without", "says", "says_not"),
    [
        (("products", "orders"), ("There is nothing in this shop yet", "Make a first product", "storehand import products products.csv --shop"), ()),
        (("products",), ("There are no products in this shop yet", "storehand import products"), ()),
        (("orders",), ("There are no orders in this shop yet", "storehand import orders"), ("storehand import products", "Make a first product")),
    ],
)
def test_a_shop_without_records_is_told_how_to_begin_and_not_that_all_is_well(
    without: tuple[Records, ...], says: tuple[str, ...], says_not: tuple[str, ...], inside: World
) -> None:
    inside.service.looked = Looked(concerns=(), without=without)
    shown = inside.send("GET", "/today", headers={**PAGE, "hx-request": "true"}).text
    assert all(each in shown for each in says) and not any(each in shown for each in (*says_not, "as they should be"))
    assert "--shop &#39;Fern &amp; Tide&#39;" in shown, "as a shell takes it"


def test_who_may_only_look_is_told_who_brings_the_records_in(world: World) -> None:
    world.person(role=Role.VIEWER)
    world.sign_in()
    world.service.looked = Looked(concerns=(), without=("products", "orders"))
    shown = world.send("GET", "/today", headers={**PAGE, "hx-request": "true"}).text
    assert "An owner of the shop can bring in" in shown and "storehand import" not in shown and "Make a first product" not in shown


def test_words_in_the_address_stand_in_the_box_and_are_not_sent(inside: World) -> None:
    shown = page(inside, "/?text=%3Cb%3Eset%20the%20mug")
    assert ">&lt;b&gt;set the mug</textarea>" in shown and inside.service.asked == []


def test_runs_are_found_by_their_words_state_and_time(inside: World) -> None:
    inside.click("/asks", text=ASK, thread="t1")
    inside.click("/asks", text="What is the weather?", thread="t1")
    everything = page(inside, "/runs")
    assert "Put the mugs" in everything and "What is the weather?" in everything and "Change price, Sales report" in everything
    piece = inside.send("GET", "/runs?q=weather", headers={**PAGE, "hx-request": "true"}).text
    assert "What is the weather?" in piece and "Put the mugs" not in piece and "<html" not in piece
    page(inside, "/runs?state=failed&person=per_1&task=change_price&from=2026-11-20&to=2026-11-21")
    sought = inside.service.sought[-1]
    assert (sought.states, sought.person, sought.task) == (["failed"], "per_1", "change_price")
    assert sought.since is not None and sought.since.isoformat() == "2026-11-19T23:00:00+00:00"
    assert sought.until is not None and sought.until.isoformat() == "2026-11-21T23:00:00+00:00"
    assert "No request is like that." in page(inside, "/runs?q=zebra")


@pytest.mark.parametrize("query", ["state=happy", "from=yesterday", "to=2026-13-01"])
def test_what_cannot_be_looked_for_is_told(query: str, inside: World) -> None:
    assert inside.send("GET", f"/runs?{query}", headers=PAGE).status_code == 422


def test_a_run_shows_its_plan_parts_events_and_costs_by_step(inside: World) -> None:
    inside.click("/asks", text=ASK, thread="t1")
    shown = page(inside, "/runs/run_0001")
    for each in ("Put the mugs", "Where this comes from", "Approve all 3", "Plan ready", "Step finished", 'href="/t/t1"', "No provider was called"):
        assert each in shown, each
    spend(inside)  # its calls are of runs named otherwise; one of them is booked to this one
    inside.run(inside.db.write(lambda session: session.connection().exec_driver_sql("UPDATE llm_attempts SET run_id = 'run_0001', subtask = 's2'")))
    shown = page(inside, "/runs/run_0001")
    assert "$0.75" in shown and "acme/big-1" in shown and "Prompts are not kept" in shown


def test_another_shops_run_is_not_found(inside: World) -> None:
    inside.click("/asks", text=ASK, thread="t1")
    inside.person("Bert", shop="shop_b")
    inside.client.cookies.clear()
    inside.sign_in("Bert")
    assert inside.send("GET", "/runs/run_0001", headers=PAGE).status_code == 404
    assert "Put the mugs" not in page(inside, "/runs")


def test_every_task_is_in_the_catalogue_with_words_that_fill_the_box(inside: World) -> None:
    shown = page(inside, "/tasks")
    for task in inside.service.tasks():
        assert f'href="/tasks/{task.name}"' in shown
    assert 'href="/?text=set%20the%20blue%20mug%20to%2012.50"' in shown
    piece = inside.send("GET", "/tasks?q=price change", headers={**PAGE, "hx-request": "true"}).text
    assert "/tasks/change_price" in piece and "/tasks/sales_report" not in piece


def test_a_task_says_what_it_takes_gives_and_was_asked_lately(inside: World) -> None:
    inside.click("/asks", text=ASK, thread="t1")
    shown = page(inside, "/tasks/change_price")
    assert "variants" in shown and "proposes changes" in shown and "POST /v1/tasks/change_price" in shown and "/runs/run_0001" in shown
    assert inside.send("GET", "/tasks/fly_to_the_moon", headers=PAGE).status_code == 404


def test_a_viewer_sees_today_without_what_only_others_may_do(world: World) -> None:
    world.person(role=Role.VIEWER)
    world.sign_in()
    shown = page(world, "/")
    assert 'href="/keys"' not in shown and 'href="/runs"' in shown
