"""Webhooks that answer from a script: one that works, one that was switched off, and a message of each kind of end; and an order in preparation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from scripted import NOW

from agent.records import Principal
from agent.sdk import DraftOrder, Money, Page, Percent
from agent.sdk.orders import DraftLine
from agent.webhooks.hooks import Delivery, Endpoint

DRAFT = DraftOrder(
    id="do_1", number="#D1", created_at=NOW, customer_id="c1", customer_name="Emma Schmidt", discount=Percent.of("10"), note="Before Friday",
    lines=[DraftLine(variant_id="v1", title="Blue Ceramic Mug (Small)", quantity=3, price=Money.of("16.00", "EUR"))],
)  # fmt: skip


def delivery(n: int, **more: object) -> Delivery:
    fields: dict[str, object] = {
        "id": f"del_{n}", "endpoint": "hook_1", "message": f"msg_{n}", "type": "run.finished", "state": "delivered", "attempts": 1, "status": 200,
        "error": None, "created_at": NOW, "tried_at": NOW, "next_at": None,
    }  # fmt: skip
    return Delivery(**{**fields, **more})  # type: ignore[arg-type]  # the fields are a delivery's


class ScriptedWebhooks:
    """Of shop_a alone."""

    async def endpoints(self, principal: Principal) -> Sequence[Endpoint]:
        works = Endpoint(
            id="hook_1", url="https://app.example/" + "hooks/" * 12, events=("run.finished", "approval.waiting"), state="enabled", reason=None,
            created_by="per_x", created_at=NOW,
        )  # fmt: skip
        off = Endpoint(
            id="hook_2", url="https://gone.example/", events=(), state="disabled", reason="The receiver answered 410: it wants no more of these.",
            created_by="per_x", created_at=NOW,
        )  # fmt: skip
        return [works, off] if principal.shop == "shop_a" else []

    async def deliveries(self, principal: Principal, *, limit: int = 50, cursor: str | None = None) -> Page[Delivery]:
        told = [
            delivery(4, type="webhook.test", state="waiting", attempts=0, status=None, tried_at=None),
            delivery(3, state="waiting", attempts=2, status=None, error="nothing answered", next_at=NOW + timedelta(minutes=5)),
            delivery(2, state="failed", attempts=10, status=500, type="spend.paused"),
            delivery(1, endpoint="hook_0", state="cancelled", type="approval.waiting"),
        ]
        return Page(told if principal.shop == "shop_a" else [], "more")
