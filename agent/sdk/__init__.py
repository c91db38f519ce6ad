"""All that a task author imports. No I/O, no framework.

from agent.sdk import Args, Field, Money, Percent, Proposal, Selection, Store, Variant, say, task
"""

from typing import Annotated

from pydantic import BaseModel, Field

from agent.errors import Ambiguous, AskError, Invalid, NotAllowed, NotFound, ProviderError, StoreRefused, Unclear
from agent.sdk.figures import METRICS, WEEKDAYS, CustomerKind, Dimension, Filters, Metric, Query, QueryResult, Row, Weekday
from agent.sdk.gather import (
    among,
    check_currency,
    countries_and_cities,
    customers_meant,
    distinct,
    every,
    evidence,
    last_days,
    locations_called,
    only_for,
    percent,
    places_called,
    products_meant,
    stretch_before,
    up_to_now,
    variants_chosen,
    variants_meant,
)
from agent.sdk.goods import FREE_SHIPPING, Collection, Discount, Product, Variant, worth_of
from agent.sdk.model import Ask, Label, Labeller, Tagged, Tagger, Writer, Written
from agent.sdk.ordering import RESTOCKING, OfOrders, country_code, orders_meant, units_of, which_of
from agent.sdk.orders import DraftOrder, Order, OrderLine, Purchase, Refunding, draft_total, refund_of, whole_refund
from agent.sdk.past_changes import PAST_CHANGES
from agent.sdk.people import CONTACT, Address, Customer, Message, Review, SearchTerm
from agent.sdk.refs import Between, CollectionRef, CustomerRef, Money, OrderRef, Percent, Period, ProductRef, Selection, Sizes, VariantRef, Where
from agent.sdk.results import Action, Answer, Change, Draft, Evidence, Missing, Proposal, Refusal, Table, Target
from agent.sdk.store import Clock, Page, ShopInfo, Store
from agent.sdk.tagging import UNTAGGING, retagged
from agent.sdk.task import Abilities, Args, AskedAs, Cues, Says, Slot, Task, task
from agent.sdk.text import Sentence, count, say
from agent.sdk.untrusted import Untrusted
from agent.sdk.wheres import CustomerWhere, MessageWhere, OrderWhere, ReviewWhere

__all__ = [
    "Abilities", "Action", "Address", "Ambiguous", "Annotated", "Answer", "Args", "Ask", "AskError", "AskedAs", "BaseModel", "Between", "CONTACT",
    "Change", "Clock", "Collection", "CollectionRef", "Cues", "Customer", "CustomerKind", "CustomerRef", "CustomerWhere", "Dimension", "Discount",
    "Draft", "DraftOrder", "Evidence", "FREE_SHIPPING", "Field", "Filters", "Invalid", "Label", "Labeller", "METRICS", "Message", "MessageWhere",
    "Metric", "Missing", "Money", "NotAllowed", "NotFound", "OfOrders", "Order", "OrderLine", "OrderRef", "OrderWhere", "PAST_CHANGES", "Page",
    "Percent", "Period", "Product", "ProductRef", "Proposal", "ProviderError", "Purchase", "Query", "QueryResult", "RESTOCKING", "Refunding",
    "Refusal", "Review", "ReviewWhere", "Row", "Says", "SearchTerm", "Selection", "Sentence", "ShopInfo", "Sizes", "Slot", "Store", "StoreRefused",
    "Table", "Tagged", "Tagger", "Target", "Task", "UNTAGGING", "Unclear", "Untrusted", "Variant", "VariantRef", "WEEKDAYS", "Weekday", "Where",
    "Writer", "Written", "among", "check_currency", "count", "countries_and_cities", "country_code", "customers_meant", "distinct", "draft_total",
    "every", "evidence", "last_days", "locations_called", "only_for", "orders_meant", "percent", "places_called", "products_meant", "refund_of",
    "retagged", "say", "stretch_before", "task", "units_of", "up_to_now", "variants_chosen", "variants_meant", "which_of", "whole_refund", "worth_of",
]  # fmt: skip
