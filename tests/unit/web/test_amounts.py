"""Programs read money as the shop's locale writes it, wherever a sentence of ours has some."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from doors import World
from scripted import ScriptedService

from agent.errors import Conflict
from agent.records import Ask, ChangeSet, Part, Principal, Role, RunEvent, Scope
from agent.web.amounts import with_amounts
from agent.web.port import ServicePort

KEPT, SAID = "Blue Mug: price EUR 11.00 → EUR 1250.00", "Blue Mug: price €11.00 → €1,250.00"
ANNA = Principal("per_1", "person", "Anna", "shop_a", frozenset(Scope), Role.OWNER)
MUGS = Ask("Put the mugs at 12.50, show me what they sold", locale="en-GB", shop="shop_a")


class AsKept(ScriptedService):
    """Heads and errors as the store and the database give them."""

    def _open(self, *args: Any, **more: Any) -> ChangeSet:
        made = replace(super()._open(*args, **more), summary=KEPT)
        self._sets[made.id] = made
        return made

    async def undo(self, change_set_id: str, principal: Principal) -> ChangeSet:
        raise Conflict("EUR 19.00 cannot be given back: EUR 7.50 is left of #1005.")


@pytest.fixture
def service() -> ServicePort:
    return with_amounts(AsKept([]))


def test_the_head_of_a_change_set_says_money_wherever_it_is_read(service: ServicePort) -> None:
    async def read() -> tuple[list[str], list[RunEvent]]:
        reply = await service.ask(MUGS, ANNA)
        (digest,) = reply.approvals
        found = [(await service.approvals(ANNA)).items[0], await service.approval(digest, ANNA), await service.reject(digest, ANNA)]
        events = [event async for event in service.events(reply.run_id, ANNA) if event.type == "part"]
        return [each.summary for each in found], events

    heads, events = asyncio.run(read())
    assert heads == [SAID] * 3
    assert [event.data["part"]["change_set"]["summary"] for event in events if event.data["part"]["change_set"]] == [SAID]


def test_what_an_error_says_has_its_money_as_the_locale_writes_it(service: ServicePort) -> None:
    with pytest.raises(Conflict, match=r"^€19\.00 cannot be given back: €7\.50 is left of #1005\.$"):
        asyncio.run(service.undo("cs_1", ANNA))


def test_a_merchants_own_words_and_the_amounts_for_programs_stay(world: World) -> None:
    reply = world.api("POST", "/v1/asks", {"text": "Put the mugs at EUR 12.50"}, key=world.key()).json()
    assert reply["plan"]["text"] == "Put the mugs at EUR 12.50"
    assert reply["parts"][0]["change_set"]["items"][0]["what"]["after"] == {"amount": "12.50", "currency": "EUR"}


def test_a_part_that_says_what_went_wrong_says_money_too() -> None:
    class Failing(AsKept):
        async def reply(self, run_id: str, principal: Principal) -> Any:
            found = await super().reply(run_id, principal)
            return replace(found, parts=[Part(subtask="s1", task="refund_order", kind="error", text="EUR 19.00 is too much.", run=())])

    async def read() -> str:
        service = with_amounts(Failing([]))
        run = await service.ask(MUGS, ANNA)
        return (await service.reply(run.run_id, ANNA)).parts[0].text

    assert asyncio.run(read()) == "€19.00 is too much."
