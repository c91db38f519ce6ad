"""The page Draft orders: what the shop prepared for somebody and nobody has placed, with what it would come to."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from agent.records import to_json
from agent.sdk import DraftOrder
from agent.web.panel.desk import Desk

_PAGE = 20


def draft_order_routes(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/draft-orders")
    async def draft_orders_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request)
        page = await desk.service.draft_orders(visit.session.principal, limit=_PAGE, cursor=request.query_params.get("cursor"))
        drafts = [shown(draft) for draft in page.items]
        return await desk.page(visit, "draft_orders.html", here="draft_orders", drafts=drafts, more=page.next)

    return [draft_orders_page]


def shown(draft: DraftOrder) -> dict[str, Any]:
    """What the page says of one: its fields, what each line comes to, and the whole."""
    lines = [{"title": line.title, "quantity": line.quantity, "price": line.price, "sum": line.price * line.quantity} for line in draft.lines]
    told: dict[str, Any] = to_json(
        {
            "id": draft.id, "number": draft.number, "made": draft.created_at, "customer": draft.customer_name, "lines": lines,
            "discount": draft.discount, "total": draft.total, "note": draft.note,
        }
    )  # fmt: skip
    return told
