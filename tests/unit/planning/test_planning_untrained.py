"""Tasks that the reader was not trained on: what they are called by names nothing of the shop, and they cost only requests that may be theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from desks import Desk
from numpy.typing import NDArray

from agent.sdk import Answer, Args, BaseModel, Field, Product, Proposal, Selection, Store, Task, say, task
from agent.stores.embedded.store import EmbeddedStore


class ListBundles(Args):
    products: Selection[Product] | None = Field(None, description="Which products; all when left out.")


class Bundled(BaseModel):
    products: Selection[Product]


@task(examples=["list bundles", "list bundles for the mugs"])
async def list_bundles(args: ListBundles, store: Store) -> Answer[Bundled]:
    """List what is sold together."""
    raise NotImplementedError


class MarkFavourites(Args):
    products: Selection[Product] = Field(description="The products to mark.")


@task(examples=["mark favourites for the blue mug", "mark favourites for all candles"])
async def mark_favourites(args: MarkFavourites, store: Store) -> Proposal:
    """Mark favourites."""
    return Proposal(say("Marked"))


@pytest.fixture
def desk(tasks: Mapping[str, Task], store: EmbeddedStore) -> Desk:
    return Desk({**tasks, "list_bundles": list_bundles, "mark_favourites": mark_favourites}, store, trained=tasks)


@pytest.mark.parametrize(
    ("marked", "name", "titles"),
    [
        ("[find_products: list {product|bundles}]", "list_bundles", None),
        ("[find_products: list {product|the bundles}]", "list_bundles", None),
        ("[find_products: list {product|bundles} for {product|the beanie}]", "list_bundles", {"Merino Beanie"}),
        ("[tag_customers: mark {tag|favourites} for {product|the beanie}]", "mark_favourites", {"Merino Beanie"}),
        ("[not_supported: mark {value|favourites} for {product|the beanie}]", "mark_favourites", {"Merino Beanie"}),
    ],
)
def test_what_a_task_is_called_by_names_no_goods_and_no_tag(desk: Desk, marked: str, name: str, titles: set[str] | None) -> None:
    plan = desk.plan(marked)
    (done,) = plan.subtasks
    assert (done.task, plan.questions) == (name, ())
    assert titles is None if "products" not in done.args else desk.titles(done, "products") == titles


def test_a_task_that_says_too_little_is_asked_about_by_its_own_question(desk: Desk) -> None:
    plan = desk.plan("[tag_customers=0.6: mark {tag|favourites}]")
    assert [(s.task, q.field) for s, q in zip(plan.subtasks, plan.questions, strict=True)] == [("mark_favourites", "products")]


@pytest.mark.parametrize(
    ("marked", "name", "passes"),
    [
        ("[change_price: set {product|the blue mug} to {money|12.50}]", "change_price", 0),
        ("[sales_report: what did {product|the mugs} sell {period|last week}]", "sales_report", 0),
        ("[sales_report: how much did we sell {period|last month}] and [change_price: put {product|the beanie} at {money|20}]", "sales_report", 0),
        ("[change_price=0.6: set {product|the blue mug} to {money|12.50}]", "change_price", 1),
        ("[find_products: list {product|bundles}]", "list_bundles", 1),
    ],
)
def test_only_a_request_that_may_be_theirs_costs_a_pass_of_the_encoder(desk: Desk, marked: str, name: str, passes: int) -> None:
    desk.planner.warm()
    embedded: list[str] = []
    embed = desk.pupils.encoder.embed

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        embedded.extend(texts)
        return embed(texts)

    desk.pupils.encoder.embed = counted  # type: ignore[method-assign]  # counts what planning asks of the encoder
    assert desk.plan(marked).subtasks[0].task == name
    assert len(embedded) == passes
