"""What one firing does: its changes under the standing approval of whoever approved the automation, its drafts and requests, its notice.

A firing may be begun again after a crash. Each step is named by the firing: the same proposal is stored once, the same run is one run, and
what was applied is told by its change set, so nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.approvals import Approvals
from agent.errors import AskError, Conflict, NotFound, StoreRefused
from agent.records import Ask, ChangeSet, Principal, Reply, Scope
from agent.sdk import Change, Proposal, Store, say
from agent.sdk.happenings import Happening, changes_of
from agent.sdk.rules import Act, Rule

WAIT_S = 110.0
"""Longest that a request is waited for; it goes on without us."""


class Asks(Protocol):
    """What is needed of the service: to run a request or a task as a principal, once for each id."""

    async def ask(self, ask: Ask, principal: Principal, *, wait_s: float = 30, id: str | None = None) -> Reply: ...
    async def run_task(self, name: str, args: Mapping[str, Any], principal: Principal, *, id: str | None = None) -> Reply: ...
    async def reply(self, run_id: str, principal: Principal) -> Reply: ...


@dataclass(slots=True, kw_only=True)
class Done:
    """What came of a firing."""

    notes: list[str] = field(default_factory=list)
    change_sets: list[str] = field(default_factory=list)
    run: str | None = None
    reply: Reply | None = None
    notice: str | None = None
    waiting: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Carries firings out for one shop's automations."""

    approvals: Approvals
    asks: Asks
    store: Callable[[str], Store]

    async def act(self, rule: Rule, happening: Happening, *, shop: str, of: str, name: str, firing: str, approver: str, opened: str | None) -> Done:
        """
        Args:
            opened: Id of the change set that an earlier attempt of this firing stored.

        Raises:
            StoreUnavailable: The store cannot be reached now; call again.
        """
        done, who = Done(), acting_for(of, name, shop)
        await self._change(rule, happening, done, who=who, firing=firing, approver=approver, opened=opened)
        for n, act in enumerate(rule.then):
            if act.do == "draft":
                await self._draft(act, happening, done, who=who, run=f"run_{firing}_{n}")
            elif act.do == "ask":
                await self.ask(act.text, done, who=who, run=f"run_{firing}_{n}")
            elif act.do == "notify":
                done.notice = f"{happening.about[:1].upper()}{happening.about[1:]}" + (f": {act.text}" if act.text else "")
        return done

    async def ask(self, text: str, done: Done, *, who: Principal, run: str) -> None:
        """Run a request; what it proposes waits for a person, who has not seen it before."""
        locale = self.store(who.shop).shop.locale
        ask = Ask(text, locale=locale, shop=who.shop)
        try:
            reply = await self._once(run, who) or await self.asks.ask(ask, who, wait_s=WAIT_S, id=run)
        except (AskError, StoreRefused) as error:
            done.failed = True
            done.notes.append(str(error))
            return
        self._told(reply, done)

    async def _draft(self, act: Act, happening: Happening, done: Done, *, who: Principal, run: str) -> None:
        task, args = _writing(act, happening)
        if task is None:
            done.notes.append("There is no customer to write to.")
            return
        try:
            reply = await self._once(run, who) or await self.asks.run_task(task, args, who, id=run)
        except (AskError, StoreRefused) as error:
            done.failed = True
            done.notes.append(str(error))
            return
        self._told(reply, done)

    async def _once(self, run: str, who: Principal) -> Reply | None:
        try:
            return await self.asks.reply(run, who)
        except NotFound:
            return None

    @staticmethod
    def _told(reply: Reply, done: Done) -> None:
        done.run, done.reply = reply.run_id, reply
        done.notes += [part.text for part in reply.parts] + [missed.reason for missed in reply.not_done]
        done.change_sets += [part.change_set.id for part in reply.parts if part.change_set is not None]
        done.waiting = done.waiting or reply.state == "waiting"
        done.failed = done.failed or reply.state == "failed" or not reply.parts or any(part.kind == "error" for part in reply.parts)

    async def _change(self, rule: Rule, happening: Happening, done: Done, *, who: Principal, firing: str, approver: str, opened: str | None) -> None:
        changes = [change for act in rule.then for change in changes_of(act, happening, rule.only)]
        changes = _together(changes)
        try:
            over = await self.approvals.exceeded(changes, shop=who.shop)
            if opened is not None:
                found = await self.approvals.by_id(who.shop, opened)
            elif changes:
                proposal = Proposal(say("{name}", name=who.name), changes=changes)
                found = await self.approvals.open(proposal, shop=who.shop, principal=who, run=firing, beyond_limits=over is not None)
            else:
                return
            # a rule's approval does not stretch a limit: a person decides, who may change the limit or approve a part
            applied = found if over is not None else await self._approved(found, approver)
        except (AskError, StoreRefused) as error:
            done.failed = True
            done.notes.append(str(error))
            return
        done.change_sets.append(applied.id)
        done.waiting = applied.state == "open"
        done.failed = applied.state in ("failed", "expired")
        done.notes += [_outcome(applied), *([over] if over is not None and applied.state == "open" else [])]

    async def _approved(self, found: ChangeSet, approver: str) -> ChangeSet:
        """Applied under the standing approval; what wants a word typed was approved by nobody yet, and waits."""
        if found.confirm != "click" or found.state != "open":
            return found
        try:
            return await self.approvals.approve(found.digest, standing_for(approver, found.shop))
        except Conflict:
            return await self.approvals.by_digest(found.shop, found.digest)


def acting_for(of: str, name: str, shop: str) -> Principal:
    """The automation or schedule itself: it asks and proposes, and approves nothing."""
    kind = "schedule" if of.startswith("sched") else "automation"
    return Principal(f"{kind}:{of}", "schedule", name, shop, frozenset({Scope.READ, Scope.ASK}))


def standing_for(approver: str, shop: str) -> Principal:
    """Whoever approved the automation, for what it does: they said yes to the rule, and so to its changes."""
    return Principal(approver, "schedule", "standing approval", shop, frozenset({Scope.APPROVE}))


def _writing(act: Act, happening: Happening) -> tuple[str | None, dict[str, Any]]:
    """The task that writes the draft, and its args."""
    customer, said = happening.customer, act.text or None
    if act.to == "review" and happening.review is not None:
        return "reply_to_review", {"reviews": {"ids": [happening.review.id], "label": happening.about}, "answer": said}
    if customer is None:
        return None, {}
    who = {"ids": [customer.id], "label": customer.name}
    if act.to == "message":
        return "reply_to_message", {"customers": who, "answer": said}
    order = happening.order
    orders = {"ids": [order.id], "label": order.number} if order is not None else None
    return "message_customer", {"customers": who, "orders": orders, "message": said} | ({} if said else {"purpose": "thanks"})


def _together(changes: Sequence[Change]) -> list[Change]:
    """Tags put on the same record by several actions are one change of its tags."""
    merged: dict[tuple[str, str, str | None], Change] = {}
    for change in changes:
        place = (change.target.kind, change.target.id, change.field)
        before = merged.get(place)
        if before is None or change.field != "tags":
            merged[place] = change
            continue
        kept, now, was = list(_list(before.after)), list(_list(change.after)), list(_list(change.before))
        kept = [tag for tag in kept if tag in now or tag not in was]
        merged[place] = Change.set(
            change.target, "tags", before=before.before, after=kept + [tag for tag in now if tag not in was and tag not in kept]
        )
    return [change for change in merged.values() if change.before != change.after]


def _list(value: Any) -> Sequence[str]:
    return value if isinstance(value, list | tuple) else ()


def _outcome(found: ChangeSet) -> str:
    if found.state == "open":
        return f"Waits for approval: {found.summary}."
    missed = [item.note for item in found.items if item.note]
    return found.summary + (f" ({'; '.join(missed)})" if missed else "")
