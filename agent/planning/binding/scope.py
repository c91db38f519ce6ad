"""What binding one clause needs to know: its words and values, the shop, and what was understood before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.planning.language.circumstances import Circumstance
from agent.planning.language.values import Named, Number, Spot, Terms, Values
from agent.planning.linking.link import Linked, Linker
from agent.planning.linking.vocabulary import Word
from agent.records import SlotSpan
from agent.sdk import CollectionRef, CustomerRef, OrderRef, ProductRef, Selection, Slot, Store, Task, VariantRef
from agent.sdk.goods import Discount, Product, Variant
from agent.sdk.orders import Order
from agent.sdk.people import Customer, Review

_SELECTIONS: dict[str, Callable[..., Any]] = {
    "product": Selection[Product], "variant": Selection[Variant], "customer": Selection[Customer], "order": Selection[Order],
    "review": Selection[Review], "discount": Selection[Discount],
}  # fmt: skip
GUESSES = 32
"""Of one kind in one request."""
_REFS: dict[str, type[Any]] = {"product": ProductRef, "variant": VariantRef, "customer": CustomerRef, "order": OrderRef, "collection": CollectionRef}

GOODS = frozenset({"product", "variant"})
PEOPLE = frozenset({"customer", "order"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A clause of the request with its values."""

    text: str
    """The whole request."""
    start: int
    end: int
    slots: tuple[SlotSpan, ...]
    values: Values

    @property
    def said(self) -> str:
        return self.text[self.start : self.end]

    def marked(self, *kinds: str) -> list[SlotSpan]:
        return [slot for slot in self.slots if slot.kind in kinds]

    def of(self, spot: Spot | SlotSpan) -> str:
        return self.text[spot.start : spot.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about one field."""

    field: str
    question: str
    options: tuple[tuple[str, str], ...] = ()
    """(value, label)."""
    near: bool = False
    """The options are none that was said, and only come near it."""


@dataclass(slots=True, kw_only=True)
class Bound:
    """A task's args as far as a clause gives them."""

    task: Task
    piece: Piece
    args: dict[str, Any] = field(default_factory=dict)
    """Field to a typed value, {"$ref": …} or {"$same": …}."""
    asked: list[Asked] = field(default_factory=list)
    links: dict[str, Linked] = field(default_factory=dict)
    """What each selection field was linked to."""
    heads: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)
    taken: list[Spot] = field(default_factory=list)
    """Places whose words some field has."""
    left: list[Spot] = field(default_factory=list)
    """Values said that no field takes."""
    phrased: list[str] = field(default_factory=list)
    """Fields filled by a phrase of their own, of five letters or more."""
    counted: list[Number] = field(default_factory=list)
    """Numbers that say how many of some goods."""
    numbers: list[Named] = field(default_factory=list)
    """Bare numbers that are orders'."""
    also: list[tuple[str, str]] = field(default_factory=list)
    """(field, value): another text of the same kind that is asked for beside it, "a facebook and an instagram post"."""
    parts: list[Linked] = field(default_factory=list)
    """What each mention of goods was linked to, one by one."""
    guessed: list[str] = field(default_factory=list)
    """Fields filled with what was not said to be theirs: no witness that this task is the one that is meant."""
    refers: list[str] = field(default_factory=list)
    """Fields filled by pointing at the subtask before, not by a mention of their own."""
    people: list[Spot] = field(default_factory=list)
    """Stretches that say which customers are meant, kept from the fields that are about anything else."""
    finds: list[tuple[str, Bound]] = field(default_factory=list)
    """(field, finder): a read to be made first, whose records this field is."""
    spares: list[tuple[str, Bound]] = field(default_factory=list)
    """(field, finder): a read to be made first, whose records are left out of those that another finds for the field."""

    @property
    def unmentioned(self) -> bool:
        """Records that it must have and of which nothing was said."""
        return any(slot.record and slot.required and slot.name not in self.args and slot.name not in self.heads for slot in self.task.slots)

    @property
    def wants_a_field(self) -> bool:
        """Something was said that this task has no field for and another may have; no task has one for when or where a change is made."""
        return any(not isinstance(spot, Circumstance) for spot in self.left)

    def takes(self, spot: Spot) -> bool:
        return any(spot.overlaps(taken) for taken in self.taken)

    def ask(self, name: str, question: str, options: Sequence[tuple[str, str]] = ()) -> None:
        if all(asked.field != name for asked in self.asked):
            self.asked.append(Asked(field=name, question=question, options=tuple(options)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A subtask planned before this clause, that "it" and "those customers" may mean."""

    id: str
    bound: Bound
    found: Mapping[str, Linked] | None = None
    """What it found, by field of its answer, when it is of an earlier turn of the thread; None for one of this request."""
    said: str = ""
    """The words of the messages before that its own only add to."""


@dataclass(slots=True, kw_only=True)
class Scope:
    """One request."""

    store: Store
    linker: Linker
    terms: Terms
    tasks: Mapping[str, Task]
    outputs: Mapping[str, Mapping[str, str]]
    """`Task.outputs()` of each: fields of its answer and the kinds of record they select."""
    own_words: Mapping[str, frozenset[str]]
    """What each task and its fields are called and how they are spoken of, by stem."""
    page: Mapping[str, Linked] = field(default_factory=dict)
    """What the page shows that the request came from, by kind of record."""
    earlier: list[Earlier] = field(default_factory=list)
    pieces: dict[tuple[int, int, bool, tuple[SlotSpan, ...]], Piece] = field(default_factory=dict)
    """Clauses already normalised, by their place, the way their dates lean and their marks."""
    guesses: dict[tuple[str, str], bool] = field(default_factory=dict)
    """What was looked up without being said to be a name, and whether there is one: (kind, words)."""

    async def holds(self, kind: str, said: str, look: Callable[[], Awaitable[bool]]) -> bool:
        """Whether the shop has what these words may name: asked once a request, and of so many words only.

        A request of thousands of words would keep a worker at looking up each of them.
        """
        key = (kind, said.casefold())
        if key not in self.guesses and sum(of == kind for of, _ in self.guesses) < GUESSES:
            self.guesses[key] = await look()
        return self.guesses.get(key, False)


def as_selection(link: Linked, slot: Slot) -> Any:
    """The link as the field's own type."""
    record = slot.record or "product"
    ids = link.ids(record)
    if "ref" in slot.types:
        return _REFS[record](id=ids[0], label=link.label)
    of_whole_goods = record == "product" and link.variants is not None  # "the mug", where a change was to be made to the large one alone
    return _SELECTIONS[record](ids=ids, where=link.where, label=link.label.partition(": ")[0] if of_whole_goods else link.label)


def put(bound: Bound, slot: Slot, link: Linked) -> None:
    """The link goes into the field; a field for one record cannot take several."""
    ids = link.ids(slot.record or "product")
    if not ids:
        bound.ask(slot.name, slot.question or f"Nothing is left of “{link.label}”. Which did you mean?")
    elif "ref" in slot.types and len(ids) > 1:
        bound.ask(slot.name, f"{len(ids)} match “{link.label}”, and this is done for one. Which one?")
    else:
        bound.links[slot.name] = link
        bound.heads.setdefault(slot.name, link.head)
        bound.args[slot.name] = as_selection(link, slot)
