"""A conversation whose requests have versions: which of them are seen together, and which came before another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request of a thread as it is linked to the others."""

    id: str
    follows: str | None = None
    instead_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    id: str
    versions: Sequence[str]
    """The first one first, itself among them."""


class Branches:
    """The requests of one thread.

    Each comes after another: the one it names, or else the one before it in time. A version of an earlier request comes after what that
    one came after, and what came after that one is not seen with it.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        """
        Args:
            steps: In the order of time.
        """
        self._order = [step.id for step in steps]
        self._first: dict[str, str] = {}
        self._after: dict[str, str | None] = {}
        before: str | None = None
        for step in steps:
            original = self._first.get(step.instead_of) if step.instead_of else None
            self._first[step.id] = original or step.id
            named = step.follows if step.follows in self._after else before
            self._after[step.id] = self._after[original] if original else named
            before = step.id
        self._versions: dict[str, list[str]] = {}
        for id, first in self._first.items():
            self._versions.setdefault(first, []).append(id)

    @property
    def latest(self) -> str | None:
        return self._order[-1] if self._order else None

    def seen(self, at: str | None = None) -> list[Shown]:
        """What is seen together with the request `at`, in the order of time; with the latest one where there is no such request.

        Of requests that are not on the way to it, the version is seen in which something was asked last.
        """
        at = at if at in self._after else self.latest
        chosen = {**self._newest(), **{self._first[id]: id for id in self._way_to(at)}}
        seen: dict[str, Shown] = {}
        for id in self._order:
            first, after = self._first[id], self._after[id]
            if chosen[first] == id and (after is None or after in seen):
                seen[id] = Shown(id=id, versions=self._versions[first])
        return list(seen.values())

    def before(self, *, follows: str | None = None, instead_of: str | None = None) -> list[str]:
        """What came before a request that is asked now, in the order of time."""
        if instead_of in self._after:
            return self._way_to(self._after[instead_of])
        return self._way_to(follows if follows in self._after else self.latest)

    def has_versions(self) -> bool:
        return len(self._versions) < len(self._order)

    def _way_to(self, at: str | None) -> list[str]:
        way: list[str] = []
        while at is not None:
            way.append(at)
            at = self._after[at]
        return way[::-1]

    def _newest(self) -> Mapping[str, str]:
        """Of each request the version with the latest request after it."""
        chosen: dict[str, str] = {}
        for id in self._order:
            for each in self._way_to(id) if self.has_versions() else (id,):
                chosen[self._first[each]] = each
        return chosen
