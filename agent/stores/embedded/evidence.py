"""What an answer says about where its figures come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.sdk.figures import METRICS, OVERLAPPING, Filters, Metric, Query
from agent.sdk.results import Evidence
from agent.sdk.store import ShopInfo
from agent.stores.embedded.spans import Span


def evidence_of(shop: ShopInfo, query: Query, span: Span, other: Span | None, *, records: int, shown: int) -> Evidence:
    """
    Args:
        records: Orders, refunds or lines that were summed.
        shown: Rows in the answer.
    """
    metrics = tuple(dict.fromkeys(query.metrics))
    return Evidence(
        metric=", ".join(metrics),
        definition=_definition(metrics, query),
        query=_readable(query, metrics, span, other, shown),
        period=query.period,
        time_zone=shop.time_zone,
        currency=shop.currency,
        filters={name: list(values) for name, values in _set_filters(query.filters)},
        rows=records,
    )


def _definition(metrics: Sequence[Metric], query: Query) -> str:
    said = [METRICS[metrics[0]]] if len(metrics) == 1 else [f"{metric}: {METRICS[metric]}" for metric in metrics]
    said += [f"What is sold of a product in two {d}s counts in each of them, and once in the total." for d in query.dimensions if d in OVERLAPPING]
    if "customer_kind" in query.dimensions or query.filters.customer_kinds is not None:
        said.append("new: a customer's first order; returning: every later one. What came back counts with the order it was bought with.")
    return " ".join(said)


def _readable(query: Query, metrics: Iterable[str], span: Span, other: Span | None, shown: int) -> str:
    said = [", ".join(metrics)]
    if query.dimensions:
        said.append("by " + ", ".join(query.dimensions))
    said.append(_days(span))
    said += [f"where {name} in ({', '.join(values)})" for name, values in _set_filters(query.filters)]
    if other:
        said.append("compared with " + _days(other))
    if query.unsold:
        said.append("with active products that sold nothing")
    if query.limit is not None and shown >= query.limit:
        said.append(f"the {'smallest' if query.ascending else 'largest'} {query.limit} by {query.metrics[0]}")
    return " · ".join(said)


def _days(span: Span) -> str:
    first, last = span.days
    since = f"{span.since:%Y-%m-%d %H:%M}" if span.since else first.isoformat()
    until = f"{span.before:%Y-%m-%d %H:%M}" if span.before else last.isoformat()
    return since if since == until else f"{since} to {until}"


def _set_filters(filters: Filters) -> list[tuple[str, Sequence[str]]]:
    named = ((name, getattr(filters, name)) for name in filters.__dataclass_fields__)
    return [(name, values) for name, values in named if values is not None]
