"""Automations that answer from a script: one that runs, a schedule that was paused, a segment, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from scripted import NOW

from agent.automation.desk import Listing, Shown
from agent.errors import NotAllowed, NotFound
from agent.records import Principal, Scope
from agent.sdk.happenings import Happening, Tried
from agent.sdk.own import Automation, Firing, Schedule
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import rule_of

RULE = rule_of({"when": {"on": "order_placed"}, "then": [{"do": "tag", "to": "customer", "tags": ["VIP"]}]})


@dataclass
class ScriptedAutomations:
    """Of shop_a alone."""

    automation: Automation = field(
        default_factory=lambda: Automation(
            id="auto_1", name="Tag <b>VIPs</b>", rule=RULE, state="active", reason=None, made_at=NOW, approved_by="per_x", fired=3,
            last_fired_at=NOW - timedelta(hours=2), next_at=None,
        )
    )  # fmt: skip
    schedule: Schedule = field(
        default_factory=lambda: Schedule(
            id="sch_1", name="Monday figures", request="What did we sell last week?", rhythm=Rhythm(every="week", weekdays=(0,)), state="paused",
            reason="It failed three times running.", made_at=NOW, approved_by="per_x", fired=0, last_fired_at=None, next_at=NOW,
        )
    )  # fmt: skip
    told: list[Firing] = field(
        default_factory=lambda: [
            Firing(id="fir_1", of="auto_1", at=NOW, about="order #1042", state="done", note="Tagged Nina.", run="run_0001", notice="Nina is a VIP")
        ]
    )  # fmt: skip

    async def listing(self, principal: Principal) -> Listing:
        mine = principal.shop == "shop_a"
        return Listing(automations=[self.automation] if mine else [], schedules=[self.schedule] if mine else [], segments=[])

    async def show(self, id: str, principal: Principal, *, limit: int = 50) -> Shown:
        found = next((one for one in (self.automation, self.schedule) if one.id == id and principal.shop == "shop_a"), None)
        if found is None:
            raise NotFound("automation", id)
        return Shown(one=found, firings=[firing for firing in self.told if firing.of == id])

    async def notices(self, principal: Principal, *, limit: int = 50) -> Sequence[Firing]:
        return self.told if principal.shop == "shop_a" else []

    async def dry_run(self, id: str, principal: Principal, *, days: int = 30) -> Tried:
        return Tried(fired=[Happening(on="order_placed", event="order_placed:o1", about="order #7", at=NOW)], seen=9, doubt="")

    async def pause(self, id: str, principal: Principal) -> Any:
        await self._set(id, principal, "paused")

    async def resume(self, id: str, principal: Principal) -> Any:
        await self._set(id, principal, "active")

    async def put_away(self, firing: str, principal: Principal) -> None:
        self.told = [each for each in self.told if each.id != firing]

    async def _set(self, id: str, principal: Principal, state: Any) -> None:
        await self.show(id, principal)
        if not principal.may(Scope.APPROVE):
            raise NotAllowed("This needs the right to approve.")
        self.automation = replace(self.automation, state=state)
