"""Students from the shelf to production and back: what is there, how each does, and the few steps that change who answers.

Every step is looked at first (is the version whole, gated, fit), taken in one transaction with its row in the audit, and followed by every
process within a second. What does not work changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from agent.approvals.audit import Entry, append
from agent.db.engine import Database
from agent.errors import Invalid, ManifestError, NotAllowed
from agent.records import Principal, Scope
from agent.students.drift import Drift, Seen
from agent.students.encoder import Encoder
from agent.students.makings import Makings
from agent.students.manifest import Manifest
from agent.students.sample import Sampled, Scrub, sample
from agent.students.scrub import scrubbed
from agent.students.seen import Agreement, Disagreement, agreement, disagreements, drift_of, lately
from agent.students.shelf import BUNDLED, Shelf, Version, named
from agent.students.spans import SpanTagger
from agent.students.standing import Role, Standing, Step, canary, change, promote, rollback, shadow, standing_of

PERSONAL = "personal_data"
"""The student that marks personal data."""
Problems = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionShown:
    version: Version
    roles: Sequence[str]
    """in_use, canary, shadow; empty for one that waits."""
    lately: Seen
    """What it said within seven days, in the role it has."""
    agreement: Agreement | None
    """Of a shadow with the one in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShown:
    """One head: how it stands, its versions, and whether it still says what it said when it came into use."""

    head: str
    standing: Standing
    versions: Sequence[VersionShown]
    drift: Drift
    disagreements: Sequence[Disagreement] = ()
    problem: str | None = None
    """Why a version that it names is not loaded in this process."""

    @property
    def in_use(self) -> Version | None:
        return next((shown.version for shown in self.versions if "in_use" in shown.roles), None)

    def version(self, name: str) -> Version:
        """
        Raises:
            NotFound: It has no version of that id, or none that alone begins so.
        """
        return named([shown.version for shown in self.versions], self.head, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric of a version's manifest, with its 95% interval where it has one."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


def figures(manifest: Manifest) -> list[Figure]:
    """What was measured of a version before it was taken in, by dotted names."""
    return list(_figures("", manifest.metrics))


def _figures(name: str, metric: object) -> Iterator[Figure]:
    if isinstance(metric, Mapping) and {"value", "n", "low", "high"} <= set(metric):
        yield Figure(name=name, value=float(metric["value"]), low=float(metric["low"]), high=float(metric["high"]), n=int(metric["n"]))
    elif isinstance(metric, Mapping):
        for inner, value in metric.items():
            yield from _figures(f"{name}.{inner}" if name else str(inner), value)
    elif isinstance(metric, int | float):
        yield Figure(name=name, value=float(metric))


def nothing_loaded() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentVersions:
    """The use cases. Works beside a server as well as in one: all that they share is the database and the data folder."""

    db: Database
    shelf: Shelf
    encoder: Callable[[], Encoder]
    """The encoder to look at versions with; asked for when it is needed."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    problems: Problems = nothing_loaded
    makings: Makings | None = None
    """What `storehand distill` wrote down on this data folder; None where that is not kept."""

    async def heads(self) -> Sequence[HeadShown]:
        return [await self.head(name) for name in await asyncio.to_thread(self.shelf.heads)]

    async def head(self, name: str, *, most: int = 0) -> HeadShown:
        """
        Args:
            most: Disagreements to show, the latest first.

        Raises:
            NotFound: There is no such head.
        """
        versions = await asyncio.to_thread(self._versions, name)
        return await self.db.read(lambda session: self._shown(session, name, versions, most))

    async def add(self, folder: Path, principal: Principal) -> Version:
        """Take a finished model folder in; nobody is answered by it yet.

        Raises:
            NotAllowed: Only an owner may.
            Invalid: It is refused; the sentence says why.
        """
        self._may(principal)
        with _refusing():
            version = await asyncio.to_thread(lambda: self.shelf.add(folder, self.encoder()))
        await self.db.write(lambda session: self._note(session, principal, "student_added", version.head, {"version": version.id}))
        return version

    async def shadow(self, head: str, version: str | None, principal: Principal) -> Standing:
        """Run a version beside the one in use, or none."""
        return await self._step(principal, head, version, "student_shadow", lambda id: shadow(id))

    async def canary(self, head: str, version: str | None, share: float, principal: Principal) -> Standing:
        """Let a version answer a share of the runs, or none."""
        return await self._step(principal, head, version, "student_canary", lambda id: canary(id, share))

    async def promote(self, head: str, version: str, principal: Principal) -> Standing:
        """Let a version answer everything."""
        return await self._step(principal, head, version, "student_promoted", lambda id: promote(str(id), self.now()))

    async def rollback(self, head: str, principal: Principal) -> Standing:
        """End the canary if there is one; else go back to the version in use before, which is looked at first."""
        self._may(principal)
        standing = await self.db.read(lambda session: standing_of(session, head))
        if standing.canary is None and standing.earlier:
            await self._fit(head, standing.earlier[-1])
        return await self._step(principal, head, None, "student_rolled_back", lambda id: rollback(self.now()))

    async def sample(self, head: str, principal: Principal, *, most: int) -> list[Sampled]:
        """What was asked of this shop that is worth learning from, scrubbed; that it was taken is a row in the audit.

        Raises:
            NotAllowed: Only an owner may.
            NotFound: There is no such head.
            Invalid: There is no student for personal data, without which names would stay in the texts.
        """
        self._may(principal)
        await asyncio.to_thread(self._versions, head)
        scrub = await asyncio.to_thread(self._scrub)
        found = await self.db.read(lambda session: sample(session, principal.shop, head, most=most, scrub=scrub))
        await self.db.write(lambda session: self._note(session, principal, "student_sample", head, {"texts": len(found)}))
        return found

    def _scrub(self) -> Scrub:
        if PERSONAL not in self.shelf.heads():
            raise Invalid(f"There is no student `{PERSONAL}` among the models, without which names would stay in the texts.")
        tagger = self.shelf.load(self.shelf.find(PERSONAL, BUNDLED), self.encoder())
        if not isinstance(tagger, SpanTagger):
            raise Invalid(f"The student `{PERSONAL}` marks no spans; train it with `storehand distill {PERSONAL}`.")
        return lambda text: scrubbed(text, tagger.tag)

    async def _step(self, principal: Principal, head: str, version: str | None, kind: str, step: Callable[[str | None], Step]) -> Standing:
        """
        Raises:
            NotAllowed: Only an owner may.
            NotFound: There is no such head or version.
            Invalid: The version is damaged or not fit, or a value makes no sense.
            Conflict: The step makes no sense as things stand.
        """
        self._may(principal)
        await asyncio.to_thread(self._versions, head)
        id = (await self._fit(head, version)).id if version is not None else None

        def write(session: Session) -> Standing:
            before, after = change(session, head, step(id), by=principal.id, at=self.now())
            told = {"in_use": [before.in_use, after.in_use], "shadow": [before.shadow, after.shadow], "canary": [before.canary, after.canary]}
            self._note(session, principal, kind, head, {**told, "share": str(after.share), "revision": after.revision})
            return after

        return await self.db.write(write)

    async def _fit(self, head: str, version: str) -> Version:
        """The version, after it was loaded here as every process will load it."""
        found = await asyncio.to_thread(self.shelf.find, head, version)
        with _refusing():
            await asyncio.to_thread(lambda: self.shelf.load(found, self.encoder()))
        return found

    def _note(self, session: Session, principal: Principal, kind: str, head: str, payload: Mapping[str, object]) -> None:
        at = self.now()
        revision = payload.get("revision", at.isoformat())
        append(session, principal.shop, at, Entry(kind=kind, ref=f"{head} {revision}", principal=principal.id, payload={"head": head, **payload}))

    def _may(self, principal: Principal) -> None:
        if not principal.may(Scope.ADMIN):
            raise NotAllowed("Only an owner of the shop decides which students answer.")

    def _versions(self, head: str) -> list[Version]:
        if not (found := self.shelf.versions(head)):
            self.shelf.find(head, BUNDLED)  # says that there is none
        return found

    def _shown(self, session: Session, head: str, versions: Sequence[Version], most: int) -> HeadShown:
        standing = standing_of(session, head)
        return HeadShown(
            head=head, standing=standing, versions=[self._version_shown(session, standing, version) for version in versions],
            drift=drift_of(session, standing), disagreements=disagreements(session, head, limit=most) if most else (),
            problem=self.problems().get(head),
        )  # fmt: skip

    def _version_shown(self, session: Session, standing: Standing, version: Version) -> VersionShown:
        named = (("in_use", standing.in_use), ("canary", standing.canary), ("shadow", standing.shadow))
        roles = [role for role, id in named if id == version.id]
        shadowed = agreement(session, standing.head, version.id)
        role: Role = "canary" if "canary" in roles else "shadow" if "shadow" in roles else "in_use"
        return VersionShown(
            version=version, roles=roles, lately=lately(session, standing.head, version.id, role, self.now()),
            agreement=shadowed if shadowed.compared else None,
        )  # fmt: skip


@contextmanager
def _refusing() -> Iterator[None]:
    """What is wrong with a version is the answer to a request here, not a fault of the setup."""
    try:
        yield
    except ManifestError as error:
        raise Invalid(str(error)) from error
