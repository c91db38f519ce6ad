"""A store in memory for tests of what writes: fields compared and set at once, keys remembered, every effect in a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agent.errors import NotFound, Stale, StoreRefused
from agent.records import Written, to_json
from agent.sdk import Action, Change, Selection, Target, Variant
from agent.sdk.levels import counted, location_in
from agent.sdk.store import Capability

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that really happened."""

    key: str
    kind: str
    target: str
    field: str | None
    before: Any
    after: Any


class MemoryStore:
    """Implements `Writing`. What is refused, and when it fails, is handed in."""

    def __init__(self, records: Mapping[str, Mapping[str, Mapping[str, Any]]], *, refuse: Callable[[Change], str | None] | None = None) -> None:
        """
        Args:
            records: Kind to id to fields.
            refuse: Says why a change is not taken, or None.
        """
        self.records: dict[str, dict[str, Fields]] = {k: {i: dict(f) for i, f in of.items()} for k, of in records.items()}
        self.ledger: list[Effect] = []
        self.calls: list[str] = []
        """The key of every write asked for, also of those answered from memory."""
        self._answers: dict[str, Written] = {}
        self._refuse = refuse or (lambda _change: None)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"cost", "inventory"})

    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]:
        found = [(i, self.records.get("variant", {}).get(i)) for i in selection.ids]
        return [_variant(i, fields) for i, fields in found if fields is not None]

    async def current(self, target: Target, field: str | None) -> Any:
        record = self.records.get(target.kind, {}).get(target.id)
        if record is None or field is None:
            return dict(record) if record is not None else None
        return record.get(field)

    async def write(self, change: Change, *, key: str) -> Written:
        self.calls.append(key)
        if key in self._answers:
            done = self._answers[key]
            return Written(before=done.before, after=done.after, target_id=done.target_id, replayed=True)
        if (why := self._refuse(change)) is not None:
            raise StoreRefused(why)
        written = self._written(change)
        self.remember(change, written, key)
        return written

    async def act(self, action: Action, *, key: str) -> Written:
        self.calls.append(key)
        if key in self._answers:
            return Written(before=None, after=None, target_id=action.target.id, replayed=True)
        written = Written(before=None, after=dict(action.params), target_id=action.target.id)
        self._answers[key] = written
        self.ledger.append(Effect(key=key, kind=action.kind, target=action.target.id, field=None, before=None, after=written.after))
        return written

    def remember(self, change: Change, written: Written, key: str) -> None:
        self._answers[key] = written
        effect = Effect(key=key, kind=change.op, target=written.target_id, field=change.field, before=written.before, after=written.after)
        self.ledger.append(effect)

    def _written(self, change: Change) -> Written:
        of_kind = self.records.setdefault(change.target.kind, {})
        if change.op == "create":
            id = f"{change.target.kind}-{len(self.ledger) + 1}"
            of_kind[id] = dict(cast("Mapping[str, Any]", change.after))
            return Written(before=None, after=dict(of_kind[id]), target_id=id)
        record = of_kind.get(change.target.id)
        if record is None:
            raise NotFound(change.target.kind, change.target.label)
        if change.op == "delete":
            _compare(change, dict(record))
            del of_kind[change.target.id]
            return Written(before=dict(record), after=None, target_id=change.target.id)
        assert change.field is not None
        before = record.get(change.field)
        if change.op == "set":
            _compare(change, counted(change.field, before))
        after = change.after if change.op == "set" else int(before or 0) + cast("int", change.after)
        put(record, change.field, after)
        return Written(before=before, after=after, target_id=change.target.id)


def put(record: Fields, field: str, value: Any) -> None:
    """Give a record's field this value; a place that is to keep no units has no level."""
    if value is None and location_in(field) is not None:
        record.pop(field, None)
    else:
        record[field] = value


def _compare(change: Change, found: Any) -> None:
    if to_json(found) != to_json(counted(change.field, change.before)):
        raise Stale(change.target.label, expected=change.before, found=found)


def _variant(id: str, fields: Mapping[str, Any]) -> Variant:
    return Variant(
        id=id, product_id=fields.get("product", id), product_title=fields.get("title", id), title="", options={}, sku=None, price=fields["price"],
        compare_at_price=None, cost=fields.get("cost"), stock={}, tracked=False, version="1",
    )  # fmt: skip
