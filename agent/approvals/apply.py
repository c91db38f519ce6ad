"""Applying what was approved: each item once, however often the process dies on the way.

Per item: is it within the limits, is the store still as it was shown, intent written down, effect in the store under the item's own
key, read back, outcome written down with what is needed to undo it. Intent and outcome are in our database, the effect is in the
store's, and nothing spans the two. What is found with an intent and no outcome is simply written again: the same key makes the store
answer as the first time, whether or not the effect had happened.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agent.approvals import book
from agent.approvals.journal import Journal, Outcome, Work
from agent.approvals.limits import Known, Limits, check, known
from agent.approvals.made import of_what_was_made
from agent.approvals.summary import shown
from agent.db.tables import ChangeItemRow
from agent.errors import AskError, Conflict, NotFound, Stale, StoreRefused, StoreUnavailable
from agent.records import Writing, Written, to_json
from agent.sdk import Action, Change, Target
from agent.sdk.levels import counted

CHUNK = 20
"""Items whose intents, and then outcomes, are written down together: two transactions for 20 items instead of 40."""

GIVE_UP_AFTER = timedelta(hours=24)
log = logging.getLogger(__name__)

CrashAt = Callable[[str], None]
"""Called at each named point of an apply; a test hands in one that kills the process there."""


Effects = Mapping[str, Change | Action]
"""What each item is to do, by the item's id, with what was made meanwhile in it."""
Told = Callable[[Work, Sequence[Outcome]], Awaitable[None]]
"""Called with outcomes that are on record, for whoever follows the run."""


def nowhere(_point: str) -> None:
    """The collaborator outside tests: never crashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applier:
    """Applies the items of one decision. Run again, it goes on where it was."""

    journal: Journal
    limits: Limits
    told: Told
    crash_at: CrashAt = nowhere

    async def apply(self, store: Writing, shop: str, decision: str) -> None:
        """
        Raises:
            StoreUnavailable: The store, or our own database, cannot be reached now; the rest is left for the next attempt.
            Conflict: Another process has some of the items in hand.
        """
        self.crash_at("before_reading")
        work = await self.journal.work(shop, decision)
        if work.forged:
            await self.journal.outcomes(work, [_failed(row, "It is no longer what was approved; it was left alone.") for row in work.items])
        rows = [] if work.forged else work.items
        effects = {row.item_id: await of_what_was_made(book.effect_of(row), work.made, store) for row in rows}
        facts = await known(store, [effects[r.item_id] for r in rows if r.state == "approved"], self.limits)
        for start in range(0, len(rows), CHUNK):
            await self._chunk(store, work, rows[start : start + CHUNK], facts, effects)
        self.crash_at("before_settling")
        if not await self.journal.settle(work):
            raise Conflict("Another process is applying this; whichever of the two is left finishes it.")
        self.crash_at("after_settling")

    async def _chunk(self, store: Writing, work: Work, rows: Sequence[ChangeItemRow], facts: Known, effects: Effects) -> None:
        checked = [await self._may(store, row, effects[row.item_id], facts, exempt=work.undoes is not None) for row in rows]
        ready = [row for row, refusal in zip(rows, checked, strict=True) if refusal is None]
        self.crash_at("before_intent")
        refused = [outcome for outcome in checked if outcome is not None]
        await self.journal.intend(work, ready, refused)
        self.crash_at("after_intent")
        outcomes: list[Outcome] = []
        try:
            for row in ready:
                self.crash_at("before_effect")
                outcomes.append(await self._effect(store, work, row, effects[row.item_id]))
                self.crash_at("after_effect")
        finally:
            if outcomes:
                await self.journal.outcomes(work, outcomes)
        self.crash_at("after_outcome")
        await self.told(work, [*refused, *outcomes])

    async def _may(self, store: Writing, row: ChangeItemRow, effect: Change | Action, facts: Known, *, exempt: bool) -> Outcome | None:
        """Why the item is not to be written, or None. One whose intent is on record may have been written: the store will say."""
        if row.state == "applying":
            return None
        try:
            if not exempt:  # what puts back a state that was there cannot be over a limit
                check(effect, self.limits, facts)
            await _compare(store, effect)
        except (Stale, NotFound) as error:
            return Outcome(row=row, state="skipped", note=str(error))
        except AskError as error:
            return _failed(row, str(error))
        return None

    async def _effect(self, store: Writing, work: Work, row: ChangeItemRow, effect: Change | Action) -> Outcome:
        try:
            written = await (store.write(effect, key=row.key) if isinstance(effect, Change) else store.act(effect, key=row.key))
            self.crash_at("before_reading_back")
            doubt = await _read_back(store, effect, written)
        except (Stale, NotFound) as error:
            return Outcome(row=row, state="skipped", note=str(error))
        except (StoreRefused, AskError) as error:
            return _failed(row, str(error))
        except StoreUnavailable as error:
            return self._unknown(work, row, error)
        except Exception as error:  # whatever a store's client raises: the effect may have happened, so it is not a failure yet
            log.exception("the store failed on item %s of %s", row.item_id, work.change_set)
            return self._unknown(work, row, StoreUnavailable("The store did not answer as it should; it is tried again."), cause=error)
        return _failed(row, doubt) if doubt is not None else Outcome(row=row, state="applied", written=written)

    def _unknown(self, work: Work, row: ChangeItemRow, error: StoreUnavailable, *, cause: Exception | None = None) -> Outcome:
        """
        Raises:
            StoreUnavailable: While there is hope; the item keeps its intent.
        """
        if self.journal.since(work.decided_at) < GIVE_UP_AFTER:
            raise error from cause
        return _failed(row, "It is not known whether this was written: the store gave no answer for a day. Look before you ask again.")


async def _compare(store: Writing, effect: Change | Action) -> None:
    """
    Raises:
        Stale: It is no longer as it was when it was proposed.
        NotFound: The record is gone.
    """
    if isinstance(effect, Action) or effect.op == "create":
        return
    found = await store.current(effect.target, effect.field)
    if found is None and await store.current(effect.target, None) is None:
        raise NotFound(effect.target.kind, effect.target.label)
    if effect.op != "add" and not unmoved(effect, found):
        raise Stale(_place(effect), expected=effect.before, found=found)


async def _read_back(store: Writing, effect: Change | Action, written: Written) -> str | None:
    """Why the store cannot have done it, or None. Another's change a moment later is no fault of ours."""
    if not isinstance(effect, Change) or effect.op != "set" or written.replayed:
        return None
    target = Target(effect.target.kind, written.target_id, effect.target.label)
    found = await store.current(target, effect.field)
    if unmoved(effect, found) and not same(found, written.after):
        return f"The store said yes, but {_place(effect)} still is {shown(counted(effect.field, effect.before))}."
    return None


def same(a: Any, b: Any) -> bool:
    """Whether two values of a field are the same, however they are held."""
    return bool(to_json(a) == to_json(b))


def unmoved(change: Change, found: Any) -> bool:
    """Whether the field is what the change was made from. Of units a place that keeps none is one that keeps 0: there are as many there."""
    return same(counted(change.field, found), counted(change.field, change.before))


def _place(change: Change) -> str:
    return f"{change.target.label}, {(change.field or change.target.kind).replace('_', ' ')},"


def _failed(row: ChangeItemRow, note: str) -> Outcome:
    return Outcome(row=row, state="failed", note=note)
