"""The agent card: what everybody may know of Storehand, which is nothing of any shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.sdk import Task
from agent.web.a2a.wire import VERSIONS

_EXAMPLES = 4
_MODES = ("text/plain", "application/json")
_DESCRIPTION = (
    "Works on one merchant's shop, asked in the merchant's own words: tells figures with their evidence, finds records, writes drafts, and proposes "
    "changes with before and after. Nothing is changed by asking: a person approves each proposal in Storehand."
)
_BEARER = "A key of the shop with the scopes read and ask, as `Authorization: Bearer sk_sh_…`; `storehand keys create` makes one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Tasks that are one skill."""

    id: str
    name: str
    description: str
    tasks: Sequence[str]


GROUPS = (
    Group(
        id="reports", name="Reports and reasons", description="Revenue, orders, units, best and worst products, and why figures rose or fell.",
        tasks=("sales_report", "product_performance", "explain_change", "customer_insights", "search_terms"),
    ),
    Group(
        id="forecasts", name="Stock and forecasts", description="What is in stock, what runs low and when it runs out, what will be sold.",
        tasks=("inventory_report", "forecast_stockout", "forecast_sales", "adjust_inventory"),
    ),
    Group(
        id="products", name="Products", description="Finds products and faults of the catalogue; proposes new products, edits and collections.",
        tasks=(
            "find_products", "find_problems", "edit_product", "create_product", "manage_collection", "categorise_products", "fill_attributes",
        ),
    ),
    Group(
        id="prices", name="Prices and discounts", description="Lists discount codes; proposes new prices, and new codes, changed or ended ones.",
        tasks=("change_price", "create_discount", "edit_discount", "end_discount", "find_discounts"),
    ),
    Group(
        id="orders", name="Orders", description="Finds and shows orders, points out risky ones; proposes shipping, edits and draft orders.",
        tasks=("find_orders", "show_order", "flag_risky_orders", "fulfil_order", "edit_order", "create_draft_order"),
    ),
    Group(
        id="refunds", name="Refunds and cancellations", description="Proposes to give money back or to cancel orders; a person confirms each.",
        tasks=("refund_order", "cancel_order"),
    ),
    Group(
        id="customers", name="Customers", description="Finds customers, shows profiles, proposes tags and segments, exports or erases personal data.",
        tasks=("find_customers", "show_customer", "tag_customers", "create_segment", "export_personal_data", "erase_personal_data"),
    ),
    Group(
        id="reviews", name="Reviews", description="Finds and sums up reviews, writes replies as drafts, proposes to publish or hide them.",
        tasks=("find_reviews", "review_insights", "reply_to_review", "moderate_reviews"),
    ),
    Group(
        id="messages", name="Messages", description="Sorts the inbox and writes to customers, as drafts.",
        tasks=("triage_messages", "reply_to_message", "message_customer"),
    ),
    Group(
        id="texts", name="Texts", description="Writes descriptions, search texts, pages, letters, posts and ads from the shop's facts; translates.",
        tasks=("write_description", "write_seo", "write_email", "write_post", "write_ad", "write_page", "write_faq", "translate_content"),
    ),
    Group(
        id="automations", name="Automations and schedules", description="Proposes what is to happen by itself, and reports that come by themselves.",
        tasks=("create_automation", "schedule_report", "list_automations", "edit_automation", "pause_automation"),
    ),
    Group(id="help", name="Help", description="What can be asked for here, and how something is done.", tasks=("what_can_you_do", "how_to")),
)  # fmt: skip


def card(tasks: Sequence[Task], *, address: str, version: str) -> dict[str, Any]:
    """
    Args:
        address: Where the service is reached, without a slash at its end.
        version: Storehand's own.

    Returns:
        The card of 1.0. Its first interface is of 1.0; clients of 0.3 read `url` and what is beside it.
    """
    url = f"{address}/a2a"
    return {
        "name": "Storehand",
        "description": _DESCRIPTION,
        "version": version,
        "provider": {"organization": "Storehand", "url": address},
        "supportedInterfaces": [{"url": url, "protocolBinding": "JSONRPC", "protocolVersion": each} for each in VERSIONS],
        "capabilities": {"streaming": False, "pushNotifications": False, "extendedAgentCard": False},
        "securitySchemes": {"bearer": {"httpAuthSecurityScheme": {"scheme": "bearer", "description": _BEARER}, **_OLD_SCHEME}},
        "securityRequirements": [{"schemes": {"bearer": {"list": []}}}],
        "defaultInputModes": list(_MODES),
        "defaultOutputModes": list(_MODES),
        "skills": skills(tasks),
        "url": url,
        "preferredTransport": "JSONRPC",
        "protocolVersion": "0.3.0",
        "security": [{"bearer": []}],
    }


_OLD_SCHEME = {"type": "http", "scheme": "bearer", "description": _BEARER}


def skills(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The groups of the tasks that are installed; one more for those that others brought."""
    known = {task.name: task for task in tasks}
    grouped = {name for group in GROUPS for name in group.tasks}
    brought = tuple(name for name in known if name not in grouped)
    more = Group(id="more", name="More", description="What was added to this installation.", tasks=brought)
    found = [(group, [known[name] for name in group.tasks if name in known]) for group in (*GROUPS, more)]
    return [_skill(group, its) for group, its in found if its]


def _skill(group: Group, tasks: Sequence[Task]) -> dict[str, Any]:
    examples = [task.examples[0] for task in tasks if task.examples][:_EXAMPLES]
    return {"id": group.id, "name": group.name, "description": group.description, "tags": [task.name for task in tasks], "examples": examples}
