"""Discounts by what merchants call them: a code, and which one may have been meant where there is none such."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from agent.sdk.figures import Query
from agent.sdk.gather import every
from agent.sdk.goods import Discount
from agent.sdk.refs import Period
from agent.sdk.results import Missing
from agent.sdk.store import Page, Store
from agent.sdk.text import say

NOBODY_USED = [
    "unused", "never used", "not used", "nobody used", "nobody has used", "nobody uses", "nobody use", "nobody ever used", "no one used",
    "no one has used", "no one ever used", "no one use", "never been used", "not been used", "never redeemed", "not redeemed", "nobody redeemed",
    "no uses", "without uses", "without redemptions", "no redemptions",
]  # fmt: skip
"""How codes are said to have found no use."""
_LIKE = 0.6
_SHOWN = 6


def plain_code(said: str) -> str:
    """As codes are kept: capitals, without quotes around them."""
    return said.strip(" \t'\"“”‘’.,").upper()


async def every_discount(store: Store) -> list[Discount]:
    """All of them, the newest first."""

    async def page(_where: None, *, limit: int, cursor: str | None) -> Page[Discount]:
        return await store.discounts(limit=limit, cursor=cursor)

    return await every(page)


async def coded(said: str, store: Store, *, field: str) -> Discount | Missing:
    """The discount with this code; where there is none, the question which one was meant.

    Args:
        field: Of the task's args: where the answer goes.
    """
    code = plain_code(said)
    for one in dict.fromkeys([code, *code.split()]):  # "the SUMMER20 code" names SUMMER20
        if one and (found := (await store.discounts(code=one)).items):
            return found[0]
    return which_code(code, await every_discount(store), field=field)


async def uses_in(period: Period, store: Store) -> dict[str, int]:
    """How many orders were placed with each code in that time, by the code in capitals."""
    result = await store.query(Query(metrics=["orders"], dimensions=["discount_code"], period=period))
    used = {row.keys["discount_code"].upper(): int(str(row.values["orders"])) for row in result.rows if row.keys.get("discount_code")}
    return {code: n for code, n in used.items() if not code.startswith("(")}  # "(no code)" is the row of all other orders


def which_code(code: str, known: Sequence[Discount], *, field: str) -> Missing:
    """The codes most like it, else those that run."""
    if not known:
        return Missing(field, say("There is no discount code in this shop yet, so none was changed. Which code did you mean?"))
    codes = [discount.code for discount in known]
    near = get_close_matches(code, codes, n=_SHOWN, cutoff=_LIKE)
    running = [discount.code for discount in known if discount.status != "expired"]
    question = say(
        "There is no discount code {code}. Did you mean one of these?" if near else "There is no discount code {code}. Which one do you mean?",
        code=code,
    )
    return Missing(field, question, [(one, one) for one in (near or running or codes)[:_SHOWN]])
