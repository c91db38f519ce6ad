"""What the request reader (a student) says of a text, before anything is normalised or linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SlotKind = Literal[
    "product",  # what to act on or ask about in the catalogue: "the blue mug", "all summer dresses", "hoodies", "size M tees", "everything by Acme"
    "customer",  # "Anna Schmidt", "vip customers", "our best customers"
    "order",  # "order #1042", "the unfulfilled orders"
    "review",  # "reviews", "1-star reviews" where they are what is asked about
    "discount",  # a discount code: "SUMMER20"
    "tag",  # a tag to put on or take off: "vip", "clearance"
    "place",  # "France", "in Berlin" (the name alone)
    "channel",  # "online store", "instagram"
    "money",  # "12.50", "$20", "5 euros"
    "percent",  # "15%", "fifteen percent", "half" (of a price)
    "quantity",  # units or counts: "20", "a dozen" (not top-n)
    "period",  # the time something is asked about: "last month", "in November 2011", "since Monday"
    "compare",  # the time it is compared with: "the month before", "last year" in "vs last year"
    "until",  # when something ends: "Sunday" in "until Sunday"
    "dimension",  # "product" in "by product", "country" in "per country"
    "metric",  # "revenue", "how many orders", "average order value"
    "top",  # "top 5", "best", "worst three"
    "topic",  # what reviews say: "shipping", "quality"
    "field",  # what is edited: "title", "description", "vendor", "status"
    "value",  # the new text: "Ocean Mug" in "rename it to Ocean Mug"
]
"""The kinds of slot the reader marks; typed by meaning, not by task, so that a task nobody trained on can use them too."""

RefusalLabel = Literal["out_of_scope", "not_supported", "unclear"]
REFUSALS: tuple[RefusalLabel, ...] = ("out_of_scope", "not_supported", "unclear")
"""Labels beside the task names: chit-chat and the world at large; a shop matter no task does; words that mean nothing definite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpan:
    kind: SlotKind
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing asked. `start` and `end` leave out the words that only join clauses ("and then", commas)."""

    start: int
    end: int
    labels: Sequence[tuple[str, float]]
    """Task names and refusals with calibrated probabilities, largest first."""
    slots: Sequence[SlotSpan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Words that stand in no clause: they join, greet, tell a story, or were not understood."""

    start: int
    end: int
    idle: float
    """Probability that they ask for nothing: that of the word for which it is least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    text: str
    clauses: Sequence[Clause]
    between: Sequence[Between] = ()
    readable: float
    """Probability that the text is in a language the reader knows."""
    truncated: bool = False
    """The text was longer than the reader can take; the rest was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How sure the reader must be. A reader's folder may say better ones, certified on requests that it was not trained on."""

    act: float = 0.75
    """Least probability to plan a write."""
    look: float = 0.45
    """Least probability to plan a read or a draft: a wrong one changes nothing and is seen at once."""
    refuse: float = 0.5
    """Least probability of the refusals together for a clause to be refused."""
