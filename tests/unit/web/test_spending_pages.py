"""The panel's pages about models: usage, providers, pauses and keys."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from doors import PAGE, World
from spent import ASKED, spend

from agent.errors import Overloaded
from agent.gateway import Gateway
from agent.records import Role, Scope
from agent.web.spend import Spend

FURTHER = ("/usage", "/pauses", "/providers", "/keys")


@pytest.fixture
def spent(world: World) -> World:
    spend(world, who=world.person().id)
    world.sign_in()
    return world


def page(world: World, path: str) -> str:
    reply = world.send("GET", path, headers=PAGE)
    assert reply.status_code == 200, reply.text
    return reply.text


def texts(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def menu(world: World) -> set[str]:
    return {path for path in FURTHER if f'href="{path}"' in page(world, "/")}


# the menu


def test_only_pages_that_have_something_to_show_are_in_the_menu(spent: World, tmp_path: Path) -> None:
    assert menu(spent) == set(FURTHER)
    (tmp_path / "b").mkdir()
    without = World(tmp_path / "b", spend=None)
    without.person()
    without.sign_in()
    assert menu(without) == {"/keys"}
    assert [without.send("GET", path, headers=PAGE).status_code for path in FURTHER] == [404, 404, 404, 200]
    without.close()


def test_without_a_model_to_call_there_are_neither_providers_nor_pauses(world: World, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    alone = World(tmp_path / "b", spend=Spend(db=world.db, books=world.books, gateway=Gateway()))
    alone.person()
    alone.sign_in()
    assert menu(alone) == {"/usage", "/keys"}
    alone.close()


def test_staff_see_what_is_spent_and_decide_on_none_of_it(spent: World) -> None:
    spent.person("Sam", role=Role.STAFF)
    spent.sign_in("Sam")
    assert menu(spent) == {"/usage", "/pauses", "/providers"}
    assert spent.send("GET", "/keys", headers=PAGE).status_code == 403
    assert "<form" not in page(spent, "/pauses").partition("<main")[2] and "An owner of the shop decides" in page(spent, "/pauses")
    pause = spent.run(spent.spend.pauses("shop_a"))[0].id
    tried = [spent.click(path) for path in (f"/pauses/{pause}/continue", "/providers/check", "/keys", "/keys/key_1/revoke")]
    assert [reply.status_code for reply in tried] == [403, 403, 403, 403]
    assert spent.models.history == []


# usage


def test_the_figures_the_chart_and_its_table_say_the_same(spent: World) -> None:
    html = page(spent, "/usage?days=7")
    said = texts(html)
    assert "Cost US$0.75" in said and "Calls to models 3" in said and "Tokens 3,600" in said and "Done by students 75%" in said
    charts = re.findall(r'<figure class="chart">.*?</figure>', html, re.S)
    assert len(charts) == 2
    for chart, kinds in zip(charts, (1, 2), strict=True):
        drawn = re.findall(r"<title>(.*?)</title>(.*?)</g>", chart, re.S)
        assert len(drawn) == 7 and sum(piece.count("<rect") for _, piece in drawn) == 3 * kinds
        rows = [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", chart, re.S)][1:]
        assert len(rows) == 3 and all(row.partition(" 202")[0].split(" ")[0] in chart for row in rows)
    assert texts(charts[0]).endswith("20 Nov US$0.25 21 Nov US$0.25 22 Nov US$0.25")
    assert texts(charts[1]).endswith("20 Nov 3 1 21 Nov 3 1 22 Nov 3 1")


def test_the_page_ranks_runs_and_tells_how_long_what_was_bought_lasts(spent: World) -> None:
    said = texts(page(spent, "/usage"))
    assert f"{ASKED} Anna 22 Nov 2026, 11:30" in said and f"Longest reasoning Request By When Calls Reasoning tokens Cost {ASKED}" in said
    assert "acme US$0.75 of US$2.00 used At this rate the rest lasts 5 days." in said


def test_limits_are_shown_with_what_is_used_of_them(spent: World) -> None:
    assert "The whole shop US$8.50 of US$10.00 this month More than four fifths are used." in texts(page(spent, "/usage"))
    spent.run(spent.books.budgets.set("shop_a", "task", "sales_report", "day", Decimal(0)))
    assert "Sales report US$0.00 of US$0.00 today Used up: no model is called on it until it begins anew." in texts(page(spent, "/usage"))


@pytest.mark.parametrize(("by", "name"), [("task", "Write product text"), ("model", "acme/big-1"), ("owner", "Anna"), ("provider", "acme")])
def test_what_it_went_to_is_grouped_and_downloads_as_it_is_shown(spent: World, by: str, name: str) -> None:
    assert f"{name} US$0.75" in texts(page(spent, f"/usage?by={by}").partition('id="by"')[2])
    reply = spent.send("GET", f"/usage.csv?by={by}", headers=PAGE)
    assert reply.headers["content-disposition"] == f'attachment; filename="usage-by-{by}.csv"'
    assert reply.text.splitlines()[1].split(",")[1] == "3"


def test_a_question_the_page_has_no_answer_to_is_told_so(spent: World) -> None:
    assert [spent.send("GET", f"/usage?{query}", headers=PAGE).status_code for query in ("days=8", "by=weather")] == [422, 422]


def test_another_shop_sees_none_of_it(spent: World) -> None:
    spent.person("Olga", shop="shop_b")
    spent.sign_in("Olga")
    said = texts(page(spent, "/usage"))
    assert "Cost US$0.00" in said and ASKED not in said and "acme" not in said
    assert "Nothing is paused." in page(spent, "/pauses")
    pause = spent.run(spent.spend.pauses("shop_a"))[0].id
    assert spent.click(f"/pauses/{pause}/continue").status_code == 404


# providers


def test_a_target_that_rests_says_why_and_until_when(spent: World) -> None:
    first, second = re.findall(r'<li class="card target.*?</li>', page(spent, "/providers"), re.S)
    assert "acme/big-1 well" in texts(first) and "24 hours 2" in texts(first)
    said = texts(second)
    assert re.search(r"acme/small-2 breaker open It failed several times running\. Until \d\d? \w{3} \d{4}", said)
    assert "failed, 3 hours ago" in said and "overloaded: it is busy" in said


def test_trying_every_model_is_kept_and_shown(spent: World) -> None:
    spent.models.enqueue("ready", Overloaded("busy"))
    answer = spent.click("/providers/check").text
    assert "Every model was tried just now." in answer and "well, 1 second ago" in texts(answer) and "failed, 1 second ago" in texts(answer)
    assert len(spent.models.history) == 2


# pauses


@pytest.mark.parametrize(("decision", "state"), [("continue", "goes on"), ("raise", "goes on, measure doubled"), ("stop", "stopped for good")])
def test_a_pause_says_what_and_why_and_is_decided_once(spent: World, decision: str, state: str) -> None:
    html = page(spent, "/pauses")
    assert "Request “run_0” paused It sends the same prompt again and again. The same prompt was sent 3 times within 10 minutes." in texts(html)
    address = re.findall(rf'hx-post="(/pauses/[\w-]+/{decision})"', html)[0]
    assert state in texts(spent.click(address).text)
    assert spent.click(address).status_code == 404 and "Nothing is paused." in page(spent, "/pauses")


def test_a_decision_is_one_of_three_and_comes_from_our_own_page(spent: World) -> None:
    pause = spent.run(spent.spend.pauses("shop_a"))[0].id
    assert spent.click(f"/pauses/{pause}/forget").status_code == 404
    assert spent.send("POST", f"/pauses/{pause}/stop", data={"csrf": "x"}, headers=PAGE).status_code == 403
    assert len(spent.run(spent.spend.pauses("shop_a"))) == 1


# keys


def test_a_key_is_shown_in_the_reply_that_made_it_and_never_again(spent: World) -> None:
    form = {"name": "ERP", "scopes": ["read", "llm"], "models": ["frontier"], "budget": "12.50", "days": "30"}
    made = spent.click("/keys", **form).text
    secret = re.findall(r'value="(sk_sh_[^"]+)"', made)[0]
    assert spent.api("GET", "/v1/runs", key=secret).status_code == 200
    later = page(spent, "/keys")
    assert secret not in later
    said = texts(later)
    assert "ERP good" in said and "Models frontier" in said and "A month US$12.50" in said and "May llm, read" in said


def test_a_key_for_the_sandbox_is_offered_only_where_there_is_one(spent: World, tmp_path: Path) -> None:
    assert 'name="sandbox"' not in page(spent, "/keys")
    assert spent.click("/keys", name="Try", scopes=["read"], days="0", sandbox="1").status_code == 422
    (tmp_path / "with").mkdir()
    world = World(tmp_path / "with", sandboxes=_sandbox)
    world.person()
    world.sign_in()
    assert 'name="sandbox"' in page(world, "/keys")
    assert "a sandbox, not yours" in world.click("/keys", name="Try", scopes=["read"], days="0", sandbox="1").text
    world.click("/keys", name="Real", scopes=["read"], days="0")
    assert {key.name: key.sandbox_shop for key in world.run(world.accounts.keys.list("shop_a"))} == {"Try": "sandbox_of_shop_a", "Real": None}
    world.close()


async def _sandbox(shop: str) -> str:
    return f"sandbox_of_{shop}"


def test_a_key_is_rotated_and_revoked_on_its_card(spent: World) -> None:
    first = re.findall(r'value="(sk_sh_[^"]+)"', spent.click("/keys", name="ERP", scopes=["read"], days="0").text)[0]
    id = spent.run(spent.accounts.keys.list("shop_a"))[0].id
    answer = spent.click(f"/keys/{id}/rotate", overlap="1").text
    second = re.findall(r'value="(sk_sh_[^"]+)"', answer)[0]
    assert "The old one is good until" in answer
    assert [spent.api("GET", "/v1/runs", key=key).status_code for key in (first, second)] == [200, 200]
    assert "revoked" in texts(spent.click(f"/keys/{id}/revoke").text)
    assert [spent.api("GET", "/v1/runs", key=key).status_code for key in (first, second)] == [401, 401]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"budget": "much"}, {"budget": "NaN"}, {"budget": "-1"}, {"days": "31"}]
)
def test_a_key_that_makes_no_sense_is_not_made(spent: World, wrong: dict[str, Any]) -> None:
    assert spent.click("/keys", **{"name": "ERP", "scopes": ["read"], "days": "0", **wrong}).status_code == 422
    assert spent.run(spent.accounts.keys.list("shop_a")) == []


def test_without_scripts_the_secret_is_in_the_page_that_answers(spent: World) -> None:
    form = {"csrf": spent.csrf(), "name": "ERP", "scopes": "read", "days": "0"}
    reply = spent.send("POST", "/keys", data=form, headers=PAGE)
    assert reply.status_code == 200 and "sk_sh_" in reply.text and "<html" in reply.text


def test_another_shops_key_is_not_found(spent: World) -> None:
    theirs = spent.run(spent.accounts.keys.create("x", shop="shop_b", scopes=[Scope.READ]))
    assert [spent.click(f"/keys/{theirs.key.id}/{what}").status_code for what in ("rotate", "revoke")] == [404, 404]
    assert spent.api("GET", "/v1/runs", key=theirs.secret).status_code == 200
