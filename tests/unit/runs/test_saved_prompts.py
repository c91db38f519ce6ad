from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.ledger.people import People
from agent.records import Principal, Role
from agent.runs.saved_prompts import LONGEST_NAME, SavedPrompts


class Kept:
    """A database with four people of two shops, and their prompts."""

    def __init__(self, folder: Path) -> None:
        self.db = Database(sqlite_url(folder / "kept.db"))
        upgrade(self.db)
        self.people, self.prompts = People(self.db), SavedPrompts(self.db)
        self.anna, self.ben, self.vera = self._person("Anna", Role.OWNER), self._person("Ben", Role.STAFF), self._person("Vera", Role.VIEWER)
        self.mallory = self._person("Mallory", Role.OWNER, shop="shop_b")

    def _person(self, name: str, role: Role, shop: str = "shop_a") -> Principal:
        return asyncio.run(self.people.add(name, shop=shop, role=role)).principal

    def keep(self, name: str, text: str, who: Principal, **more: Any) -> Any:
        return asyncio.run(self.prompts.keep(name, text, who, **more))

    def names(self, who: Principal) -> list[tuple[str, bool]]:
        return [(each.name, each.shared) for each in asyncio.run(self.prompts.of(who))]

    def meant(self, text: str, who: Principal) -> str:
        return asyncio.run(self.prompts.meant(text, who))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.db.close()


def test_a_prompt_is_called_by_its_name_and_what_follows_stays_after_it(kept: Kept) -> None:
    kept.keep("Weekly Report", "What did we sell last week, by day?", kept.anna)
    assert kept.names(kept.anna) == [("weekly-report", False)]
    assert kept.meant("/weekly-report", kept.anna) == "What did we sell last week, by day?"
    assert kept.meant("/Weekly-Report only in Berlin ", kept.anna) == "What did we sell last week, by day? only in Berlin"


def test_what_only_looks_like_a_name_is_left_as_it_stands(kept: Kept) -> None:
    for text in ("How did /weekly go?", "/ 12", "/products/blue-mug is wrong", "//", "1/2 off mugs"):
        assert kept.meant(text, kept.anna) == text


def test_an_unknown_name_is_said_instead_of_being_asked(kept: Kept) -> None:
    with pytest.raises(Invalid, match="/monthly"):
        kept.meant("/monthly please", kept.anna)


def test_a_persons_own_prompts_are_theirs_alone_and_shared_ones_everybodys(kept: Kept) -> None:
    kept.keep("low", "Which products are running low?", kept.anna)
    kept.keep("late", "Which orders are late?", kept.ben, shared=True)
    assert kept.names(kept.anna) == [("late", True), ("low", False)]
    assert kept.names(kept.vera) == [("late", True)]
    assert kept.names(kept.mallory) == []
    with pytest.raises(Invalid):
        kept.meant("/low", kept.vera)


def test_ones_own_goes_before_the_shops_of_the_same_name(kept: Kept) -> None:
    kept.keep("low", "The shop's way", kept.ben, shared=True)
    kept.keep("low", "My way", kept.anna)
    assert kept.meant("/low", kept.anna) == "My way"
    assert kept.meant("/low", kept.vera) == "The shop's way"


def test_a_name_is_taken_once_by_a_person_and_once_in_a_shop(kept: Kept) -> None:
    kept.keep("low", "One", kept.anna)
    with pytest.raises(Conflict, match="/low"):
        kept.keep("LOW", "Two", kept.anna)
    kept.keep("low", "Shared", kept.anna, shared=True)
    with pytest.raises(Conflict):
        kept.keep("low", "Shared again", kept.ben, shared=True)
    kept.keep("low", "Another shop's", kept.mallory, shared=True)


def test_who_may_not_approve_shares_nothing(kept: Kept) -> None:
    with pytest.raises(NotAllowed):
        kept.keep("low", "Which?", kept.vera, shared=True)
    mine = kept.keep("low", "Which?", kept.vera)
    with pytest.raises(NotAllowed):
        asyncio.run(kept.prompts.change(mine.id, "low", "Which?", kept.vera, shared=True))


def test_a_shared_prompt_is_changed_by_its_maker_and_the_shops_owners(kept: Kept) -> None:
    shared = kept.keep("late", "Which orders are late?", kept.ben, shared=True)
    with pytest.raises(NotAllowed):
        asyncio.run(kept.prompts.change(shared.id, "late", "Other", kept.vera, shared=True))
    asyncio.run(kept.prompts.change(shared.id, "late", "By the owner", kept.anna, shared=True))
    with pytest.raises(NotAllowed):
        asyncio.run(kept.prompts.change(shared.id, "late", "Mine now", kept.anna, shared=False))
    with pytest.raises(NotAllowed):
        asyncio.run(kept.prompts.remove(shared.id, kept.vera))
    asyncio.run(kept.prompts.change(shared.id, "late", "Mine again", kept.ben, shared=False))
    assert kept.names(kept.vera) == []


def test_another_shops_prompt_is_not_there(kept: Kept) -> None:
    shared = kept.keep("late", "Which orders are late?", kept.ben, shared=True)
    for work in (kept.prompts.change(shared.id, "late", "Theirs", kept.mallory, shared=True), kept.prompts.remove(shared.id, kept.mallory)):
        with pytest.raises(NotFound):
            asyncio.run(work)
    assert kept.meant("/late", kept.vera) == "Which orders are late?"


@pytest.mark.parametrize(("name", "text"), [("", "x"), ("a/b", "x"), ("-", "x"), ("x" * (LONGEST_NAME + 1), "x"), ("x", "  "), ("x", "/y z")])
def test_what_cannot_be_called_or_asked_is_not_kept(kept: Kept, name: str, text: str) -> None:
    with pytest.raises(Invalid):
        kept.keep(name, text, kept.anna)


def test_removing_a_person_takes_their_own_prompts_and_leaves_the_shops(kept: Kept) -> None:
    kept.keep("own", "Mine", kept.ben)
    kept.keep("late", "Which orders are late?", kept.ben, shared=True)
    asyncio.run(kept.people.remove(kept.ben.id, shop="shop_a"))
    with kept.db.engine.connect() as connection:
        assert [row[0] for row in connection.exec_driver_sql("SELECT name FROM saved_prompts")] == ["late"]
