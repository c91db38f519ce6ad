"""Text that someone other than the merchant wrote, and the changes that a record's `set` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from agent.sdk.results import Change, Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Untrusted(Generic[T]):
    """A value that someone other than the merchant wrote. Prompts refuse it outside the quarantined slot; panels escape it."""

    value: T
    source: str = field(kw_only=True)
    """Kind of text: "review", "order note", "message", "product text"."""
    record: str = field(kw_only=True)
    """Id of the record it was read from."""

    def __str__(self) -> str:
        raise TypeError(f"text from a {self.source} is untrusted: take .value where it is only shown or counted")

    def __format__(self, spec: str) -> str:
        return str(self)  # raises: an f-string must not launder it either


def changes_to(target: Target, record: Any, fields: Mapping[str, Any]) -> list[Change]:
    changes = []
    for name, after in fields.items():
        before = getattr(record, name)
        before = before.value if isinstance(before, Untrusted) else list(before) if isinstance(before, tuple) else before
        if before != after:
            changes.append(Change.set(target, name, before=before, after=after))
    return changes
