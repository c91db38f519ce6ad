"""The words that a page or a sentence looks up by a variable: names of tasks, figures, fields and states, and what the records say of themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from agent.records.runs import EventType
from agent.registry import discover
from agent.sdk.figures import METRICS, Dimension
from agent.sdk.results import TargetKind
from agent.settings import Settings
from agent.web.panel.tasks import KINDS
from agent.web.panel.words import humanised

HEADS = (
    "reader", "message_triage", "personal_data", "product_attributes", "product_category", "review_aspects", "review_sentiment",
)  # fmt: skip
"""The students that ship, as pages name them."""
_TITLES = frozenset({"TITLES", "MEANING", "WANTS"})
"""What tasks call the tables of the names they print."""

FIELDS = (
    "price", "compare_at_price", "cost", "title", "description", "tags", "status", "vendor", "product_type", "stock", "inventory", "name", "email",
    "note", "shipping_address", "code", "value", "kind", "starts_at", "ends_at", "minimum", "usage_limit", "usage_limit", "products", "customers",
    "once_per_customer", "automatic", "reply", "body", "subject", "seo_title", "seo_description", "category", "collections", "options", "variants",
    "sku", "rule", "request", "rhythm", "reads", "syntax", "refund", "send", "fulfil", "cancel", "erase", "carrier", "tracking", "quantity", "lines",
    "total", "currency", "orders", "spent", "country", "city", "channel", "rows", "table", "figures", "filters", "period", "items", "first", "phone",
    "address", "created_at", "placed_at", "customer", "product", "text", "stars", "units", "location", "units_on_hand", "on_hand", "published",
)  # fmt: skip
"""Fields of records, of changes and of data, as they are headed where they are shown."""

STATES = (
    "active", "draft", "archived", "paid", "pending", "partially_refunded", "refunded", "voided", "fulfilled", "partial", "unfulfilled", "paused",
    "net_sales", "gross_sales", "total_sales", "monday", "sunday", "priority", "weighted", "cost", "latency", "rate_limited", "overloaded",
    "timed_out", "unreachable", "quota_used_up", "credential_refused", "retired", "forbidden", "student", "frontier", "template", "code", "caller",
    "person", "key", "schedule", "reading", "undo", "read the request", "sequence", "fastest", "cheapest", "fallback",
)  # fmt: skip

VALUES = (
    "paid", "pending", "partially refunded", "refunded", "voided", "fulfilled", "partial", "unfulfilled", "sent", "cancelled", "active", "paused",
    "draft", "archived", "published", "hidden", "spam", "high", "medium", "low", "last month", "this month", "last week", "this week", "last year",
    "this year", "yesterday", "today", "last 30 days", "last 7 days", "the last 30 days", "the last 7 days", "all time", "revenue",
    "looks something up", "writes a draft", "changes something, once you approve it", "the goods go back into stock", "stock stays as it is",
    "English", "German", "French", "Spanish", "Italian", "Dutch", "Portuguese", "Swedish", "Polish", "another script", "the blog", "its customer",
    "someone without an account", "postage", "positive", "negative", "neutral", "urgent", "Total", "new", "returning", "product", "customer", "order",
    "the best products", "the worst products", "the rising products", "the falling products", "the most returned products", "the products by margin",
    "the products with the thinnest margin", "the products without a sale", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    "Sunday", "ease of use", "smell or taste", "in all", "In all", "everyone", "all products", "all customers", "nobody", "nothing", "not ",
)  # fmt: skip
"""What stands in a sentence's places or a table's cells and is no name of anybody's: looked up in the context "value"."""

CELLS = (
    "number of orders", "size of orders", "goods no longer sold", "goods not sold before", "units sold", "prices", "new customers",
    "returning customers", "orders without a customer, and returns of earlier customers", "everything else",
    "goes to a country that fewer than one order in {n} goes to", "one of 3 or more by the customer within 24 hours", "{n} or more of one thing",
    "in another language", "normal", "Customers who ordered", "Of them more than once", "Repeat rate %", "Orders per customer",
    "Spent per customer", "Median days from the first order to the second", "Overdue by their own rhythm", "{n} order", "{n} orders",
    "{n} orders or more", "All", "Profile", "Addresses", "Messages", "Reviews", "not sure", "title", "type", "option", "description", "options",
    "no product", "no customer", "no product type", "no vendor", "no channel", "no country", "no region", "no city", "no collection", "no tag",
    "no discount code", "no variant", "running", "expired", "scheduled", "used up", "yes", "no", "champions", "loyal", "price", "quality",
    "shipping", "service", "size", "colour", "look", "packaging", "material", "not as described", "value for money",
)  # fmt: skip
"""Cells of tables as tasks write them."""
LABELS = (
    "last quarter", "this quarter", "last {n} days", "the last {n} days", "the past {n} days", "past {n} days", "the last {n} weeks",
    "last {n} weeks", "the last {n} months", "last {n} months", "the next {n} days", "next {n} days", "next month", "next week", "this weekend",
    "last weekend", "the month before", "the {n} months before", "the same days of the year before", "the same days of the month before",
    "the {n} days before", "the week before", "the year before", "the time foretold", "tomorrow", "the last week", "the last month",
    "the last year", "last year", "in {n}", "ever", "so far this year", "so far this month", "year to date", "month to date", " and ", " or ",
)  # fmt: skip
"""What a period is called; others are the merchant's own words, and the days say what they mean."""


def spoken_words() -> list[str]:
    found = [*_of_tasks(), *_of_settings(), *_of_figures(), *_of_routes()]
    found += [humanised(name) for name in (*get_args(EventType), *FIELDS, *STATES)]
    found += [*get_args(TargetKind), "person", "schedule", *KINDS.values(), *(humanised(head) for head in HEADS)]
    return list(dict.fromkeys(found))


def spoken_values(root: Path) -> list[str]:
    """Values of the lists above, and the names of figures and the like as tasks write them, inside a sentence and at the head of a column."""
    found = [*VALUES, *CELLS, *LABELS]
    for path in sorted((root / "tasks").rglob("handler.py")):
        for text in _titles(ast.parse(path.read_text(encoding="utf-8"))):
            found += [text, text.lower()]
    return list(dict.fromkeys(found))


def spoken_columns(root: Path) -> list[str]:
    """The headings of tables."""
    found: list[str] = []
    for path in sorted((root / "tasks").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (value := _columns(node)) is not None:
                found += _headings(value)
    return [text for text in dict.fromkeys(found) if text.strip() == text and text]


def _columns(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.keyword(arg="columns", value=ast.List() | ast.IfExp() | ast.BinOp() as value):
            return value
        case ast.Assign(targets=[ast.Name(id="columns")], value=ast.List() as value):
            return value
    return None


def _headings(value: ast.expr) -> list[str]:
    """The texts of an expression but those it only compares: not the "country" of `"Country" if by == "country" else "City"`."""
    compared = {id(each) for node in ast.walk(value) if isinstance(node, ast.IfExp) for each in ast.walk(node.test)}
    texts = [each for each in ast.walk(value) if isinstance(each, ast.Constant) and id(each) not in compared]
    return [each.value for each in texts if isinstance(each.value, str)]


def _titles(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(values=texts))
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=texts))
            ) if name in _TITLES:
                yield from (text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str))


def _of_tasks() -> Iterator[str]:
    for task in discover():
        yield humanised(task.name)
        yield task.summary
        for slot in task.slots:
            yield slot.description
            yield humanised(slot.name)
            if slot.question is not None:
                yield slot.question


def _of_settings() -> Iterator[str]:
    yield from _described(Settings)


def _described(model: type[BaseModel]) -> Iterator[str]:
    for field in model.model_fields.values():
        if field.description:
            yield field.description
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _described(field.annotation)


def _of_figures() -> Iterator[str]:
    definitions: Mapping[str, str] = {str(name): text for name, text in METRICS.items()}
    for name, definition in definitions.items():
        yield humanised(name)
        yield definition
    yield from (humanised(name) for name in get_args(Dimension))


def _of_routes() -> Iterator[str]:
    yield from (
        "the students are sure of this part", "the students were not sure, so a provider was asked", "the caller named the task and its values",
        "plain code needs no model", "what was changed is on record; plain code turns it round", "no student knows this yet",
        "no student and no provider; counted without labels", "a student for `{head}` passed its gate",
        "a student for `{head}` passed its gate; {unsure} unsure ones went to the frontier", "the student is unsure ({confidence} below {needed})",
        "the student is unsure ({confidence}) and there is no provider to ask", "free text is written by `{alias}`",
        "free text is written by `{alias}`; {served_by} answered", "no provider is configured; made from the shop's own facts",
        "made from the shop's own facts, since {why}", "Label {n} texts: {head}", "Write",
    )  # fmt: skip
    yield from (
        "order {number}", "customer {name}", "the {rating}-star review of {product}", "the message from {name}", "the message", "{label}, {n} left",
    )  # fmt: skip
    yield from ("Risky orders", "Product performance", "Searches", "Messages")
    for kind in (*get_args(TargetKind),):
        yield f"New {kind}: {{label}}"
        yield f"Delete the {kind} {{label}}"
    yield from (
        "an order is placed", "an order is paid", "an order is fulfilled", "an order is refunded", "a product is sold out",
        "a product is back in stock", "there is a new customer", "a review comes in", "a customer's message comes in",
    )  # fmt: skip
    yield from ("stock of a product falls below {stock}", "more than {amount}", "less than {amount}", "at least {amount}", "at most {amount}")
    yield from ("the product is {products}", "the product is in {collections}", "the product is a {types}", "it has {stars} stars", "it says {words}")
    yield "run “{request}”"
