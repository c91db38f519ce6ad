"""What a merchant is shown of a proposal before approving it, counted by code from the exact items; no model has a word in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from agent.approvals.limits import Limits, price_move
from agent.records import Totals
from agent.records.changes import Risk
from agent.sdk import Action, Change, Money
from agent.sdk.levels import counted

Effects = Sequence[Change | Action]
MANY, SOME = 25, 5
STEEP, NOTABLE = Decimal(50), Decimal(20)


def totals(effects: Effects) -> Totals:
    """How many, and what it moves in money: prices by after minus before, actions by their amount; None where there is none or several currencies."""
    amounts = [m for e in effects if (m := _money(e)) is not None]
    if not amounts or len({m.currency for m in amounts}) > 1:
        return Totals(count=len(effects))
    return Totals(count=len(effects), money=sum(amounts[1:], amounts[0]))


def risk(effects: Effects) -> Risk:
    changes = [e for e in effects if isinstance(e, Change)]
    steepest = max((abs(price_move(c)) for c in changes), default=Decimal(0))
    lasting = any(isinstance(e, Action) or e.op == "delete" or not e.reversible for e in effects)
    if lasting or len(effects) > MANY or steepest >= STEEP:
        return "high"
    return "medium" if len(effects) > SOME or steepest >= NOTABLE else "low"


def confirmation(effects: Effects, limits: Limits) -> str:
    """ "click", or "type:WORD": the actions' own word, else the number of items or "price" where the limits ask for it."""
    for effect in effects:
        if isinstance(effect, Action) and effect.confirm != "click":
            return effect.confirm
    if limits.confirm_items is not None and len(effects) >= limits.confirm_items:
        return f"type:{len(effects)}"
    steepest = max((abs(price_move(e)) for e in effects if isinstance(e, Change)), default=Decimal(0))
    return "type:PRICE" if limits.confirm_price_percent is not None and steepest >= limits.confirm_price_percent else "click"


def summary(effects: Effects) -> str:
    """One sentence: the change itself when there is one, else counts by what is done."""
    if len(effects) == 1:
        return _one(effects[0])
    counted = Counter(_done(e) for e in effects)
    return "; ".join(f"{doing} of {n} {kind}s" if n > 1 else f"{doing} of 1 {kind}" for (doing, kind), n in counted.items())


def _money(effect: Change | Action) -> Money | None:
    if isinstance(effect, Action):
        return effect.money
    if effect.op == "set" and effect.field == "price" and isinstance(effect.before, Money) and isinstance(effect.after, Money):
        return effect.after - effect.before
    return None


def _one(effect: Change | Action) -> str:
    label = effect.target.label
    if isinstance(effect, Action):
        return f"{effect.kind.capitalize()}: {label}" + (f", {shown(effect.money)}" if effect.money else "")
    match effect.op:
        case "create":
            return f"New {effect.target.kind}: {label}"
        case "delete":
            return f"Delete the {effect.target.kind} {label}"
        case "add":
            return f"{label}: {_field(effect)} {effect.after:+d}"
        case "set":
            before, after = (shown(counted(effect.field, value)) for value in (effect.before, effect.after))
            return f"{label}: {_field(effect)} {before} → {after}"


def _done(effect: Change | Action) -> tuple[str, str]:
    if isinstance(effect, Action):
        return effect.kind.capitalize(), effect.target.kind
    doing = {"create": "Creation", "delete": "Deletion"}.get(effect.op) or f"New {_field(effect)}"
    return doing, effect.target.kind


def _field(change: Change) -> str:
    return (change.field or "").partition(":")[0].replace("_", " ")


def shown(value: object) -> str:
    """A value for people, cut where it is long."""
    if isinstance(value, Money):
        return f"{value.currency} {value.amount}"
    if isinstance(value, Mapping) and isinstance(reads := value.get("reads"), str):
        value = reads
    if value is None or value == "" or value == []:
        return "nothing"
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
