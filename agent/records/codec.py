"""Records to JSON and back, the same bytes for the same record: what is stored, digested and sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from types import NoneType
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel

from agent.records.changes import ChangeSet, Item, Totals
from agent.records.runs import Part, Route
from agent.sdk.refs import Money, Percent
from agent.sdk.results import Action, Change, Evidence, Target
from agent.sdk.text import Sentence
from agent.sdk.untrusted import Untrusted

T = TypeVar("T")
_MOMENT: Any = datetime | None


def to_json(value: Any) -> Any:
    """Plain JSON types (dict, list, str, int, bool, None) of any record. Untrusted text becomes {"untrusted": …, "source": …}."""
    return _way(type(value))(value)  # type: ignore[arg-type]  # a class of unknown metaclass might not be hashable; no record's is


@cache
def _way(of: type) -> Callable[[Any], Any]:
    """How values of a type are told. Found once for each: asking every value what it is took longer than telling it, a second for long proposals."""
    ways: Sequence[tuple[type | tuple[type, ...], Callable[[Any], Any]]] = (
        (Money, Money.json),
        ((Percent, Sentence), str),
        (Untrusted, lambda value: {"untrusted": to_json(value.value), "source": value.source}),
        (BaseModel, partial(_fields, tuple(getattr(of, "model_fields", ())))),
        (Mapping, lambda value: {str(k): to_json(v) for k, v in value.items()}),
        ((set, frozenset), lambda value: sorted(to_json(v) for v in value)),
        ((list, tuple), lambda value: [to_json(v) for v in value]),
        ((str, int, float, NoneType), lambda value: value),
    )
    if (found := next((way for kinds, way in ways if issubclass(of, kinds)), None)) is not None:
        return found
    if hasattr(of, "__dataclass_fields__"):
        return partial(_fields, tuple(of.__dataclass_fields__))
    return (lambda value: format(value, "f")) if issubclass(of, Decimal) else msgspec.to_builtins


def _fields(names: Sequence[str], value: Any) -> dict[str, Any]:
    return {name: to_json(getattr(value, name)) for name in names}


def encode(value: Any) -> bytes:
    """Canonical bytes: keys sorted, no spaces; what digests are taken of."""
    return msgspec.json.encode(to_json(value), order="deterministic")


def digest(value: Any) -> str:
    return hashlib.sha256(encode(value)).hexdigest()


def decode(data: bytes | str) -> Any:
    return msgspec.json.decode(data)


def from_json(type_: type[T], data: Any) -> T:
    """A record from its JSON.

    Raises:
        msgspec.ValidationError: The JSON is not that record's.
    """
    return msgspec.convert(data, type_, strict=False, dec_hook=_decode_hook)


def value_from_json(data: Any) -> Any:
    """A change's `before` or `after`: money is told by its two keys, everything else is as JSON has it."""
    if isinstance(data, dict):
        if set(data) == {"amount", "currency"}:
            return Money.of(data["amount"], data["currency"])
        return {k: value_from_json(v) for k, v in data.items()}
    return [value_from_json(v) for v in data] if isinstance(data, list) else data


def effect_from_json(data: Mapping[str, Any]) -> Change | Action:
    """A change or an action, as an item of a change set holds it."""
    target = Target(**data["target"])
    if "op" in data:
        values = {"before": value_from_json(data["before"]), "after": value_from_json(data["after"])}
        return Change(op=data["op"], target=target, field=data["field"], reversible=data["reversible"], **values)
    money = value_from_json(data["money"])
    return Action(kind=data["kind"], target=target, params=value_from_json(data["params"]), confirm=data["confirm"], money=money)


def change_set_from_json(data: Mapping[str, Any]) -> ChangeSet:
    """A change set. By hand, since a change's values are of many types and an item is one of two records."""
    items = [Item(id=i["id"], what=effect_from_json(i["what"]), state=i["state"], note=i["note"]) for i in data["items"]]
    totals = Totals(count=data["totals"]["count"], money=value_from_json(data["totals"]["money"]))
    times = {name: from_json(_MOMENT, data[name]) for name in ("created_at", "expires_at", "decided_at", "restore_at")}
    return ChangeSet(**{**data, **times, "items": items, "totals": totals})


def part_from_json(data: Mapping[str, Any]) -> Part:
    """A part of a reply as it was stored."""
    change_set = change_set_from_json(data["change_set"]) if data["change_set"] else None
    evidence = from_json(Evidence, data["evidence"]) if data["evidence"] else None
    return Part(**{**data, "change_set": change_set, "evidence": evidence, "run": [from_json(Route, route) for route in data["run"]]})


def _decode_hook(type_: type[Any], data: Any) -> Any:
    if issubclass(type_, BaseModel):
        return type_.model_validate(data)
    if type_ is Percent:
        return Percent._validate(data)
    raise NotImplementedError(type_)
