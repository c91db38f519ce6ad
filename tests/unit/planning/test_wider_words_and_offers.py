"""What is done to too much where a word is heard too widely: kinds of goods, offers that stand alone, stock, and variants of one thing."""

from __future__ import annotations

import asyncio

import pytest
from desks import planned

from agent.planning.linking.synonyms import other_words
from agent.planning.planner import Planner
from agent.sdk import Where, every
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    "said",
    [
        "make WELCOME10 15% off",
        "turn VIP15 into 20% off",
        "only the travel mug 10% off",
        "send the vips 15% off mugs",
        "send those who haven't ordered in a year 10% off",
        "please turn MUGLOVE into 12% off",
    ],
)
def test_an_amount_off_is_no_second_discount_for_everybody(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    made = [part for part in plan.subtasks if part.task == "create_discount" and "customers" not in part.args]
    assert not made or (len(plan.subtasks) == 1 and plan.questions)


@pytest.mark.parametrize(("said", "code"), [("make WELCOME10 15% off", "WELCOME10"), ("turn VIP15 into 20% off", "VIP15")])
def test_what_a_code_is_made_is_what_it_gives(said: str, code: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    assert part.task == "edit_discount" and part.args["code"] == code and "value" in part.args


@pytest.mark.parametrize(
    "said",
    [
        "code WINTER 10 euro off all jumpers", "code MAY20 20% off candles", "coupon SOAP5 5 euro off the lavender soap", "code tea 10% off mugs",
    ],
)  # fmt: skip
def test_what_is_off_after_a_code_is_what_it_gives(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    assert (part.task, part.args["code"].upper()) == ("create_discount", said.split()[1].upper())


@pytest.mark.parametrize("said", ["raise all quilts by 10", "raise the comforters by 5 euros", "put the quilts 10% off"])
def test_what_only_has_a_word_before_its_noun_is_not_called_so(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert plan.questions and all("variants" not in part.args for part in plan.subtasks)


def test_a_narrow_word_stands_for_no_wider_one() -> None:
    known = {"hat", "glass", "sweatshirt"}.__contains__
    assert other_words("beanie", known) == other_words("tumbler", known) == []
    assert other_words("sweater", known) == ["sweatshirt"]
    assert other_words("glass", {"tumbler"}.__contains__) == ["tumbler"]


@pytest.mark.parametrize("said", ["hide out of stock candles", "set out of stock candles to draft", "tag out of stock mugs with gone"])
def test_out_of_stock_narrows_what_it_stands_before(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    kind = "Candles" if "candles" in said else "Mugs"
    of_it = asyncio.run(every(demo.products, Where(product_type=kind)))
    (part,) = planned(planner, demo, said).subtasks
    assert len(part.args.get("products", {}).get("ids") or ()) < len(of_it)


@pytest.mark.parametrize("said", ["set all variants of the linen robe to 80 euros", "set every variant of the linen robe to 80"])
def test_all_variants_of_one_thing_are_that_thing(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    (part,) = planned(planner, demo, said).subtasks
    goods = part.args.get("variants") or part.args["products"]
    assert goods["label"] == "Oat Linen Robe"


@pytest.mark.parametrize(
    "said",
    [
        "email everyone who bought the throw about the sale",
        "email everyone who bought the throw 15% off",
        "email everyone who ordered the teapot about the sale",
    ],
)
def test_what_people_bought_is_not_left_out_of_who_is_written_to(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    found = [part for part in plan.subtasks if part.task == "find_customers"]
    assert all("bought" in part.args for part in found) and (found or plan.questions)
