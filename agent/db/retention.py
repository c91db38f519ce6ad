"""What each table keeps of people, whose it is, and how long it stays. A table that is not declared here fails a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Subject = Literal["none", "merchant", "customer", "merchant and customer"]


@dataclass(frozen=True, slots=True)
class Retention:
    subject: Subject
    """Whose personal values the rows may hold; "none" says there are none."""
    columns: tuple[str, ...] = ()
    """Columns that hold them."""
    days: int | None = None
    """How long rows stay after they are finished; None for as long as the shop does."""
    erase: Literal["row", "columns", "never"] = "row"
    """What an erasure request takes away: the row, the personal columns, or nothing because nothing is personal."""

    def __post_init__(self) -> None:
        if (self.subject == "none") == bool(self.columns):
            raise ValueError("personal columns and a subject come together")


NOTHING_PERSONAL = Retention("none", erase="never")

STOREHAND_TABLES: Mapping[str, Retention] = {
    "runs": Retention("merchant and customer", ("text", "context", "plan", "reply", "corrections", "error", "principal_id"), 400),
    "run_events": Retention("merchant and customer", ("data",), 90),
    "threads": Retention("merchant and customer", ("title", "named_by"), None),
    "thread_pins": Retention("merchant", ("principal_id",), None),
    "concerns_put_off": Retention("merchant", ("put_off_by",), None, "columns"),
    "attachments": Retention("merchant and customer", ("name", "content", "principal_id"), 400),
    "change_sets": Retention("merchant and customer", ("summary", "proposed_by", "decided_by"), 400, "columns"),
    "change_items": Retention("customer", ("what", "note", "target_id", "written_before", "written_after", "written_id"), 400, "columns"),
    "decisions": Retention("merchant", ("principal",), 400, "columns"),
    "audit": Retention("merchant", ("principal_id",), None, "never"),
    "audit_payloads": Retention("customer", ("body", "salt", "subject_id"), None, "columns"),
    "audit_heads": NOTHING_PERSONAL,
    "timers": Retention("customer", ("payload",), 30),
    "idempotency": Retention("merchant and customer", ("body", "headers", "principal_id"), 2),
    "executors": NOTHING_PERSONAL,
}
"""Tables of `agent.db.tables` and `attachments`. A principal's id in the audit names a person by an opaque id; the name is
in the accounts, where it can be erased."""

ACCOUNT_TABLES: Mapping[str, Retention] = {
    "people": Retention("merchant", ("name", "shown_name", "password"), None),
    "api_keys": Retention("merchant", ("name", "created_by"), None, "columns"),
    "panel_sessions": Retention("merchant", ("person_id",), 14),
    "sign_in_links": Retention("merchant", ("person_id",), 1),
    "saved_prompts": Retention("merchant and customer", ("name", "text", "person_id", "made_by"), None),
}
"""Tables of `agent.db.accounts`."""

SHOP_TABLES: Mapping[str, Retention] = {
    "shop": NOTHING_PERSONAL,
    "shop_location": NOTHING_PERSONAL,
    "shop_product": NOTHING_PERSONAL,
    "shop_variant": NOTHING_PERSONAL,
    "shop_inventory": NOTHING_PERSONAL,
    "shop_collection": NOTHING_PERSONAL,
    "shop_collection_member": NOTHING_PERSONAL,
    "shop_tag": Retention("customer", ("tag",)),
    "shop_customer": Retention("customer", ("name", "email", "country", "region", "city", "import_key"), None, "columns"),
    "shop_order": Retention("customer", ("customer_id", "city", "postcode", "street", "recipient", "note", "cancel_reason"), None, "columns"),
    "shop_order_line": NOTHING_PERSONAL,
    "shop_refund": Retention("customer", ("customer_id", "city", "reason"), None, "columns"),
    "shop_refund_line": NOTHING_PERSONAL,
    "shop_fulfilment": Retention("customer", ("tracking",), None, "columns"),
    "shop_fulfilment_line": NOTHING_PERSONAL,
    "shop_draft_order": Retention("customer", ("customer_id", "note"), None),
    "shop_draft_line": NOTHING_PERSONAL,
    "shop_discount": Retention("customer", ("customers",), None, "columns"),
    "shop_review": Retention("customer", ("author", "title", "body", "customer_id"), None, "columns"),
    "shop_message": Retention("customer", ("subject", "body", "customer_id")),
    "shop_search_term": Retention("customer", ("term",), 400),
    "shop_sale": Retention("customer", ("customer_id", "city"), None, "columns"),
    "shop_sale_month": NOTHING_PERSONAL,
    "shop_write": Retention("customer", ("outcome",), 400),
}
"""Tables of `agent.db.shop`, `goods`, `people` and `orders`. Accounts must be kept, so an order stays when its customer's personal columns go."""

SPEND_TABLES: Mapping[str, Retention] = {
    "llm_attempts": Retention("merchant", ("principal_id",), 400, "columns"),
    "budgets": NOTHING_PERSONAL,
    "budget_counters": NOTHING_PERSONAL,
    "budget_leases": NOTHING_PERSONAL,
    "spend_pauses": Retention("merchant", ("subject", "decided_by"), 400, "columns"),
    "provider_benches": NOTHING_PERSONAL,
    "provider_lessons": NOTHING_PERSONAL,
    "provider_checks": NOTHING_PERSONAL,
    "provider_commitments": NOTHING_PERSONAL,
}
"""Tables of `agent.db.spend`. No prompt and no answer is in them, only a prompt's digest."""

STUDENT_TABLES: Mapping[str, Retention] = {
    "student_standings": Retention("merchant", ("changed_by",), None, "columns"),
    "student_windows": NOTHING_PERSONAL,
    "student_disagreements": Retention("merchant and customer", ("text",), 90),
}
"""Tables of `agent.db.students`. Labels are a head's fixed set or names of tasks."""

OWN_TABLES: Mapping[str, Retention] = {
    "automations": Retention("merchant", ("approved_by", "name", "rule"), None, "columns"),
    "schedules": Retention("merchant", ("approved_by", "name", "request"), None, "columns"),
    "segments": Retention("merchant", ("name", "query"), None, "columns"),
    "own_writes": Retention("merchant", ("outcome",), 400),
    "firings": Retention("customer", ("about", "subjects", "note", "notice", "event"), 90),
    "feeds": NOTHING_PERSONAL,
    "webhook_endpoints": Retention("merchant", ("url", "created_by"), None, "columns"),
    "webhook_deliveries": Retention("merchant and customer", ("body", "error"), 30),
}
"""Tables of `agent.db.own`. A message to a webhook names records by id and quotes what a person was told."""

DECLARED: Mapping[str, Retention] = {**STOREHAND_TABLES, **ACCOUNT_TABLES, **SHOP_TABLES, **SPEND_TABLES, **STUDENT_TABLES, **OWN_TABLES}
"""Every table of the database."""
