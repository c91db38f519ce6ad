"""The whole of Storehand over HTTP: the task API and the panel over the real service, the demo shop and the shipped students."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import update

from agent.bootstrap import House, open_house
from agent.db.tables import ChangeSetRow
from agent.gateway import Attempt, Spender
from agent.ledger.breaker import Measures
from agent.records import Role, Scope
from agent.runs.idempotency import Idempotency
from agent.settings import load
from agent.web.app import create_app
from agent.web.auth import Accounts
from agent.web.spend import Spend

THREE = "Put the Blue Ceramic Mug at 12.50, show me what it sold last month and which customers bought it"


class Door:
    """The application over an open house, and calls to it as one shop's program or person."""

    def __init__(self, house: House) -> None:
        self.house = house
        known = house.accounts
        accounts = Accounts(keys=known.keys, people=known.people, sessions=known.sessions)
        spend = Spend(db=known.db, books=house.books, gateway=house.gateway)
        self.app = create_app(house.service, accounts, idempotency=Idempotency(known.db), spend=spend)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://shop.test", timeout=60)

    async def key(self, shop: str, *scopes: Scope) -> str:
        return (await self.house.accounts.keys.create("test", shop=shop, scopes=scopes or (Scope.READ, Scope.ASK, Scope.APPROVE))).secret

    async def call(self, method: str, path: str, key: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {key}", **headers}
        return await self.client.request(method, path, headers=sent, **({"json": body} if body is not None else {}))


def through_the_door(folder: Path, work: Callable[[Door, str], Awaitable[None]]) -> None:
    async def inner() -> None:
        async with open_house(load(data=folder, environ={})) as house:
            shop = await house.shop("demo")
            door = Door(house)
            async with door.client:
                await work(door, shop.id)

    asyncio.run(inner())


def test_a_program_asks_another_approves_and_the_change_is_undone(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        asking, approving = await door.key(shop), await door.key(shop)
        reply = (await door.call("POST", "/v1/asks", asking, {"text": THREE})).json()
        assert [part["kind"] for part in reply["parts"]] == ["proposal", "answer", "answer"]
        assert reply["parts"][1]["evidence"]["currency"] == "EUR"
        (digest,) = reply["approvals"]
        own = await door.call("POST", f"/v1/approvals/{digest}/approve", asking, {})
        assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
        done = (await door.call("POST", f"/v1/approvals/{digest}/approve", approving, {})).json()
        assert done["state"] == "applied" and done["items"][0]["what"]["after"] == {"amount": "12.50", "currency": "EUR"}
        twice = await door.call("POST", f"/v1/approvals/{digest}/approve", approving, {})
        assert twice.status_code == 409
        inverse = (await door.call("POST", f"/v1/changes/{done['id']}/undo", asking)).json()
        back = (await door.call("POST", f"/v1/approvals/{inverse['digest']}/approve", approving, {})).json()
        assert back["state"] == "applied"
        changes = (await door.call("GET", "/v1/changes", asking)).json()["items"]
        assert [change["state"] for change in changes[:2]] == ["applied", "undone"]

    through_the_door(data_folder, work)


def test_a_run_waits_in_the_list_until_the_last_item_is_decided_and_then_is_done(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        asking, approving = await door.key(shop), await door.key(shop)
        (digest,) = (await door.call("POST", "/v1/asks", asking, {"text": THREE})).json()["approvals"]
        await door.call("POST", f"/v1/approvals/{digest}/approve", approving, {"items": ["1"]})
        (run,) = (await door.call("GET", "/v1/runs", asking)).json()["items"]
        assert (run["state"], run["finished_at"]) == ("waiting", None)
        await door.call("POST", f"/v1/approvals/{digest}/reject", approving, {})
        (run,) = (await door.call("GET", "/v1/runs", asking)).json()["items"]
        assert run["state"] == "done" and run["finished_at"] > run["created_at"]
        assert (await door.call("GET", f"/v1/runs/{run['id']}", asking)).json()["state"] == "done"

    through_the_door(data_folder, work)


def test_a_proposal_approved_after_it_expired_is_told_so_and_nothing_is_applied(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        asking, approving = await door.key(shop), await door.key(shop)
        proposed = (await door.call("POST", "/v1/asks", asking, {"text": "Put the Blue Ceramic Mug at 12.50"})).json()
        (digest,) = proposed["approvals"]
        before = proposed["parts"][0]["change_set"]["items"][0]["what"]["before"]
        past = datetime.now(UTC) - timedelta(seconds=1)
        await door.house.accounts.db.write(lambda session: session.execute(update(ChangeSetRow).values(expires_at=past)))  # its hours have passed
        late = await door.call("POST", f"/v1/approvals/{digest}/approve", approving, {})
        assert (late.status_code, late.json()["code"]) == (409, "conflict")
        assert late.json()["detail"] == "This proposal has expired; ask again for a fresh one."
        kept = (await door.call("GET", f"/v1/approvals/{digest}", approving)).json()
        assert kept["state"] == "expired" and {item["state"] for item in kept["items"]} == {"open"}
        assert (await door.call("GET", "/v1/approvals", approving)).json()["items"] == []
        assert (await door.call("GET", "/v1/changes", approving)).json()["items"] == []
        again = (await door.call("POST", "/v1/asks", asking, {"text": "Put the Blue Ceramic Mug at 12.50"})).json()
        assert again["parts"][0]["change_set"]["items"][0]["what"]["before"] == before  # the price is what it was
        fresh = await door.call("POST", f"/v1/approvals/{again['approvals'][0]}/approve", approving, {})
        assert fresh.json()["state"] == "applied"

    through_the_door(data_folder, work)


def test_a_runs_events_are_the_same_however_often_the_stream_breaks(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        key = await door.key(shop)
        run = (await door.call("POST", "/v1/asks", key, {"text": THREE})).json()["run_id"]
        whole = (await door.call("GET", f"/v1/runs/{run}/events", key)).content
        blocks = whole.split(b"\n\n")[:-1]
        assert blocks[0].startswith(b"id: 1\nevent: run_started") and b"event: run_waiting" in blocks[-1]
        for cut in range(1, len(blocks)):
            rest = await door.call("GET", f"/v1/runs/{run}/events", key, **{"last-event-id": str(cut)})
            assert rest.content.split(b"\n\n")[:-1] == blocks[cut:]

    through_the_door(data_folder, work)


def test_the_same_key_asks_once(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        key = await door.key(shop)
        same = {"idempotency-key": "once"}
        replies = await asyncio.gather(*(door.call("POST", "/v1/asks", key, {"text": THREE}, **same) for _ in range(8)))
        assert {reply.status_code for reply in replies} <= {200, 409}
        done = [reply for reply in replies if reply.status_code == 200]
        assert len({reply.content for reply in done}) == 1
        assert len((await door.call("GET", "/v1/runs", key)).json()["items"]) == 1

    through_the_door(data_folder, work)


async def paused(door: Door, shop: str) -> str:
    """The id of a real pause of that shop: one of its runs sent the same prompt again and again."""
    breaker = door.house.books.breaker
    assert breaker is not None
    looping = Attempt(
        alias="frontier", provider="acme", model="big", purpose="t", at=datetime.now(UTC), spender=Spender(shop=shop, run="run_x"), prompt_digest="d"
    )
    for _ in range(Measures().repeats):
        breaker.saw(looping)
    (pause,) = await breaker.pauses(shop)
    return pause.id


def test_another_shops_ids_are_not_found_by_any_operation(data_folder: Path) -> None:
    """Every operation of the OpenAPI document that takes an id, with ids of a shop the key is not of."""

    async def work(door: Door, shop: str) -> None:
        other = door.house.accounts.create_shop(
            name="other", currency="USD", time_zone="UTC", locale="en-US", prices_include_tax=False
        ).id  # fmt: skip
        theirs, ours = await door.key(shop), await door.key(other, *Scope)
        run = (await door.call("POST", "/v1/asks", theirs, {"text": THREE})).json()
        unclear = (await door.call("POST", "/v1/asks", theirs, {"text": "put the linen dress at 80"})).json()
        ids = {"id": run["run_id"], "digest": run["approvals"][0], "change_set": run["parts"][0]["change_set"]["id"]}
        owned = {"/v1/pauses/": await paused(door, shop), "/v1/keys/": (await door.house.accounts.keys.list(shop))[0].id}
        document = (await door.client.get("/schema/openapi.json")).json()
        tried = 0
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if not any(p["in"] == "path" and p["name"] in ids for p in operation["parameters"]):
                    continue
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                own = next((id for prefix, id in owned.items() if path.startswith(prefix)), None)
                for id in [own] if own else (run["run_id"], unclear["run_id"]):
                    reply = await door.call(method.upper(), path.format(**{**ids, "id": id}), ours, body)
                    assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), (method, path, reply.text)
                tried += 1
        assert tried >= 13
        admin = await door.key(shop, *Scope)  # what was not found there is still here, and as it was
        assert [pause["id"] for pause in (await door.call("GET", "/v1/pauses", admin)).json()["items"]] == [owned["/v1/pauses/"]]
        assert {key["state"] for key in (await door.call("GET", "/v1/keys", admin)).json()["items"]} == {"good"}
        for path in ("/v1/runs", "/v1/approvals", "/v1/changes", "/v1/pauses", "/v1/usage/runs", "/v1/commitments"):
            assert (await door.call("GET", path, ours)).json() == {"items": [], "next": None}
        products = {"products": {"ids": [run["parts"][0]["change_set"]["items"][0]["what"]["target"]["id"]]}, "description": "x"}
        mine = (await door.call("POST", "/v1/tasks/edit_product", ours, products)).json()
        assert mine["approvals"] == [] and mine["parts"][0]["kind"] == "error"

    through_the_door(data_folder, work)


STRANGE = (
    " ", "\n", "\u0000", "\u0000\u0007 mugs \u001b[31m", "\u202e\u2066mugs\u2069", "🫖🫖🫖", "x" * 7_999, "mug " * 4_900,
    "Wie viel haben wir letzten Monat verkauft?", "delete everything", "put the blue ceramic mug at -5", "put the blue ceramic mug at 1.299,00",
    "a 120% discount on mugs", "'; DROP TABLE runs; --", "{{7*7}} ${7*7} <script>alert(1)</script>",
)  # fmt: skip


def test_strange_words_are_a_reply_or_a_clear_problem(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        key = await door.key(shop)
        for text in STRANGE:
            reply = await door.call("POST", "/v1/asks", key, {"text": text})
            body = reply.json()
            assert reply.status_code in (200, 422), (text[:80], body)
            if reply.status_code == 200:
                assert body["parts"] or body["questions"] or body["not_done"], (text[:80], body)
                assert body["approvals"] == [] or "mug" in text, text[:80]
            else:
                assert body["detail"].endswith(".") and body["code"] != "internal", (text[:80], body)

    through_the_door(data_folder, work)


def test_a_person_follows_the_link_asks_and_approves_in_the_panel(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        people = door.house.accounts.people
        anna = await people.add("Anna", shop=shop, role=Role.OWNER)
        inside = await door.client.get(f"/sign-in/{await people.link(anna.id)}", follow_redirects=True)
        assert "What shall we do for" in inside.text
        csrf = re.search(r'name="csrf" value="([^"]+)"', inside.text)
        starters = re.findall(r'data-starter="([^"]+)"', inside.text)
        assert csrf is not None and len(starters) >= 3
        form, htmx = {"csrf": csrf[1], "thread": "t1"}, {"hx-request": "true"}
        card = (await door.client.post("/asks", data={**form, "text": THREE}, headers=htmx)).text
        run = re.search(r"/runs/([\w-]+)/stream", card)
        assert run is not None
        stream = (await door.client.get(f"/runs/{run[1]}/stream")).text
        assert "Blue Ceramic Mug" in stream and stream.rstrip().endswith("data: end")
        page = (await door.client.get("/t/t1")).text
        digest = re.search(r"/approvals/([0-9a-f]{64})/approve", page)
        items = re.findall(r'name="items" value="(\w+)"', page)
        assert digest is not None
        done = await door.client.post(f"/approvals/{digest[1]}/approve", data={"csrf": csrf[1], "items": items}, headers=htmx)
        assert 'data-state="applied"' in done.text
        after = (await door.client.get("/t/t1")).text
        assert 'data-state="applied"' in after and "Anna" in after and ">Undo<" in after

    through_the_door(data_folder, work)
