"""Which version of each student answers: one row a head, changed by small steps that each say when they make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.db.students import StudentStandingRow
from agent.errors import Conflict, Invalid
from agent.students.shelf import BUNDLED

Role = Literal["in_use", "canary", "shadow"]
_WAY_BACK = 20
"""Most versions remembered to go back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    head: str
    in_use: str = BUNDLED
    earlier: Sequence[str] = ()
    """Versions in use before, the latest last."""
    shadow: str | None = None
    canary: str | None = None
    share: float = 0.0
    """Of runs that the canary answers."""
    promoted_at: datetime | None = None
    """When the one in use came into use; None for a bundled one that always was."""
    revision: int = 0
    changed_by: str | None = None
    changed_at: datetime | None = None


Step = Callable[[Standing], Standing]


def shadow(version: str | None) -> Step:
    """Let a version run beside the one in use, or none."""

    def step(now: Standing) -> Standing:
        if version is None and now.shadow is None:
            raise Conflict(f"No version of `{now.head}` runs in the shadow.")
        if version == now.in_use:
            raise Conflict(f"That version of `{now.head}` is in use: beside itself it would show nothing.")
        return replace(now, shadow=version)

    return step


def canary(version: str | None, share: float = 0.0) -> Step:
    """Let a version answer a share of the runs, or none."""

    def step(now: Standing) -> Standing:
        if version is None:
            if now.canary is None:
                raise Conflict(f"`{now.head}` has no canary.")
            return replace(now, canary=None, share=0.0)
        if version == now.in_use:
            raise Conflict(f"That version of `{now.head}` is in use and answers everything already.")
        if not 0 < share < 1:
            raise Invalid("A canary answers a share of the runs: more than nothing and less than all, such as 0.1.", field="share")
        return replace(now, canary=version, share=share)

    return step


def promote(version: str, at: datetime) -> Step:
    """Let a version answer everything; one that did so before is remembered as the way back."""

    def step(now: Standing) -> Standing:
        if version == now.in_use:
            raise Conflict(f"That version of `{now.head}` is in use already.")
        left = None if now.shadow == version else now.shadow
        earlier = (*now.earlier, now.in_use)[-_WAY_BACK:]
        return replace(now, in_use=version, earlier=earlier, shadow=left, canary=None, share=0.0, promoted_at=at)

    return step


def rollback(at: datetime) -> Step:
    """End the canary if there is one; else go back to the version that was in use before."""

    def step(now: Standing) -> Standing:
        if now.canary is not None:
            return replace(now, canary=None, share=0.0)
        if not now.earlier:
            raise Conflict(f"`{now.head}` has no canary, and no version was in use before this one; there is nothing to go back to.")
        *earlier, before = now.earlier
        left = None if now.shadow == before else now.shadow
        return replace(now, in_use=before, earlier=tuple(earlier), shadow=left, promoted_at=at)

    return step


def standings(session: Session) -> dict[str, Standing]:
    """Every head that was ever changed, by name; the others are answered by their bundled version."""
    return {row.head: _standing(row) for row in session.scalars(select(StudentStandingRow))}


def standing_of(session: Session, head: str, *, lock: bool = False) -> Standing:
    row = session.get(StudentStandingRow, head, with_for_update=lock or None)
    return _standing(row) if row else Standing(head=head)


def change(session: Session, head: str, step: Step, *, by: str, at: datetime) -> tuple[Standing, Standing]:
    """Take a step, in the caller's transaction; how it stood before, and how it stands now.

    Raises:
        Conflict: The step makes no sense as things stand.
        Invalid: A value of it makes none.
    """
    before = standing_of(session, head, lock=True)
    after = replace(step(before), revision=before.revision + 1, changed_by=by, changed_at=at)
    session.merge(
        StudentStandingRow(
            head=head,
            in_use=after.in_use,
            earlier=json.dumps(list(after.earlier)),
            shadow=after.shadow,
            canary=after.canary,
            share=after.share,
            promoted_at=after.promoted_at,
            revision=after.revision,
            changed_by=by,
            changed_at=at,
        )  # fmt: skip
    )
    return before, after


def _standing(row: StudentStandingRow) -> Standing:
    return Standing(
        head=row.head, in_use=row.in_use, earlier=tuple(json.loads(row.earlier)), shadow=row.shadow, canary=row.canary, share=row.share,
        promoted_at=row.promoted_at, revision=row.revision, changed_by=row.changed_by, changed_at=row.changed_at,
    )  # fmt: skip
