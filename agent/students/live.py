"""The students as they answer now: the version in use or, for a stable share of the runs, the canary; another may run in the shadow.

Each process looks at the standings once a second and loads what they name in a thread before it switches, so that a promotion takes
effect everywhere without a restart and no request waits for it. A run draws its versions when it begins and ends on the same ones. A
version that cannot be loaded changes nothing: the one in use goes on, and `problems` says why.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from agent.db.engine import Database
from agent.errors import ManifestError, NotFound
from agent.records.reading import Reading, Thresholds
from agent.sdk.model import Label, Tagged
from agent.students import patterns
from agent.students.answers import Answer, Loaded, of_label, of_reading, of_spans
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.heads_many import NOTHING
from agent.students.reader import Reader
from agent.students.scrub import scrubbed
from agent.students.shelf import BUNDLED, ENCODER, READER, Shelf
from agent.students.spans import SpanTagger
from agent.students.standing import Role, Standing, standings
from agent.students.watch import MOST_SHADOWED, Sight, Watch

log = logging.getLogger("storehand.students")

LOOKS_EVERY_S = 1.0
PERSONAL = "personal_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Everything that is loaded, as the standings want it."""

    in_use: Mapping[str, Loaded] = field(default_factory=dict)
    canary: Mapping[str, tuple[Loaded, float]] = field(default_factory=dict)
    """Head to its canary, and the share of runs that it answers."""
    shadow: Mapping[str, Loaded] = field(default_factory=dict)

    def loaded(self) -> Iterator[Loaded]:
        yield from self.in_use.values()
        yield from (loaded for loaded, _ in self.canary.values())
        yield from self.shadow.values()


@dataclass(slots=True, kw_only=True)
class Drawn:
    """What one run is answered by, from its beginning to its end."""

    run: str
    shop: str
    consent: bool
    watched: bool
    by: Mapping[str, tuple[Loaded, Role]]
    shadow: Mapping[str, Loaded]
    has_read: bool = False
    """The first text a run has read is its request; what is read later are examples."""


_DRAWN: ContextVar[Drawn | None] = ContextVar("storehand_students_drawn", default=None)


class LiveStudents:
    """Answers as `Students` does, by the versions that the standings name."""

    def __init__(self, shelf: Shelf, db: Database, *, watch: Watch | None = None) -> None:
        """Loads every bundled student.

        Args:
            watch: Counts what is said and runs shadows; None for neither.

        Raises:
            ManifestError: A bundled one cannot be loaded.
        """
        self._shelf, self._db, self._watch = shelf, db, watch
        self.encoder = Encoder(shelf.encoder())
        bundled = {version.head: Loaded(version, shelf.load(version, self.encoder)) for version in shelf.bundled()}
        self._serving = Serving(in_use=bundled)
        self._known = bundled
        self._followed: Mapping[str, Standing] = {}
        self._looking = asyncio.Lock()
        self.problems: Mapping[str, str] = {}
        """Head to why a version the standings name is not loaded here."""

    # following the standings

    async def look(self) -> bool:
        """Follow the standings if they changed; whether they had. What is wrong with a version is noted, never raised."""
        async with self._looking:
            wanted = await self._db.read(standings)
            if wanted == self._followed:
                return False
            self._serving, self.problems = await asyncio.to_thread(self._load, wanted)
            self._followed = wanted
            for problem in self.problems.values():
                log.error("%s", problem)
            return True

    async def follow(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look once a second until cancelled."""
        while True:
            await pause(LOOKS_EVERY_S)
            try:
                await self.look()
            except SQLAlchemyError as error:
                log.warning("the standings of the students could not be read: %s", type(error).__name__)

    def _load(self, wanted: Mapping[str, Standing]) -> tuple[Serving, Mapping[str, str]]:
        ready = {(loaded.head, loaded.version.id): loaded for loaded in (*self._known.values(), *self._serving.loaded())}
        problems: dict[str, str] = {}

        def loaded(head: str, version: str | None) -> Loaded | None:
            if version is None or (head, version) in ready:
                return ready.get((head, str(version)))
            try:
                found = self._shelf.find(head, version)
                return ready.setdefault((head, version), Loaded(found, self._shelf.load(found, self.encoder)))
            except (ManifestError, NotFound, OSError) as error:
                problems[head] = f"`{head}` stays as it was, since version {version[:12]} cannot be used: {error}"
                return None

        in_use = dict(self._known)
        for head, standing in wanted.items():
            if standing.in_use == BUNDLED and head not in self._known:
                continue  # a head that does not ship answers nothing until a version of it is promoted
            chosen = loaded(head, standing.in_use) or self._serving.in_use.get(head)
            if chosen is not None:
                in_use[head] = chosen
        canary = {head: (one, s.share) for head, s in wanted.items() if (one := loaded(head, s.canary)) is not None}
        shadow = {head: one for head, s in wanted.items() if (one := loaded(head, s.shadow)) is not None}
        return Serving(in_use=in_use, canary=canary, shadow=shadow), problems

    # answering

    @contextmanager
    def for_run(self, run: str, shop: str, *, watched: bool = True, consent: bool = False) -> Iterator[Mapping[str, str]]:
        """Answer all that happens within by the versions drawn now; gives the digest of each.

        Args:
            watched: Whether what is said counts, and a shadow runs beside it.
            consent: Whether texts on which a shadow disagrees may be kept to learn from.
        """
        serving = self._serving
        by = {head: _drawn(run, loaded, serving.canary.get(head)) for head, loaded in serving.in_use.items()}
        token = _DRAWN.set(Drawn(run=run, shop=shop, consent=consent, watched=watched, by=by, shadow=serving.shadow))
        try:
            yield {ENCODER: self.encoder.manifest.identity} | {head: digest_of(loaded) for head, (loaded, _) in by.items()}
        finally:
            _DRAWN.reset(token)

    @property
    def reader(self) -> ReaderDoor:
        """
        Raises:
            ManifestError: No reader was trained.
        """
        loaded, role = self.chosen(READER) or (None, "in_use")
        if loaded is None or not isinstance(loaded.student, Reader):
            raise ManifestError("the reader is not trained: there is no reader/manifest.toml among the models; run `storehand distill reader`.")
        return ReaderDoor(loaded, loaded.student, role, self._watch)

    @property
    def heads(self) -> Mapping[str, HeadDoor]:
        """The labelling heads; each time it is asked, as they are then."""
        return HeadDoors(self, self._watch)

    @property
    def taggers(self) -> Mapping[str, TagDoor]:
        """The heads that mark spans; each time it is asked, as they are then."""
        return TagDoors(self, self._watch)

    @property
    def thresholds(self) -> Mapping[str, float]:
        return LeastConfidences(self)

    def loaded(self, head: str) -> Loaded | None:
        """What is in use now, whatever a run has drawn."""
        return self._serving.in_use.get(head)

    def names(self) -> list[str]:
        return list(self._serving.in_use)

    def shipped(self) -> dict[str, str]:
        """Every model that ships, by the digest of its files."""
        heads = {head: loaded.version.manifest.identity for head, loaded in self._known.items()}
        return {ENCODER: self.encoder.manifest.identity, **heads}

    def chosen(self, head: str) -> tuple[Loaded, Role] | None:
        """What answers for a head: as the run drew it, or outside of runs the version in use."""
        drawn = _DRAWN.get()
        if drawn is not None and head in drawn.by:
            return drawn.by[head]
        loaded = self._serving.in_use.get(head)
        return (loaded, "in_use") if loaded is not None else None


@asynccontextmanager
async def open_students(shelf: Shelf, db: Database) -> AsyncIterator[LiveStudents]:
    """Students that follow the standings, with what they say counted, until the block ends.

    Raises:
        ManifestError: A bundled one cannot be loaded.
    """
    watch = Watch(db, scrub=lambda text: scrubbed(text, _tags(students)))
    students = LiveStudents(shelf, db, watch=watch)
    await students.look()
    following = asyncio.create_task(students.follow())
    try:
        yield students
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        await asyncio.to_thread(watch.close)


def _tags(students: LiveStudents) -> Callable[[str], Sequence[Tagged]]:
    """The personal data of a text; without the student for it, what has a form of its own."""
    loaded = students.loaded(PERSONAL)
    return loaded.student.tag if loaded is not None and isinstance(loaded.student, SpanTagger) else lambda text: list(patterns.found(text))


@dataclass(frozen=True, slots=True)
class ReaderDoor:
    """The reader as planning sees it."""

    loaded: Loaded
    student: Reader
    role: Role
    watch: Watch | None

    @property
    def labels(self) -> Sequence[str]:
        return self.student.labels

    @property
    def thresholds(self) -> Thresholds:
        return self.student.thresholds

    def read(self, text: str) -> Reading:
        reading = self.student.read(text)
        drawn = _DRAWN.get()
        if drawn is not None and not drawn.has_read:
            drawn.has_read = True
            _hand_in(self.watch, drawn, self.loaded, self.role, [text], [of_reading(reading)])
        return reading


@dataclass(frozen=True, slots=True)
class HeadDoor:
    """A labelling head as dispatch sees it."""

    loaded: Loaded
    student: Head
    role: Role
    watch: Watch | None

    @property
    def labels(self) -> tuple[str, ...]:
        return self.student.labels

    def candidates(self, texts: list[str]) -> list[list[Label]]:
        found = self.student.candidates(texts)
        drawn = _DRAWN.get()
        if drawn is not None:
            manifest = self.loaded.version.manifest
            nothing = Label(label=NOTHING, confidence=1.0, by="student")
            _hand_in(self.watch, drawn, self.loaded, self.role, texts, [of_label(next(iter(some), nothing), manifest) for some in found])
        return found

    def label(self, texts: list[str]) -> list[Label]:
        labels = self.student.label(texts)
        drawn = _DRAWN.get()
        if drawn is not None:
            manifest = self.loaded.version.manifest
            _hand_in(self.watch, drawn, self.loaded, self.role, texts, [of_label(label, manifest) for label in labels])
        return labels


class HeadDoors(Mapping[str, HeadDoor]):
    """Head to its door."""

    def __init__(self, students: LiveStudents, watch: Watch | None) -> None:
        self._students, self._watch = students, watch

    def __getitem__(self, head: str) -> HeadDoor:
        loaded, role = self._students.chosen(head) or (None, "in_use")
        if loaded is None or not isinstance(loaded.student, Head):
            raise KeyError(head)
        return HeadDoor(loaded, loaded.student, role, self._watch)

    def __iter__(self) -> Iterator[str]:
        chosen = ((name, self._students.chosen(name)) for name in self._students.names())
        return (name for name, found in chosen if found is not None and isinstance(found[0].student, Head))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class TagDoor:
    """A head that marks spans, as dispatch sees it."""

    loaded: Loaded
    student: SpanTagger
    role: Role
    watch: Watch | None

    def tag(self, text: str) -> list[Tagged]:
        found = self.student.tag(text)
        drawn = _DRAWN.get()
        if drawn is not None:
            _hand_in(self.watch, drawn, self.loaded, self.role, [text], [of_spans(found)])
        return found


class TagDoors(Mapping[str, TagDoor]):
    """Head to its door."""

    def __init__(self, students: LiveStudents, watch: Watch | None) -> None:
        self._students, self._watch = students, watch

    def __getitem__(self, head: str) -> TagDoor:
        loaded, role = self._students.chosen(head) or (None, "in_use")
        if loaded is None or not isinstance(loaded.student, SpanTagger):
            raise KeyError(head)
        return TagDoor(loaded, loaded.student, role, self._watch)

    def __iter__(self) -> Iterator[str]:
        chosen = ((name, self._students.chosen(name)) for name in self._students.names())
        return (name for name, found in chosen if found is not None and isinstance(found[0].student, SpanTagger))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class LeastConfidences(Mapping[str, float]):
    """Head to the least confidence at which its answer stands by itself, for heads whose gate certified one."""

    def __init__(self, students: LiveStudents) -> None:
        self._students = students

    def __getitem__(self, head: str) -> float:
        loaded, _ = self._students.chosen(head) or (None, "in_use")
        if loaded is None or loaded.threshold is None:
            raise KeyError(head)
        return loaded.threshold

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._students.names() if self.get(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def digest_of(loaded: Loaded) -> str:
    """What names a version in the record of a run: the id of one taken in, the digest of the files of the bundled one."""
    return loaded.version.manifest.identity if loaded.version.id == BUNDLED else loaded.version.id


def place_of(head: str, run: str) -> float:
    """Where a run falls in [0, 1): the same in every process and for all its life, and for each head apart."""
    return int.from_bytes(hashlib.sha256(f"{head}\n{run}".encode()).digest()[:8], "big") / 2**64


def _drawn(run: str, in_use: Loaded, canary: tuple[Loaded, float] | None) -> tuple[Loaded, Role]:
    if canary is not None and place_of(in_use.head, run) < canary[1]:
        return canary[0], "canary"
    return in_use, "in_use"


def _hand_in(watch: Watch | None, drawn: Drawn, by: Loaded, role: Role, texts: Sequence[str], answers: Sequence[Answer]) -> None:
    if watch is None or not drawn.watched:
        return
    shadow = drawn.shadow.get(by.head) if role == "in_use" else None
    few = tuple(texts[:MOST_SHADOWED]) if shadow is not None else ()
    watch.take(
        Sight(by=by, role=role, shadow=shadow, texts=few, answers=answers, shop=drawn.shop, run=drawn.run, consent=drawn.consent)
    )  # fmt: skip
