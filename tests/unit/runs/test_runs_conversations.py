"""The list of conversations beside what a walk over every run says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby

import pytest
from sqlalchemy import insert

from agent.db.engine import Database, sqlite_url
from agent.db.tables import RunRow, ThreadPinRow
from agent.db.upgrade import upgrade
from agent.records import Thread
from agent.runs.conversations import Wanted, found

SHOP = "shop_a"
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = {"much": 900, "little": 12, "shared": 40}
"""Who asked how often; nobody asks alone in a conversation for sure."""


@pytest.fixture(scope="module")
def runs() -> list[dict[str, object]]:
    dice = random.Random(3)
    who = [person for person, times in PEOPLE.items() for _ in range(times)]
    dice.shuffle(who)
    return [
        {
            "shop_id": SHOP, "id": f"run_{n:032x}", "principal_id": person, "text": f"request {n}" + " about mugs" * (n % 7 == 0), "state": "done",
            "thread": None if n % 11 == 0 else f"t{dice.randrange(400)}", "created_at": START + timedelta(minutes=n),
        }
        for n, person in enumerate(who)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def db(runs: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path_factory.mktemp("runs") / "runs.db"))
    upgrade(made)
    made.write_now(lambda session: session.execute(insert(RunRow), runs))
    pins = [{"shop_id": SHOP, "principal_id": "little", "thread": thread, "pinned_at": START} for thread in ("t1", "t2", "never_asked_in")]
    made.write_now(lambda session: session.execute(insert(ThreadPinRow), pins))
    yield made
    made.close()


def expected(runs: list[dict[str, object]], wanted: Wanted) -> list[Thread]:
    """By looking at every run."""
    kept = sorted((run for run in runs if run["thread"]), key=lambda run: (str(run["thread"]), str(run["id"])))
    talks = []
    for thread, group in groupby(kept, key=lambda run: str(run["thread"])):
        own = list(group)
        pinned = thread in ("t1", "t2")
        if wanted.person and all(run["principal_id"] != wanted.person for run in own):
            continue
        if wanted.pinned not in (None, pinned) or (wanted.words and not any(wanted.words in str(run["text"]) for run in own)):
            continue
        first, last = own[0], own[-1]
        talks.append(
            Thread(
                id=thread, title=str(first["text"]), named=False, began_by=str(first["principal_id"]), began_at=first["created_at"],  # type: ignore[arg-type]  # a row's values
                last_at=last["created_at"], requests=len(own), pinned=pinned,  # type: ignore[arg-type]  # likewise
            )
        )  # fmt: skip
    return sorted(talks, key=lambda talk: talk.last_at, reverse=True)


@pytest.mark.parametrize("words", ["", "mugs"])
@pytest.mark.parametrize("pinned", [None, True, False])
@pytest.mark.parametrize("person", [None, *PEOPLE, "nobody"])
def test_the_list_is_that_of_a_walk_over_every_run(
    db: Database, runs: list[dict[str, object]], person: str | None, pinned: bool | None, words: str
) -> None:
    wanted = Wanted(person=person, words=words, pinned=pinned)
    seen: list[Thread] = []
    cursor: str | None = None
    while True:
        page = db.read_now(partial(found, shop=SHOP, who="little", wanted=wanted, limit=30, cursor=cursor))
        seen += page.items
        if (cursor := page.next) is None:
            break
    assert seen == expected(runs, wanted)
