"""A small shop with its automations, in which things happen when a test says so and time passes when it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agent.approvals import Approvals, Limits
from agent.automation.acting import Actor
from agent.automation.engine import Automations
from agent.automation.records import OwnRecords, Writings
from agent.db.engine import Database
from agent.errors import NotFound
from agent.records import ROLE_SCOPES, Ask, Part, Plan, Principal, Reply, Role, Used
from agent.runs.timers import Timers
from agent.sdk import Change, Proposal, say
from agent.sdk.own import Automation, Firing
from agent.sdk.rules import Rule
from agent.stores.embedded.books import post_order
from agent.stores.embedded.schema import CUSTOMERS, INVENTORY, LINES, ORDERS, PRODUCTS, REVIEWS, VARIANTS
from agent.stores.embedded.shops import shops
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.inline_runs import InlineRuns

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(slots=True)
class Heard:
    """Requests and tasks that automations ran, in place of the service; each id once."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)

    async def ask(self, ask: Ask, principal: Principal, *, wait_s: float = 30, id: str | None = None) -> Reply:
        self.asked.append((ask.text, principal.id))
        return self._reply(id, ask.text)

    async def run_task(self, name: str, args: Mapping[str, Any], principal: Principal, *, id: str | None = None) -> Reply:
        self.tasks.append((name, args))
        return self._reply(id, name)

    async def reply(self, run_id: str, principal: Principal) -> Reply:
        if run_id not in self.replies:
            raise NotFound("run", run_id)
        return self.replies[run_id]

    def _reply(self, id: str | None, text: str) -> Reply:
        plan = Plan(id="p", text=text, locale="en", subtasks=(), questions=(), not_done=(), by="student", took_ms=0)
        part = Part(subtask="s1", task="sales_report", kind="answer", text=f"Answer to {text}")
        made = Reply(run_id=id or "run", plan=plan, state="done", parts=[part], questions=(), not_done=(), approvals=(), usage=Used())
        self.replies[made.run_id] = made
        return made


class Automated:
    def __init__(
        self,
        db: Database,
        *,
        now: datetime = NOON,
        crash_at: Callable[[str], None] = lambda point: None,
        per_hour: int = 200,
        limits: Limits | None = None,
    ) -> None:
        self.db, self.now, self.heard, self._made = db, now, Heard(), 0
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.info = shops(db)[0]
        self.store = EmbeddedStore(db, self.info.id, now=lambda: self.now)
        self.own = OwnRecords(db, self.info, clock=lambda: self.now)
        self.runs = InlineRuns(Timers(db, clock=lambda: self.now))
        self.approvals = Approvals(
            db, self.runs, lambda shop: Writings(self.store, self.own), clock=lambda: self.now, crash_at=crash_at, limits=limits or Limits()
        )  # fmt: skip
        self.person = Principal("person_olga", "person", "Olga", self.info.id, ROLE_SCOPES[Role.OWNER], Role.OWNER)
        actor = Actor(approvals=self.approvals, asks=self.heard, store=lambda shop: self.store)
        self.automations = Automations(
            db, self.runs, actor, lambda shop: self.store, tell=self._tell, clock=lambda: self.now, per_hour=per_hour, crash_at=crash_at
        )  # fmt: skip

    def _tell(self, session: Session, shop: str, type: str, data: Mapping[str, Any]) -> None:
        self.told.append((type, data))

    # what the merchant does

    async def approve(self, kind: Any, name: str, **fields: Any) -> None:
        proposal = Proposal(say("New"), changes=[Change.create(kind, name, {"name": name, **fields})])
        opened = await self.approvals.open(proposal, shop=self.info.id, principal=self.person)
        assert (await self.approvals.approve(opened.digest, self.person)).state == "applied"

    async def rule(self, rule: Rule, name: str = "Rule") -> Automation:
        await self.approve("automation", name, rule=rule.json_())
        return next(one for one in await self.own.automations() if one.name == name)

    # what time does

    async def pass_(self, **time: float) -> list[Firing]:
        """Time passes, what happened is looked at and what is due is done. The firings there are, the oldest first."""
        self.now += timedelta(**(time or {"seconds": 5}))
        await self.automations.look(self.info.id)
        await self.runs.fire_due()
        return await self.firings()

    async def firings(self) -> list[Firing]:
        return list(reversed(await self.own.firings()))

    # what happens in the shop

    def order(
        self, *, euros: int = 50, payment: str = "paid", fulfilment: str = "unfulfilled", customer: str | None = "c_1", placed: datetime | None = None
    ) -> str:
        at = placed or self.now
        self._made += 1

        def write(session: Session) -> int:
            shop = int(self.info.id.split("_")[1])
            variant = session.execute(select(VARIANTS.c.id, VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop).limit(1)).one()
            row = {
                "shop_id": shop, "number": f"#9{self._made:03d}", "placed_at": at, "day": at.date().toordinal(), "month": at.year * 100 + at.month,
                "customer_id": int(customer.split("_")[1]) if customer else None, "payment": payment, "fulfilment": fulfilment, "country": "DE",
                "channel": "Online Store", "version": 1, "gross_minor": 0, "discount_minor": 0, "shipping_minor": 0, "fees_minor": 0, "tax_minor": 0,
                "total_minor": 0, "refunded_minor": 0, "units": 0,
            }  # fmt: skip
            key = session.execute(insert(ORDERS).values(**row).returning(ORDERS.c.id)).scalar_one()
            line = {"order_id": key, "ordinal": 0, "kind": "product", "product_id": variant.product_id, "variant_id": variant.id}
            amounts = {"title": "Thing", "quantity": 1, "price_minor": euros * 100, "discount_minor": 0, "tax_minor": 0}
            session.execute(insert(LINES).values(shop_id=shop, **line, **amounts))
            post_order(session, shop, key)
            return int(key)

        return f"o_{self.db.write_now(write)}"

    def set_order(self, id: str, **values: Any) -> None:
        self.db.write_now(lambda s: s.execute(update(ORDERS).where(ORDERS.c.id == int(id[2:])).values(**values)))

    def stock(self, units: int, *, of: str | None = None) -> str:
        """Give a variant so many units at its first location and none elsewhere; its id."""

        def write(session: Session) -> str:
            key = int(of[2:]) if of else session.execute(select(INVENTORY.c.variant_id).limit(1)).scalar_one()
            session.execute(update(INVENTORY).where(INVENTORY.c.variant_id == key).values(on_hand=0))
            place = session.execute(select(INVENTORY.c.location_id).where(INVENTORY.c.variant_id == key).limit(1)).scalar_one()
            session.execute(update(INVENTORY).where(INVENTORY.c.variant_id == key, INVENTORY.c.location_id == place).values(on_hand=units))
            return f"v_{key}"

        return self.db.write_now(write)

    def review(self, stars: int, body: str = "As described.") -> str:
        def write(session: Session) -> int:
            shop = int(self.info.id.split("_")[1])
            product = session.execute(select(PRODUCTS.c.id).where(PRODUCTS.c.shop_id == shop).limit(1)).scalar_one()
            row = {
                "shop_id": shop,
                "product_id": product,
                "rating": stars,
                "body": body,
                "title": "",
                "author": "Tom",
                "status": "published",
                "reply": "",
            }
            return int(session.execute(insert(REVIEWS).values(**row, written_at=self.now).returning(REVIEWS.c.id)).scalar_one())

        return f"r_{self.db.write_now(write)}"

    def customer_tags(self, id: str) -> list[str]:
        from agent.sdk import Customer, Selection

        found = asyncio.run(self.store.customers(Selection[Customer](ids=(id,))))
        return list(found.items[0].tags)

    def new_customer(self, name: str = "Nora") -> str:
        def write(session: Session) -> int:
            shop = int(self.info.id.split("_")[1])
            row = {"shop_id": shop, "name": name, "created_at": self.now, "version": 1, "accepts_marketing": False}
            return int(session.execute(insert(CUSTOMERS).values(**row).returning(CUSTOMERS.c.id)).scalar_one())

        return f"c_{self.db.write_now(write)}"


async def tags_of_order(shop: Automated, id: str) -> list[str]:
    from agent.sdk import Order, Selection

    return list((await shop.store.orders(Selection[Order](ids=(id,)))).items[0].tags)
