"""The page Webhooks: an address is given and its secret shown once, messages are listed with what became of them, and sent again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from doors import PAGE, World
from scripted import NOW

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.records import Role
from agent.runs.timers import Timers
from agent.testing.inline_runs import InlineRuns
from agent.webhooks.hooks import Webhooks
from agent.webhooks.sending import Answered


class Deaf:
    """Takes no message, and remembers which it was offered."""

    def __init__(self) -> None:
        self.offered: list[str] = []

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        self.offered.append(headers["webhook-id"])
        return Answered(status=500, error=None)


@pytest.fixture
def deaf() -> Deaf:
    return Deaf()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "hooks.db"))
    upgrade(made)
    yield made
    made.close()


@pytest.fixture
def runs(db: Database) -> InlineRuns:
    return InlineRuns(Timers(db, clock=lambda: NOW))


@pytest.fixture
def world(tmp_path: Path, db: Database, runs: InlineRuns, deaf: Deaf) -> Iterator[World]:
    hooks = Webhooks(db, runs, deaf, clock=lambda: NOW)
    made = World(tmp_path, webhooks=hooks)
    made.person("Anna")
    made.sign_in()
    yield made
    made.close()


def made_at(world: World, **more: str) -> str:
    """The id of a webhook made on the page."""
    page = world.click("/webhooks", on="/webhooks", url="https://app.example/hooks", **more)
    assert page.status_code == 200, page.text
    (found,) = re.findall(r'id="hook-(hook_\w+)"', page.text)
    return str(found)


def test_an_address_is_given_and_its_secret_is_on_that_one_page(world: World) -> None:
    page = world.click("/webhooks", on="/webhooks", url="https://app.example/hooks", events="approval.waiting").text
    (secret,) = re.findall(r'value="(whsec_[^"]+)"', page)
    again = world.send("GET", "/webhooks", headers=PAGE).text
    assert "https://app.example/hooks" in again and "a proposal waits for approval" in again and secret not in again


def test_a_message_that_was_not_taken_is_sent_again_under_its_own_id(world: World, runs: InlineRuns, deaf: Deaf) -> None:
    hook = made_at(world)
    assert "under way" in world.click(f"/webhooks/{hook}/test", on="/webhooks").text
    world.run(runs.fire_due())
    page = world.send("GET", "/webhooks", headers=PAGE).text
    assert "answered 500" in page and "tried again" in page
    (delivery,) = re.findall(r'action="/webhooks/(del_\w+)/replay"', page)
    world.click(f"/webhooks/{delivery}/replay", on="/webhooks")
    world.run(runs.fire_due())
    assert len(deaf.offered) == 2 and len(set(deaf.offered)) == 1


def test_one_that_is_removed_is_gone_and_its_messages_stay_told(world: World) -> None:
    hook = made_at(world)
    world.click(f"/webhooks/{hook}/test", on="/webhooks")
    page = world.click(f"/webhooks/{hook}/delete", on="/webhooks").text
    assert "Nobody is told of anything yet." in page and "removed since" in page and "/replay" not in page


def test_an_address_of_this_machine_is_refused_with_why(world: World) -> None:
    refused = world.click("/webhooks", on="/webhooks", url="http://127.0.0.1:80/x")
    assert refused.status_code == 422 and "https" in refused.text


def test_who_is_no_owner_sees_no_webhooks(world: World) -> None:
    world.person("Sam", role=Role.STAFF)
    world.sign_in("Sam")
    assert world.send("GET", "/webhooks", headers=PAGE).status_code == 403
    assert 'href="/webhooks"' not in world.send("GET", "/", headers=PAGE).text
    assert world.click("/webhooks", on="/", url="https://app.example/hooks").status_code == 403
