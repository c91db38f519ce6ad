from collections.abc import Sequence
from typing import Annotated, Any

from agent.sdk import (
    CONTACT,
    UNTAGGING,
    Address,
    AskedAs,
    Change,
    Cues,
    Field,
    Invalid,
    Missing,
    OfOrders,
    Order,
    Proposal,
    Says,
    Sentence,
    Store,
    count,
    country_code,
    orders_meant,
    retagged,
    say,
    task,
)
from agent.sdk.not_kept import PRINTING
from tasks.edit_order.addresses import read_address

LONGEST_NOTE = 5_000


class EditOrder(OfOrders):
    like = (
        r"^(?:please )?(?:tag|label)\b(?!.*\bsellers?\b)",
        r"\b(?:flag|mark|set)\b.{0,40}\border\b.{0,20}\b(?:as|to)\b",
        r"^(?:please )?(?:add|put|leave|write|make) (?:a |an |the |this )?(?:note|comment)\b",
    )
    unlike = (r"\bas (?:it|they) comes? in\b", r"\bwhenever\b", r"\b(?:every|each) time\b", r"\bas soon as\b")
    cannot = (
        PRINTING,
        CONTACT,
        (
            # goods are named between the verb and the order, and nothing that is said of an order, a person or a message
            r"\b(?:add|put|include|remove|take|swap|exchange|replace|drop)\s+(?:\d+|an?|one|two|three|another|the)\s+"
            r"(?:(?!(?:tags?|notes?|label|comment|address|about|complaints?|messages?|e-?mails?|reviews?|customers?|buyers?|refunds?|segment|fee|charge"
            r"|discount|tracking|shipment|parcel)\b)\S{1,40}\s+){1,8}?"
            r"(?:to|in|into|from|on|off|out\s+of)\s+(?:the\s+|an?\s+)?(?:order\s+#?\d|#\d|\d{4,8}(?=\W*$|\s*,|\s+(?:and|please|for|as|because)\b))"
            r"|\bchange\s+the\s+(?:quantity|quantities|number|size|colou?r|items?|products?|contents?)\b.{0,80}\border\b(?!\s+(?:to|by)\b)",
            say(
                "What an order holds cannot be changed once it is placed. A draft order can hold what is to be added, or the order can be cancelled."
            ),
        ),
    )
    decisive = (
        "label order", "tag order", "tag orders", "add a note to", "put a note on", "leave a note on", "add a note that", "add a note saying",
    )  # fmt: skip
    add_tags: Annotated[list[str], Cues("tag", "flag as", "add the tag", "tagged as", "tag as", "tag with", "label", "mark as"), AskedAs(
        "What should be changed: a tag, the note, or the address?"
    )] = Field(default_factory=list, description="Tags to put on.")  # fmt: skip
    remove_tags: Annotated[list[str], Cues(*UNTAGGING)] = Field(default_factory=list, description="Tags to take off.")
    note: Annotated[
        str | None,
        Cues("note", "a note", "the note", "add a note", "note saying", "note that", "comment"),
        AskedAs("What should the note say?"),
    ] = Field(None, description="A note for the order; it is put after a note that is there.")
    replace_note: Annotated[
        bool, Says(true=["replace the note", "change the note", "overwrite the note", "set the note", "update the note"])
    ] = Field(False, description="The new note takes the place of the old one.")  # fmt: skip
    clear_note: Annotated[
        bool,
        Says(
            true=[
                "remove the note",
                "remove its note",
                "remove their notes",
                "remove the notes",
                "delete the note",
                "delete the notes",
                "clear the note",
                "clear the notes",
                "take off the note",
                "take the note off",
                "drop the note",
                "erase the note",
                "empty the note",
                "get rid of the note",
                "without the note",
                "no note any more",
                "strip the note",
            ]
        ),
    ] = Field(False, description="The note is taken away.")
    address: Annotated[
        str | None, Cues("address", "shipping address", "delivery address", "ship", "send", "deliver", "goes", "redirect", "address to", "instead")
    ] = Field(None, description="The new shipping address on one line, the country last.")
    country: str | None = Field(None, description="The country of the new address, where the address does not say it.")

    one_of = (("orders", "customers", "which"), ("add_tags", "remove_tags", "note", "clear_note", "address"))


@task(
    examples=[
        "tag order #1042 as gift", "add a note to order #1042: \"please gift wrap\"", "remove the tag rush from orders 1040 and 1041",
        "change the shipping address of order 1042 to \"12 Hill Street, Leeds LS1 4AP, UK\"", "set the note of order #1042 to \"call first\"",
        "update the delivery address for Anna's last order",
    ],
)  # fmt: skip
async def edit_order(args: EditOrder, store: Store) -> Proposal | Missing:
    """Change the tags, the note or the shipping address of orders.

    Raises:
        NotFound: There is no such order.
        Invalid: A value is empty or too long, one address is for several orders, or the parcel is on its way.
    """
    orders = await orders_meant(args, store, fits=lambda order: order.cancelled_at is None, doing="changed")
    if isinstance(orders, Missing):
        return orders
    if not _says_something(args):
        asked = "What should be changed: a tag, the note, or the address? What was ordered cannot be changed; refund or cancel it instead."
        return Missing("add_tags", say(asked))
    address = None if args.address is None else _address(args, orders)
    if isinstance(address, Missing):
        return address
    _check(args)
    changes = [change for order in orders for change in order.set(**_fields(args, order, address))]
    return Proposal(_summary(changes, orders), changes=changes)


def _says_something(args: EditOrder) -> bool:
    return bool(args.add_tags or args.remove_tags or args.note is not None or args.clear_note or args.address is not None)


def _check(args: EditOrder) -> None:
    if args.note is not None and not args.note.strip() and not args.replace_note:
        raise Invalid("The note is empty.", field="note")
    if args.note is not None and len(args.note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(args.note):,}.", field="note")
    if both := {tag.strip().casefold() for tag in args.add_tags} & {tag.strip().casefold() for tag in args.remove_tags}:
        raise Invalid(f"“{min(both)}” is both to be added and to be removed.", field="add_tags")


def _address(args: EditOrder, orders: Sequence[Order]) -> Address | Missing:
    """
    Raises:
        Invalid: It is for several orders at once, for one that has been sent or cancelled, or is no address.
    """
    if len(orders) > 1:
        raise Invalid(f"{len(orders)} orders would all go to one address. Say which one order is meant.", field="orders")
    order, said = orders[0], read_address(args.address or "")
    if order.cancelled_at is not None or order.fulfilment == "fulfilled":
        why = "was cancelled" if order.cancelled_at is not None else "has been sent already"
        raise Invalid(f"{order.number} {why}, so its address cannot be changed any more.", field="address")
    if said.city is None or said.street is None:
        missing = "a street" if said.street is None else "a city"
        raise Invalid(f"“{(args.address or '').strip()}” has no {missing.split()[1]}. An address is a street, a city and a country.", field="address")
    country = said.country or (country_code(args.country) if args.country else None)
    if country is None:
        now = order.shipping_address.country if order.shipping_address is not None else None
        options = [(now, now)] if now else []
        asked = say("In which country is “{address}”?", address=(args.address or "").strip())
        return Missing("country", asked, options)
    return said.in_country(country)


def _fields(args: EditOrder, order: Order, address: Address | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if args.add_tags or args.remove_tags:
        fields["tags"] = retagged(order.tags, args.add_tags, args.remove_tags)
    if args.clear_note and args.note is None:
        fields["note"] = ""
    elif args.note is not None:
        there = "" if order.note is None or args.replace_note or args.clear_note else order.note.value
        fields["note"] = f"{there}\n{args.note.strip()}" if there and args.note.strip() not in there else there or args.note.strip()
    if address is not None:
        fields["shipping_address"] = address
    return fields


def _summary(changes: Sequence[Change], orders: Sequence[Order]) -> Sentence:
    edited = {change.target.id for change in changes}
    if not edited:
        return say("Nothing needs changing: it is so already.")
    if len(edited) == 1:
        return say("Edit order {number}", number=changes[0].target.label)
    return count("Edit {n} order", "Edit {n} orders", len(edited))
