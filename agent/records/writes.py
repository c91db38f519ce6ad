"""The writing half of a store, which only `agent.approvals` holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from agent.records.changes import Written
from agent.sdk.goods import Variant
from agent.sdk.refs import Selection
from agent.sdk.results import Action, Change, Target, TargetKind
from agent.sdk.store import Capability, Store


class Writing(Protocol):
    """What approvals need of a store: to write, to read back what they wrote, and what the limits ask about."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...
    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]: ...

    async def current(self, target: Target, field: str | None) -> Any:
        """The field's value now, in the same form as `Change.before`; None when the record is gone.

        Units of a variant at a place ("stock:LOCATION") are None where the place keeps none of it, 0 where it has run out there.
        With `field` None, the record's fields as a mapping.
        """
        ...

    async def write(self, change: Change, *, key: str) -> Written:
        """Make one change, compared and set in one transaction of the store's own.

        Args:
            change: For "set" the write happens only while the field equals `before`; of units at a place None equals 0. Units set to None
                take the level away.
            key: Idempotency key; the same key again answers as the first time and writes nothing.

        Raises:
            Stale: The field is no longer `before`.
            NotFound: The record is gone.
            StoreRefused: The store does not take the value.
            StoreUnavailable: It is not known whether it was written; call again with the same key.
        """
        ...

    async def act(self, action: Action, *, key: str) -> Written: ...


class WritableStore(Store, Writing, Protocol):
    """A whole store, to read and to write."""


@runtime_checkable
class Staging(Protocol):
    """A store that can show itself as it would be."""

    def staged(self, changes: Sequence[Change]) -> Store:
        """The store as if these changes were made, to be read only. One that cannot be made is left out."""
        ...

    def coming(self, kind: TargetKind, n: int) -> str | None:
        """The id to give the target of a create, for the view to show what it makes under; None for a kind of which it shows nothing.

        Args:
            n: Another one for each create of a view.
        """
        ...

    def whole_of(self, id: str) -> tuple[str, int | None]:
        """Of a variant of what is shown so, the product's id and its place among the variants; any other id as it is."""
        ...

    def part_of(self, id: str, place: int) -> str:
        """The variant in this place of a product that is shown so."""
        ...
