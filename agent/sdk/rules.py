"""What an automation is: when something happens, if it is so, then do that. Typed, and readable as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.sdk.refs import Between, Money
from agent.sdk.rhythms import Rhythm

On = Literal[
    "order_placed", "order_paid", "order_fulfilled", "order_refunded", "stock_below", "sold_out", "back_in_stock", "new_customer",
    "review_received", "message_received", "time",
]  # fmt: skip
Subject = Literal["order", "customer", "product", "review", "message"]
Do = Literal["tag", "untag", "hide", "publish", "draft", "notify", "ask"]

SUBJECTS: dict[On, frozenset[Subject]] = {
    "order_placed": frozenset({"order", "customer", "product"}),
    "order_paid": frozenset({"order", "customer", "product"}),
    "order_fulfilled": frozenset({"order", "customer", "product"}),
    "order_refunded": frozenset({"order", "customer", "product"}),
    "stock_below": frozenset({"product"}),
    "sold_out": frozenset({"product"}),
    "back_in_stock": frozenset({"product"}),
    "new_customer": frozenset({"customer"}),
    "review_received": frozenset({"review", "product"}),
    "message_received": frozenset({"message", "customer"}),
    "time": frozenset(),
}
"""What an event is about, so what conditions may ask of and actions may be done to."""

_WHEN: dict[On, str] = {
    "order_placed": "an order is placed",
    "order_paid": "an order is paid",
    "order_fulfilled": "an order is fulfilled",
    "order_refunded": "an order is refunded",
    "sold_out": "a product is sold out",
    "back_in_stock": "a product is back in stock",
    "new_customer": "there is a new customer",
    "review_received": "a review comes in",
    "message_received": "a customer's message comes in",
}

CAN = (
    "an automation starts with an order (placed, paid, fulfilled, refunded), stock that falls below a number or runs out or comes back, "
    "a new customer, a review, a message or a time, and can tag, hide or publish, write a draft, notify you or run a request"
)
"""What can be expressed, for a sentence that refuses the rest."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Trigger(_Frozen):
    on: On
    stock: int | None = Field(default=None, ge=1, le=1_000_000)
    """stock_below: fires when units on hand of a variant go from this many or more to fewer."""
    rhythm: Rhythm | None = None

    @model_validator(mode="after")
    def _whole(self) -> Trigger:
        if (self.on == "stock_below") != (self.stock is not None):
            raise ValueError("`stock` goes with stock_below, and it with `stock`")
        if (self.on == "time") != (self.rhythm is not None):
            raise ValueError("`rhythm` goes with time, and it with `rhythm`")
        return self

    def __str__(self) -> str:
        if self.rhythm is not None:
            return str(self.rhythm)[:1].upper() + str(self.rhythm)[1:]
        if self.on == "stock_below":
            return f"When stock of a product falls below {self.stock}"
        return f"When {_WHEN[self.on]}"


class Condition(_Frozen):
    """What must hold besides; all that is set must. Lists want one of theirs."""

    order_total: Between[Money] | None = None
    units: Between[int] | None = None
    """Units of products in the order."""
    customer_tags: list[str] = Field(default_factory=list)
    customer_orders: Between[int] | None = None
    """How many the customer has placed, this one among them."""
    countries: list[str] = Field(default_factory=list)
    """Of the order's address or the customer's; ISO 3166 codes."""
    products: dict[str, str] = Field(default_factory=dict)
    """Product id to its title."""
    collections: list[str] = Field(default_factory=list)
    product_tags: list[str] = Field(default_factory=list)
    product_types: list[str] = Field(default_factory=list)
    vendors: list[str] = Field(default_factory=list)
    stars: Between[int] | None = None
    words: list[str] = Field(default_factory=list)
    """In the review or the message, any case."""

    def subjects(self) -> dict[str, frozenset[Subject]]:
        """Each condition that is set, with what it can be asked of."""
        order, people, goods = frozenset[Subject]({"order"}), frozenset[Subject]({"customer", "order"}), frozenset[Subject]({"product"})
        wanted: dict[str, frozenset[Subject]] = {
            "order_total": order, "units": order, "customer_tags": people, "customer_orders": people, "countries": people, "products": goods,
            "collections": goods, "product_tags": goods, "product_types": goods, "vendors": goods, "stars": frozenset({"review"}),
            "words": frozenset({"review", "message"}),
        }  # fmt: skip
        return {name: of for name, of in wanted.items() if getattr(self, name) not in (None, [], {})}

    def phrases(self) -> list[str]:
        """Each condition as it is read, in the order of the fields."""
        said: list[str] = []
        for name in self.subjects():
            value = getattr(self, name)
            if name == "products":
                value = list(value.values())
            if name == "customer_orders" and value == Between[int](at_least=1, at_most=1):
                said.append("it is the customer's first order")
                continue
            said.append(_PHRASES[name].format(range_said(value) if isinstance(value, Between) else listed(value)))
        return said


_PHRASES = {
    "order_total": "its total is {}",
    "units": "it has {} units",
    "customer_tags": "the customer is tagged {}",
    "customer_orders": "the customer has placed {} orders",
    "countries": "the country is {}",
    "products": "the product is {}",
    "collections": "the product is in {}",
    "product_tags": "the product is tagged {}",
    "product_types": "the product is a {}",
    "vendors": "the vendor is {}",
    "stars": "it has {} stars",
    "words": "it says {}",
}


class Act(_Frozen):
    do: Do
    to: Subject | None = None
    """What is tagged, hidden, published or answered; None for notify and ask."""
    tags: list[str] = Field(default_factory=list, max_length=20)
    text: str = Field(default="", max_length=2_000)
    """notify: what to say beside the event; draft: what the text should say; ask: the request in plain words."""

    @model_validator(mode="after")
    def _whole(self) -> Act:
        if (self.do in ("tag", "untag")) != bool(self.tags):
            raise ValueError("`tags` go with tag and untag, and these with `tags`")
        if (self.do in ("notify", "ask")) != (self.to is None):
            raise ValueError("`to` says what is tagged, hidden, published or answered")
        if self.do == "ask" and not self.text.strip():
            raise ValueError("`text` says what to ask")
        return self

    def __str__(self) -> str:
        match self.do:
            case "tag":
                return f"tag the {self.to} {listed(self.tags, 'and')}"
            case "untag":
                return f"take the tag {listed(self.tags, 'and')} off the {self.to}"
            case "hide" | "publish":
                return f"{self.do} the {self.to}"
            case "draft":
                what = "a reply to the" if self.to in ("review", "message") else "a message to the"
                who = "customer" if self.to == "order" else self.to
                return f"draft {what} {who}" + (f" saying “{self.text}”" if self.text else "")
            case "notify":
                return "notify you" + (f" with “{self.text}”" if self.text else "")
            case "ask":
                return f"run “{self.text}”"
            case _:
                assert_never(self.do)


class Rule(_Frozen):
    when: Trigger
    only: Condition = Field(default_factory=Condition)
    then: list[Act] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        if fault := self.misfit():
            raise ValueError(fault)
        return self

    def misfit(self) -> str | None:
        """Why this cannot be carried out, in words; None when it can."""
        about = SUBJECTS[self.when.on]
        for name, of in self.only.subjects().items():
            if not of & about:
                return f"{str(self.when).lower()} says nothing of {name.replace('_', ' ')}"
        for act in self.then:
            if act.to is not None and (act.to not in about or (act.do, act.to) not in DOABLE):
                return f"{str(self.when).lower()} has no {act.to} to {act.do}" if act.to not in about else f"it cannot {act.do} the {act.to}"
        return None

    def __str__(self) -> str:
        """ "When an order is placed, if its total is above €200.00: tag the order vip." """
        conditions = self.only.phrases()
        return f"{self.when}{', if ' + listed(conditions, 'and') if conditions else ''}: {listed([str(act) for act in self.then], 'and')}."

    def json_(self) -> dict[str, Any]:
        """As a change holds it, readable first."""
        return {"reads": str(self), **self.model_dump(mode="json")}


DOABLE: frozenset[tuple[Do, Subject]] = frozenset(
    {
        ("tag", "order"), ("tag", "customer"), ("tag", "product"), ("untag", "order"), ("untag", "customer"), ("untag", "product"),
        ("hide", "product"), ("publish", "product"), ("hide", "review"), ("publish", "review"), ("draft", "review"), ("draft", "message"),
        ("draft", "order"), ("draft", "customer"),
    }
)  # fmt: skip


def rule_of(value: Any) -> Rule:
    """The rule in a change's value.

    Raises:
        ValidationError: It is none.
    """
    return Rule.model_validate({name: part for name, part in dict(value).items() if name != "reads"})


def listed(items: Sequence[str], word: str = "or") -> str:
    """ "a, b or c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""


def range_said(between: Between[Any]) -> str:
    names = {"at_least": "at least", "above": "more than", "at_most": "at most", "below": "less than"}
    found = [(name, getattr(between, name)) for name in names if getattr(between, name) is not None]
    if len(found) == 2 and found[0][1] == found[1][1]:
        return value_said(found[0][1])
    return " and ".join(f"{names[name]} {value_said(bound)}" for name, bound in found)


def value_said(value: Any) -> str:
    return f"{value.currency} {value.amount}" if isinstance(value, Money) else str(value)
