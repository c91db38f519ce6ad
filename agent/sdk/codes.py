"""Discounts by what merchants call them: a code, and which one may have been meant where there is none such."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from agent.sdk.gather import every
from agent.sdk.goods import Discount
from agent.sdk.results import Missing
from agent.sdk.store import Page, Store
from agent.sdk.text import say

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
