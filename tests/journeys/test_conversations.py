"""Conversations kept, branched and deleted through the service, with the demo shop, the shipped students and no key."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.approvals import verify_audit
from agent.bootstrap import House, open_house
from agent.db.own import WebhookDeliveryRow
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import ROLE_SCOPES, Ask, Principal, Reply, Role, Thread
from agent.runs.conversations import Wanted
from agent.sdk import Action, Page
from agent.settings import load

Work = Callable[[House, Principal], Awaitable[None]]


class Open:
    """A house that stays open for all tests of this module: to open one takes longer than each of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._loop = folder, stack.enter_context(asyncio.Runner())
        self._inside = AsyncExitStack()
        self.house = self._loop.run(self._inside.enter_async_context(open_house(load(data=folder, environ={}))))
        stack.callback(lambda: self._loop.run(self._inside.aclose()))
        self.shop = self._loop.run(self.house.shop("demo")).id

    def run(self, work: Work, anna: str) -> None:
        """
        Args:
            anna: Whom no other test knows, so that each finds its own alone.
        """
        self._loop.run(work(self.house, person(anna, Role.STAFF, self.shop)))


@pytest.fixture(scope="module")
def opened(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with ExitStack() as stack:
        yield Open(Path(shutil.copytree(demo_data, tmp_path_factory.mktemp("house") / "data")), stack)


def person(name: str, role: Role, shop: str) -> Principal:
    return Principal(f"person:{name}", "person", name.capitalize(), shop, ROLE_SCOPES[role], role)


async def said(house: House, who: Principal, text: str, thread: str, *, follows: str | None = None, instead_of: str | None = None) -> Reply:
    return await house.service.ask(Ask(text, locale="en-GB", shop=who.shop, thread=thread, follows=follows, instead_of=instead_of), who)


async def seen(house: House, who: Principal, thread: str, *, at: str | None = None) -> list[tuple[str, int, int]]:
    """What is read from top to bottom: each request with which version of how many it is."""
    runs = (await house.service.thread(thread, who, at=at)).runs
    return [(each.run.text, each.versions.index(each.run.id) + 1, len(each.versions)) for each in runs]


def kept_anywhere(folder: Path, word: str) -> list[str]:
    """Tables of all databases in the folder in which the word stands."""
    found = []
    for path in folder.glob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                rows = db.execute(f'SELECT * FROM "{table}"').fetchall()
                found += [table] if any(word in str(cell) for row in rows for cell in row) else []
    return sorted(set(found))


def ids(page: Page[Thread]) -> list[str]:
    return [each.id for each in page.items]


def test_a_conversation_is_named_pinned_and_found(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service, ben, own = house.service, person("ben", Role.STAFF, anna.shop), Wanted(person=anna.id)
        await said(house, anna, "how did sales go last month", "n1")
        await said(house, anna, "which products are running low", "n2")
        await said(house, ben, "which orders are unfulfilled", "n3")
        assert ids(await service.threads(anna))[:3] == ["n3", "n2", "n1"] and ids(await service.threads(anna, own)) == ["n2", "n1"]
        named = await service.rename_thread("n1", "  Month \n end ", anna)
        assert (named.title, named.named, named.began_by, named.requests) == ("Month end", True, anna.id, 1)
        assert (await service.pin_thread("n1", True, anna)).pinned
        assert ids(await service.threads(anna, Wanted(pinned=True))) == ["n1"] and ids(await service.threads(ben, Wanted(pinned=True))) == []
        assert ids(await service.threads(anna, Wanted(words="month END", person=anna.id))) == ["n1"]
        assert ids(await service.threads(anna, Wanted(words="running", person=anna.id))) == ["n2"]
        page = await service.threads(anna, own, limit=1)
        assert ids(page) == ["n2"] and ids(await service.threads(anna, own, limit=1, cursor=page.next)) == ["n1"]
        assert (await service.rename_thread("n1", "", anna)).title == "how did sales go last month"

    opened.run(work, "anna")


def test_only_who_asked_and_owners_rename_and_delete(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service, ben, olga = house.service, person("ben", Role.STAFF, anna.shop), person("olga", Role.OWNER, anna.shop)
        await said(house, anna, "how did sales go last month", "o1")
        with pytest.raises(NotAllowed, match="owners rename"):
            await service.rename_thread("o1", "Mine", ben)
        with pytest.raises(NotAllowed, match="owner of the shop can delete"):
            await service.delete_thread("o1", ben)
        await said(house, ben, "and the month before", "o1")
        with pytest.raises(NotAllowed, match="owner of the shop can delete"):
            await service.delete_thread("o1", anna)  # Ben's words are in it now
        with pytest.raises(NotFound):
            await service.pin_thread("o1", True, replace(anna, shop="another"))
        assert (await service.rename_thread("o1", "Olga's", olga)).title == "Olga's"
        assert (await service.delete_thread("o1", olga)).requests == 2
        with pytest.raises(NotFound):
            await service.thread("o1", anna)

    opened.run(work, "beate")


def test_deleting_takes_the_words_and_leaves_changes_their_undo_and_the_audit(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service = house.service
        approved = await said(house, anna, "zanzibar said: put the Blue Ceramic Mug at 12.50", "d1")
        done = await service.approve(approved.approvals[0], anna)
        waiting = await said(house, anna, "put the Speckled Stoneware Mug at 13.50", "d1")
        told = WebhookDeliveryRow(
            shop_id=anna.shop, id="del_1", endpoint_id="wh_1", message="msg_1", type="run.finished", state="delivered", created_at=datetime.now(UTC),
            body=f'{{"data":{{"run":"{approved.run_id}","parts":[{{"text":"zanzibar"}}]}}}}',
        )  # fmt: skip
        await house.accounts.db.write(lambda session: session.add(told))
        assert {"runs", "webhook_deliveries"} <= set(kept_anywhere(opened.folder, "zanzibar"))
        await service.delete_thread("d1", anna)
        assert kept_anywhere(opened.folder, "zanzibar") == [] and ids(await service.threads(anna, Wanted(person=anna.id))) == []
        for gone in (approved, waiting):
            with pytest.raises(NotFound):
                await service.reply(gone.run_id, anna)
        assert (await service.approval(waiting.approvals[0], anna)).state == "rejected"
        assert done.id in [each.id for each in (await service.changes(anna)).items]
        back = await service.undo(done.id, anna)
        assert (await service.approve(back.digest, anna)).state == "applied"
        assert (await verify_audit(house.accounts.db, anna.shop)).broken == ()
        # Whoever asks under the same name again begins anew.
        await said(house, anna, "how did sales go last month", "d1")
        assert (await service.thread("d1", anna)).thread.requests == 1

    opened.run(work, "carla")


def test_what_is_under_way_is_not_deleted(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        run = await house.service.start(Ask("how did sales go last month", shop=anna.shop, thread="u1"), anna)
        with pytest.raises(Conflict, match="under way"):
            await house.service.delete_thread("u1", anna)
        async for _ in house.service.events(run, anna):
            pass
        await house.service.delete_thread("u1", anna)

    opened.run(work, "dora")


def test_an_edited_request_is_another_version_with_what_came_before_it(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service = house.service
        await said(house, anna, "find the Blue Ceramic Mug", "v1")
        first = await said(house, anna, "put it at 12.50", "v1")
        await said(house, anna, "which products are running low", "v1")
        second = await said(house, anna, "put it at 14", "v1", instead_of=first.run_id)
        assert [dict(s.args)["variants"]["label"] for s in second.plan.subtasks] == ["Blue Ceramic Mug"]
        assert "takes the place" in second.plan.notes[0]
        assert [each.digest for each in (await service.approvals(anna)).items] == list(second.approvals)
        assert await seen(house, anna, "v1") == [("find the Blue Ceramic Mug", 1, 1), ("put it at 14", 2, 2)]
        assert await seen(house, anna, "v1", at=first.run_id) == [
            ("find the Blue Ceramic Mug", 1, 1), ("put it at 12.50", 1, 2), ("which products are running low", 1, 1),
        ]  # fmt: skip
        # Going on where the first version is: what was said beside the second is not meant.
        third = await said(house, anna, "how did it sell last month", "v1", follows=first.run_id)
        assert third.plan.subtasks and [text for text, _, _ in await seen(house, anna, "v1")][1] == "put it at 12.50"
        with pytest.raises(Invalid, match="has no request"):
            await said(house, anna, "put it at 16", "v2", instead_of=first.run_id)
        await service.reject(second.approvals[0], anna)

    opened.run(work, "emma")


def test_what_is_put_off_is_not_looked_at_for_a_week_in_the_whole_shop(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service, vera = house.service, person("vera", Role.VIEWER, anna.shop)
        matters = {each.matter for each in (await service.today(anna)).concerns}
        assert "stock" in matters
        before = (await verify_audit(house.accounts.db, anna.shop)).rows
        await service.put_off("stock", anna)
        looked = await service.today(vera)
        assert {each.matter for each in looked.concerns} == matters - {"stock"} and looked.unread == []
        assert [(each.matter, each.by) for each in looked.put_off] == [("stock", anna.id)]
        with pytest.raises(NotAllowed):
            await service.look_again("stock", vera)
        await service.look_again("stock", anna)
        assert {each.matter for each in (await service.today(vera)).concerns} == matters
        report = await verify_audit(house.accounts.db, anna.shop)
        assert report.rows == before + 2 and report.broken == ()

    opened.run(work, "frida")


def test_the_same_refund_stands_open_once_and_is_paid_once(opened: Open) -> None:
    async def work(house: House, anna: Principal) -> None:
        service, ben = house.service, person("ben", Role.STAFF, anna.shop)
        number = (await said(house, anna, "show me the last 5 paid orders", "r1")).parts[0].data["table"]["rows"][0][0]
        first = await said(house, anna, f"refund order {number}", "r1")
        again = await said(house, ben, f"refund order {number}", "r2")
        assert len(first.approvals) == 1 and again.approvals == first.approvals
        assert "was proposed before" in again.parts[0].text and "was proposed before" not in first.parts[0].text
        assert [each.digest for each in (await service.approvals(anna)).items] == list(first.approvals)
        with_reason = await said(house, ben, f"refund order {number} because it arrived broken", "r3")
        assert with_reason.approvals and with_reason.approvals != first.approvals
        both = [service.approve(reply.approvals[0], anna, typed=word(reply)) for reply in (first, with_reason)]
        assert sorted(each.state for each in await asyncio.gather(*both)) == ["applied", "failed"]
        assert (await service.reply(again.run_id, ben)).state == "done"
        assert not (await said(house, anna, f"refund order {number}", "r4")).approvals

    opened.run(work, "gerda")


def word(reply: Reply) -> str:
    """What is to be typed to approve it."""
    found = next(part.change_set for part in reply.parts if part.change_set is not None)
    words = [item.what.confirm for item in found.items if isinstance(item.what, Action)]
    return words[0].removeprefix("type:")
