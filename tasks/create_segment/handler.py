from typing import Annotated

from agent.sdk import Args, AskedAs, Change, Clock, Field, Missing, Proposal, Refusal, Store, Where, count, every, say, task
from agent.sdk.amending import moved, renamed, renumbered
from agent.sdk.own import Own
from agent.sdk.spoken_rules import Cannot, Unsaid
from agent.sdk.spoken_segments import groups_said, segment_in
from agent.sdk.standing import free_name, names_of
from agent.sdk.task import Whole


def amended(before: str, said: str, instead: bool) -> str | None:
    """ "Only from France", "make it 600", "call it Big spenders": who is in the segment, with that."""
    changed = renamed(before, said) or renumbered(before, said) or (moved(before, said) if instead else None)
    return changed or (None if instead else f"{before.rstrip(' .')} {said.strip()}")


class CreateSegment(Args):
    decisive = (
        "an audience of",
        "audience of",
        "customer group",
        "a list i can reuse",
        "reusable list",
        "save this audience",
        "make a segment",
        "create a segment",
        "as a segment",
    )

    who: Annotated[str, Whole(amended=amended), AskedAs("Which customers should be in the segment?")] = Field(
        description="Which customers, in plain words: by spend, orders, days since the last order, country, tags, products bought, marketing."
    )


@task(
    examples=[
        "create a segment of customers who spent more than 500", "make a segment of customers who haven't ordered for 90 days",
        "save vip customers in Germany as a segment",
        "build an audience of customers who bought the blue mug", "create a customer segment for France",
        "create a group of repeat customers who accept marketing", "segment customers tagged wholesale",
        "make a segment called \"Big spenders\" of customers over 1000 euros",
    ]
)  # fmt: skip
async def create_segment(args: CreateSegment, store: Store, own: Own, clock: Clock) -> Proposal | Refusal | Missing:
    """Save a group of customers as a segment that is counted anew each time, shown in Shopify's segment syntax too."""
    names = await names_of(store)
    groups = {group: await _products_of(group, store) for group in groups_said(args.who, names)}
    read = segment_in(args.who, names, currency=store.shop.currency, groups=groups)
    if isinstance(read, Cannot):
        return Refusal(say("{why}", why=read.what))
    if isinstance(read, Unsaid):
        return Missing("who", say("{question}", question=read.question))
    name, query = read
    there = await own.segments()
    if same := next((one for one in there if one.query == query), None):
        return Proposal(say("Nothing needs changing: “{name}” is that segment.", name=same.name))
    called = free_name(name or f"{str(query)[:1].upper()}{str(query)[1:]}", [one.name for one in there])
    now = count("{n} customer now", "{n} customers now", await store.count_customers(query.where(clock)))
    reads = f"{str(query)[:1].upper()}{str(query)[1:]}"
    change = Change.create("segment", called, {"name": called, "query": query.model_dump(mode="json")})
    return Proposal(say("{reads}: {now}. In Shopify's syntax: {syntax}", reads=reads, now=now, syntax=query.shopify()), changes=[change])


async def _products_of(group: tuple[str, str], store: Store) -> dict[str, str]:
    kind, name = group
    where = {"collections": Where(collection=name), "product_types": Where(product_type=name), "vendors": Where(vendor=name)}[kind]
    return {product.id: product.title for product in await every(store.products, where)}
