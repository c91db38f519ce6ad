from collections.abc import Sequence
from typing import Annotated

from agent.sdk import (
    CONTACT,
    UNTAGGING,
    Args,
    AskedAs,
    Cues,
    Customer,
    Field,
    Invalid,
    Missing,
    NotFound,
    Proposal,
    Selection,
    Sentence,
    Store,
    count,
    every,
    retagged,
    say,
    task,
)

LONGEST_TAG = 40


class TagCustomers(Args):
    cannot = (
        (
            r"\bmerge\b.{0,60}\b(?:accounts?|customers?|profiles?|duplicates?)\b",
            say("Customers cannot be merged here. They can be tagged, and what is kept about one can be exported or erased."),
        ),
        CONTACT,
    )
    unlike = (
        r"\bas (?:it|they) comes? in\b",
        r"\bwhenever\b",
        r"\b(?:every|each) time\b",
        r"\bas soon as\b",
        r"^(?:please )?(?:un)?(?:tag|label|mark) (?:(?:all|the|our|my|these|those|every|each|any) )*"
        r"(?:(?!customers?\b|buyers?\b|who\b|behind\b)[\w’'-]+ ){0,4}?orders\b",
        r"\b(?:best|worst|top|slowest|fastest)[ -]?(?:\w+ )?sellers?\b",
    )
    one_of = (("add", "remove"),)

    customers: Annotated[Selection[Customer], AskedAs("Which customers?")] = Field(
        description="Whom to tag: customers by name, a group, or the customers found earlier."
    )
    add: Annotated[list[str], Cues("tag", "as", "with", "tag as", "add the tag", "mark as", "label"), AskedAs("Which tag?")] = Field(
        default_factory=list, description="Tags to put on."
    )
    remove: Annotated[list[str], Cues(*UNTAGGING)] = Field(default_factory=list, description="Tags to take off.")


@task(
    examples=[
        "tag our best customers as vip", "add the tag wholesale to Anna Schmidt", "remove the tag vip from customers who haven't ordered this year",
        "tag everyone who bought the blue mug with mug-lover", "label them christmas2026",
    ]
)  # fmt: skip
async def tag_customers(args: TagCustomers, store: Store) -> Proposal | Missing:
    """Put tags on customers or take them off.

    Raises:
        NotFound: There is none of these customers.
        Invalid: A tag is empty, too long, or to be put on and taken off at once.
    """
    if not args.add and not args.remove:
        return Missing("add", say("Which tag should they get?"))
    add, remove = _clean(args.add, "add"), _clean(args.remove, "remove")
    if both := {tag.casefold() for tag in add} & {tag.casefold() for tag in remove}:
        raise Invalid(f"“{min(both)}” is both to be put on and to be taken off.", field="add")
    customers = await every(store.customers, args.customers)
    if not customers:
        raise NotFound("customer", args.customers.label)
    changes = [change for customer in customers for change in customer.set(tags=retagged(customer.tags, add, remove))]
    return Proposal(_summary(add, remove, len(changes)), changes=changes)


def _clean(tags: Sequence[str], field: str) -> list[str]:
    cleaned = [tag.strip().removeprefix("#") for tag in tags]
    for tag in cleaned:
        if not tag or "," in tag:
            raise Invalid("A tag is one word or a few, without a comma.", field=field)
        if len(tag) > LONGEST_TAG:
            raise Invalid(f"A tag has at most {LONGEST_TAG} characters; “{tag[:20]}…” has {len(tag)}.", field=field)
    return cleaned


def _summary(add: Sequence[str], remove: Sequence[str], n: int) -> Sentence:
    if not n:
        return say("Nothing needs changing: the tags are so already.")
    if add and remove:
        return count(
            "Tag {n} customer {add} instead of {remove}",
            "Tag {n} customers {add} instead of {remove}",
            n,
            add=", ".join(add),
            remove=", ".join(remove),
        )
    if add:
        return count("Tag {n} customer {add}", "Tag {n} customers {add}", n, add=", ".join(add))
    return count("Take {remove} off {n} customer", "Take {remove} off {n} customers", n, remove=", ".join(remove))
