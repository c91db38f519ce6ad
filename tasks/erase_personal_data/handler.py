from typing import Annotated

from agent.sdk import (
    Action,
    Args,
    AskedAs,
    Cues,
    Customer,
    Field,
    MessageWhere,
    Missing,
    NotFound,
    Order,
    OrderWhere,
    Proposal,
    Refusal,
    ReviewWhere,
    Selection,
    Store,
    Target,
    customers_meant,
    every,
    say,
    task,
)

TYPED = "ERASE"


class ErasePersonalData(Args):
    telling = (
        "erase", "erasure", "delet", "forg", "wip", "remov", "purg", "gdpr", "dsgvo", "right", "data", "anonym", "clos", "scrub", "get rid",
        "privacy",
        "article", "art.", "destroy", "clear", "personal", "account", "record", "everything", "all", "trace", "gone", "disappear", "off our",
    )  # fmt: skip

    customers: Annotated[
        Selection[Customer] | None,
        Cues(
            "of",
            "for",
            "about",
            "from",
            "on",
            "information of",
            "information about",
            "trace of",
            "traces of",
            "gdpr erasure of",
            "dsgvo erasure",
            "dsgvo deletion",
            "right to erasure of",
            "right to be forgotten of",
            "from the system",
            "from our systems",
            "from the database",
            "from our records",
        ),  # fmt: skip
        AskedAs("Whose data? A name or an e-mail address is enough."),
    ] = Field(None, description="The customer by name or e-mail address, or an earlier result.")
    orders: Selection[Order] | None = Field(None, description="The customer who placed this order, where no name is said.")

    one_of = (("customers", "orders"),)


@task(
    irreversible=True,
    examples=[
        "erase all personal data of Anna Schmidt", "Anna Schmidt wants to be forgotten", "GDPR erasure request from anna@example.com",
        "delete everything we know about this customer", "right to erasure: Anna Schmidt", "anonymise the customer Anna Schmidt",
        "delete Anna Schmidt's account and data", "remove the personal data of the customer of order #1042",
        "forget Anna Schmidt",
    ],
)  # fmt: skip
async def erase_personal_data(args: ErasePersonalData, store: Store) -> Proposal | Missing | Refusal:
    """Erase what is kept about one customer, for good; orders stay for the accounts, without the person.

    Raises:
        NotFound: There is no such customer, or the order was placed without an account.
    """
    if "erase" not in store.capabilities:
        return Refusal(say("This shop's customers are kept elsewhere, and Storehand cannot erase them there; the shop's own admin can."))
    found = await customers_meant(store, args.customers, args.orders)
    if not found:
        raise NotFound("customer")
    if len(found) > 1:  # what cannot be taken back is done to one person at a time
        return Missing("customers", say("Whose data? One person is erased at a time."), [(one.id, one.name) for one in found[:6]])
    customer = found[0]
    orders = await store.count_orders(OrderWhere(customers=[customer.id]))
    messages = len(await every(store.messages, MessageWhere(customers=[customer.id])))
    reviews = len(await every(store.reviews, ReviewWhere(customers=[customer.id])))
    # No name in it: an action is remembered, and what is remembered of an erasure must not be what was erased.
    action = Action(
        kind="erase_customer", target=Target("customer", customer.id, f"customer {customer.id}"),
        params={"orders": orders, "messages": messages, "reviews": reviews}, confirm=f"type:{TYPED}",
    )  # fmt: skip
    text = say(
        "Erase {who} for good: name, e-mail, addresses, tags, notes, {messages} messages and the words of {reviews} reviews go; {orders} orders stay "
        "for the accounts, without the person. This cannot be undone.",
        who=customer.name, orders=orders, messages=messages, reviews=reviews,
    )  # fmt: skip
    return Proposal(text, actions=[action])
