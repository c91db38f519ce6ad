"""Who answers: the version in use, a stable share by the canary, a shadow beside them; switched without a request noticing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel
from versions import MODELS, folder_of

from agent.db.engine import Database, sqlite_url
from agent.dispatch.classifier import Classifier
from agent.dispatch.doors import RoutedLabeller, Routes
from agent.prompts import Prompts
from agent.records import ROLE_SCOPES, Principal, Role
from agent.resources import Resources
from agent.service.versions import StudentVersions
from agent.students.live import LiveStudents, place_of
from agent.students.shelf import BUNDLED, Shelf
from agent.students.standing import Standing
from agent.students.watch import Watch

HEAD = "review_sentiment"
OWNER = Principal("per_a", "person", "Anna", "shop_a", ROLE_SCOPES[Role.OWNER], Role.OWNER)
LOVED, BROKE = "I love it, wonderful quality.", "It broke after a day, terrible."


@dataclass(slots=True)
class Bench:
    """The bundled students and one version taken in, which says the opposite of the bundled sentiment."""

    db: Database
    shelf: Shelf
    watch: Watch
    live: LiveStudents
    versions: StudentVersions
    turned: str
    folder: Path

    async def labels(self, run: str, texts: list[str], *, consent: bool = False) -> list[str]:
        with self.live.for_run(run, "shop_a", consent=consent):
            doors = RoutedLabeller(Classifier(self.live.heads, self.live.thresholds), Prompts(Resources()), Routes())
            return [label.label for label in await doors.label(HEAD, texts)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    db = Database(sqlite_url(tmp_path / "live.db"))
    SQLModel.metadata.create_all(db.engine)
    shelf, watch = Shelf(tmp_path / "students", MODELS), Watch(db)
    live = LiveStudents(shelf, db, watch=watch)
    versions = StudentVersions(db=db, shelf=shelf, encoder=lambda: live.encoder, problems=lambda: live.problems)
    added = asyncio.run(versions.add(folder_of(tmp_path / "new", turned=True), OWNER))
    yield Bench(db, shelf, watch, live, versions, added.id, tmp_path)
    watch.close()
    db.close()


def test_a_version_taken_in_answers_nobody_until_it_is_promoted(bench: Bench) -> None:
    async def afternoon() -> None:
        assert await bench.labels("r1", [LOVED, BROKE]) == ["positive", "negative"]
        await bench.versions.promote(HEAD, bench.turned, OWNER)
        assert await bench.labels("r2", [LOVED]) == ["positive"]  # this process has not looked yet
        assert await bench.live.look() is True
        assert await bench.labels("r3", [LOVED, BROKE]) == ["negative", "positive"]
        assert await bench.live.look() is False
        await bench.versions.rollback(HEAD, OWNER)
        await bench.live.look()
        assert await bench.labels("r4", [LOVED]) == ["positive"]

    asyncio.run(afternoon())


def test_a_request_ends_on_the_version_it_began_with(bench: Bench) -> None:
    async def afternoon() -> None:
        with bench.live.for_run("r1", "shop_a") as digests:
            doors = RoutedLabeller(Classifier(bench.live.heads, bench.live.thresholds), Prompts(Resources()), Routes())
            assert (await doors.label(HEAD, [LOVED]))[0].label == "positive"
            await bench.versions.promote(HEAD, bench.turned, OWNER)
            await bench.live.look()
            assert (await doors.label(HEAD, [LOVED]))[0].label == "positive"
            assert digests[HEAD] != bench.turned
        with bench.live.for_run("r2", "shop_a") as digests:
            assert digests[HEAD] == bench.turned

    asyncio.run(afternoon())


def test_a_canary_answers_its_share_and_the_same_runs_each_time(bench: Bench) -> None:
    async def afternoon() -> list[list[str]]:
        await bench.versions.canary(HEAD, bench.turned, 0.3, OWNER)
        await bench.live.look()
        return [[(await bench.labels(f"run_{n}", [LOVED]))[0] for n in range(120)] for _ in range(2)]

    once, again = asyncio.run(afternoon())
    assert once == again
    assert [label == "negative" for label in once] == [place_of(HEAD, f"run_{n}") < 0.3 for n in range(120)]
    assert 0.15 < once.count("negative") / 120 < 0.45


def test_shares_of_runs_are_even_and_each_heads_own() -> None:
    places = [place_of(HEAD, f"run_{n}") for n in range(4000)]
    assert abs(sum(place < 0.1 for place in places) / 4000 - 0.1) < 0.02
    both = sum(place < 0.5 and place_of("reader", f"run_{n}") < 0.5 for n, place in enumerate(places))
    assert abs(both / 4000 - 0.25) < 0.03


def test_a_shadow_is_never_heard_and_its_disagreements_are_kept_without_text(bench: Bench) -> None:
    async def afternoon() -> None:
        await bench.versions.shadow(HEAD, bench.turned, OWNER)
        await bench.live.look()
        assert await bench.labels("r1", [LOVED, BROKE]) == ["positive", "negative"]

    asyncio.run(afternoon())
    bench.watch.settle()
    shown = asyncio.run(bench.versions.head(HEAD, most=10))
    assert [(d.said, d.shadow_said, d.text, d.run) for d in reversed(shown.disagreements)] == [
        ("positive", "negative", None, "r1"),
        ("negative", "positive", None, "r1"),
    ]
    assert all(0.5 < d.confidence <= 1 and 0.5 < d.shadow_confidence <= 1 for d in shown.disagreements)
    [of_shadow] = [v for v in shown.versions if v.roles == ["shadow"]]
    assert of_shadow.agreement is not None and (of_shadow.agreement.compared, of_shadow.agreement.agreed) == (2, 0)


def test_with_consent_the_text_is_kept_to_learn_from(bench: Bench) -> None:
    async def afternoon() -> None:
        await bench.versions.shadow(HEAD, bench.turned, OWNER)
        await bench.live.look()
        await bench.labels("r1", [LOVED], consent=True)

    asyncio.run(afternoon())
    bench.watch.settle()
    assert [d.text for d in asyncio.run(bench.versions.head(HEAD, most=10)).disagreements] == [LOVED]


def test_a_reader_in_the_shadow_is_compared_on_the_request_alone(bench: Bench) -> None:
    async def afternoon() -> str:
        added = await bench.versions.add(folder_of(bench.folder / "reader", "reader", turned=True), OWNER)
        await bench.versions.shadow("reader", added.id, OWNER)
        await bench.live.look()
        with bench.live.for_run("r1", "shop_a"):
            await asyncio.to_thread(bench.live.reader.read, "set the blue mug to 12.50")
            bench.live.reader.read("an example of some task")
        return added.id

    version = asyncio.run(afternoon())
    bench.watch.settle()
    shown = {v.version.id: v for v in asyncio.run(bench.versions.head("reader")).versions}
    assert (shown[BUNDLED].lately.n, shown[BUNDLED].lately.labels) == (1, {"change_price": 1})
    agreed = shown[version].agreement
    assert agreed is not None and (agreed.compared, agreed.agreed) == (1, 1)


def test_a_dry_run_and_a_look_from_outside_a_run_count_for_nothing(bench: Bench) -> None:
    bench.live.heads[HEAD].label([LOVED])
    with bench.live.for_run("r1", "shop_a", watched=False):
        bench.live.heads[HEAD].label([LOVED])
    bench.watch.settle()
    assert all(v.lately.n == 0 for v in asyncio.run(bench.versions.head(HEAD)).versions)


def test_a_version_that_was_damaged_leaves_the_one_in_use_alone(bench: Bench) -> None:
    async def afternoon() -> None:
        await bench.versions.promote(HEAD, bench.turned, OWNER)
        (bench.folder / "students" / HEAD / bench.turned / "head.npz").write_bytes(b"spoilt")
        await bench.live.look()
        assert await bench.labels("r1", [LOVED]) == ["positive"]

    asyncio.run(afternoon())
    problem = asyncio.run(bench.versions.head(HEAD)).problem
    assert problem is not None and "stays as it was" in problem and "head.npz is damaged" in problem


def test_with_all_four_steps_under_load_no_request_fails_or_sees_two_versions(bench: Bench) -> None:
    """Eight callers label without a pause while a version goes through shadow, canary, promotion and rollback."""
    pair = {("positive", "negative"), ("negative", "positive")}

    async def caller(n: int, stop: asyncio.Event, seen: list[tuple[str, ...]], answered: asyncio.Semaphore) -> None:
        k = 0
        while not stop.is_set():
            seen.append(tuple(await bench.labels(f"run_{n}_{k}", [LOVED, BROKE])))
            answered.release()
            k += 1

    async def afternoon() -> list[tuple[str, ...]]:
        stop, seen, answered = asyncio.Event(), list[tuple[str, ...]](), asyncio.Semaphore(0)

        async def more(n: int) -> None:
            for _ in range(n):
                await answered.acquire()

        async with asyncio.TaskGroup() as group:
            for n in range(8):
                group.create_task(caller(n, stop, seen, answered))
            steps: list[Any] = [
                lambda: bench.versions.shadow(HEAD, bench.turned, OWNER),
                lambda: bench.versions.canary(HEAD, bench.turned, 0.5, OWNER),
                lambda: bench.versions.promote(HEAD, bench.turned, OWNER),
                lambda: bench.versions.rollback(HEAD, OWNER),
            ]
            for step in steps:
                await more(25)
                await step()
                assert await bench.live.look()
            await more(25)
            stop.set()
        return seen

    seen = asyncio.run(afternoon())
    assert len(seen) >= 125
    assert {*seen} == pair  # each request saw one version for both its texts, and both versions were seen
    assert asyncio.run(bench.labels("last", [LOVED])) == ["positive"]
    bench.watch.settle()
    shown = asyncio.run(bench.versions.head(HEAD, most=5))
    assert shown.standing.in_use == BUNDLED and shown.disagreements


FOLLOWER = """
import asyncio, json, sys
from pathlib import Path
from agent.db.engine import Database, sqlite_url
from agent.students.live import LiveStudents
from agent.students.shelf import Shelf

async def main(database, kept, models, text):
    live = LiveStudents(Shelf(Path(kept), Path(models)), Database(sqlite_url(Path(database))))
    for line in sys.stdin:
        changed = await live.look()
        with live.for_run("run", "shop_a") as digests:
            found = live.heads["review_sentiment"].label([text])[0].label
        print(json.dumps([changed, found, digests["review_sentiment"]]), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_processes_follow_one_promotion_without_a_restart(bench: Bench) -> None:
    async def afternoon() -> list[list[list[Any]]]:
        given = [str(bench.folder / "live.db"), str(bench.folder / "students"), str(MODELS), LOVED]
        pipes: dict[str, Any] = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        followers = [await asyncio.create_subprocess_exec(sys.executable, "-c", FOLLOWER, *given, **pipes) for _ in range(2)]

        async def looks() -> list[list[Any]]:
            for follower in followers:
                follower.stdin.write(b"look\n")
            return [json.loads(await follower.stdout.readline()) for follower in followers]

        before = await looks()
        await bench.versions.promote(HEAD, bench.turned, OWNER)
        after = await looks()
        await bench.versions.rollback(HEAD, OWNER)
        back = await looks()
        for follower in followers:
            follower.stdin.close()
            assert await follower.wait() == 0
        return [before, after, back]

    before, after, back = asyncio.run(afternoon())
    assert [found for _, found, _ in before] == ["positive"] * 2
    assert after == [[True, "negative", bench.turned]] * 2
    assert [(changed, found) for changed, found, _ in back] == [(True, "positive")] * 2


def test_a_head_that_does_not_ship_answers_once_it_is_promoted(bench: Bench) -> None:
    async def afternoon() -> None:
        added = await bench.versions.add(folder_of(bench.folder / "mood", name="mood"), OWNER)
        await bench.live.look()
        assert "mood" not in bench.live.heads
        await bench.versions.promote("mood", added.id, OWNER)
        await bench.live.look()
        assert bench.live.heads["mood"].label([LOVED])[0].label == "positive"
        assert bench.live.problems == {}

    asyncio.run(afternoon())


def test_following_looks_again_after_each_pause(bench: Bench) -> None:
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)
        if len(paused) == 1:
            await bench.versions.promote(HEAD, bench.turned, OWNER)
        if len(paused) == 3:
            raise asyncio.CancelledError

    async def afternoon() -> None:
        with pytest.raises(asyncio.CancelledError):
            await bench.live.follow(pause)
        assert await bench.labels("r1", [LOVED]) == ["negative"]

    asyncio.run(afternoon())
    assert paused == [1.0, 1.0, 1.0]


def test_a_standing_that_names_nothing_is_a_problem_told_and_no_more(bench: Bench) -> None:
    serving, problems = bench.live._load({HEAD: replace(Standing(head=HEAD), in_use="0" * 64)})
    assert serving.in_use[HEAD].version.id == BUNDLED
    assert "cannot be used" in problems[HEAD]
