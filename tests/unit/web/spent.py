"""A shop that has spent: a few days of calls, a run that loops, a check that failed, and something bought beforehand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from doors import World
from scripted import NOW

from agent.db.tables import RunRow
from agent.dialects.messages import Usage
from agent.errors import Overloaded
from agent.gateway import Attempt, Spender
from agent.ledger.checks import LastCheck, keep
from agent.records import encode

ASKED = "Write descriptions for the new mugs"
WORK = [{"by": "student"}, {"by": "student"}, {"by": "student"}, {"by": "frontier"}, {"by": "code"}]


def spend(world: World, *, who: str = "per_x", shop: str = "shop_a") -> None:
    world.run(_spend(world, who, shop))


async def _spend(world: World, who: str, shop: str) -> None:
    for days in range(3):
        spender = Spender(shop=shop, run=f"run_{days}", task="write_product_text", principal=who)
        used = Usage(input=1_000, output=200, reasoning=500 if days == 1 else 0)
        made = Attempt(
            alias="frontier", provider="acme", model="big-1", purpose="t", at=NOW - timedelta(days=days), usage=used,
            cost_usd=Decimal("0.25"), spender=spender, prompt_digest=f"d{days}", latency_s=0.5,
        )  # fmt: skip
        world.books.record(made)
        kept = encode({"parts": [{"task": "write_product_text", "run": WORK}]}).decode()
        run = RunRow(shop_id=shop, id=f"run_{days}", principal_id=who, text=ASKED, state="done", reply=kept, created_at=made.at)
        await world.db.write(lambda session, run=run: session.add(run))  # type: ignore[misc]  # a default binds it
    assert world.books.breaker is not None
    looping = Spender(shop=shop, run="run_0")
    for _ in range(3):
        world.books.breaker.saw(Attempt(alias="frontier", provider="acme", model="big-1", purpose="t", at=NOW, spender=looping, prompt_digest="loop"))
    await world.books.flush()
    await world.spend.commitments.add(shop, "acme", "usd", Decimal(2), starts_at=NOW - timedelta(days=3), ends_at=NOW + timedelta(days=30))
    await world.books.budgets.set(shop, "shop", shop, "month", Decimal(10))
    held = await world.books.budgets.reserve(Spender(shop=shop), Decimal("8.5"))
    world.books.budgets.settle(held, Decimal("8.5"))
    await world.books.flush()
    await keep(world.db, [LastCheck(target="acme/small-2", at=NOW - timedelta(hours=3), ok=False, took_ms=400, detail="overloaded: it is busy")])
    second = world.spend.gateway.targets()[1]
    for _ in range(2):
        world.spend.gateway.health.failed(second.places, Overloaded("busy"))
