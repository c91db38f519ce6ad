from typing import Annotated

from agent.sdk import Answer, Args, BaseModel, Cues, Field, Money, Product, Selection, Store, Table, count, every, evidence, task

MARK = "gift"


class FindGifts(Args):
    budget: Annotated[Money | None, Cues("under", "up to", "for", "at most", "within", "below")] = Field(
        None, description="The most a gift may cost."
    )
    top: Annotated[int | None, Cues("top", "first")] = Field(None, ge=1, description="How many to suggest at most.")


class Gifts(BaseModel):
    products: Selection[Product]
    table: Table


@task(examples=["suggest presents", "gift ideas under 20 euros", "what could someone give as a present", "find gifts up to 30 euros"])
async def find_gifts(args: FindGifts, store: Store) -> Answer[Gifts]:
    """Suggest products in stock that make a gift, within a budget."""
    found = [product for product in await every(store.products) if _makes_a_gift(product, args.budget)]
    found.sort(key=lambda product: (-max(variant.on_hand for variant in product.variants), product.title))
    chosen = found[: args.top]
    data = Gifts(
        products=Selection[Product](ids=tuple(product.id for product in chosen), label="the gifts"),
        table=Table(columns=["Gift", "Price"], rows=[[product.title, product.variants[0].price] for product in chosen], numeric=[False, True]),
    )
    told = evidence(store, args, metric="gifts", definition="Active products in stock that are tagged gift.", rows=len(found))
    return Answer(count("{n} gift.", "{n} gifts.", len(chosen)), data=data, evidence=told)


def _makes_a_gift(product: Product, budget: Money | None) -> bool:
    marked = MARK in (tag.casefold() for tag in product.tags)
    there = any(variant.on_hand > 0 and (budget is None or variant.price <= budget) for variant in product.variants)
    return product.status == "active" and marked and there
