"""The page People: only owners see it, and a shop never loses its last one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from doors import PAGE, World

from agent.errors import Conflict
from agent.ledger.people import Person
from agent.records import Role


@pytest.fixture
def owned(world: World) -> Iterator[World]:
    world.person()
    world.sign_in()
    yield world


def named(world: World, name: str) -> Person:
    found: Person = world.run(world.accounts.people.named(name))
    return found


def test_someone_added_without_a_password_gets_a_link_that_is_shown_once(owned: World) -> None:
    shown = owned.click("/people", on="/people", name="Ben", role="staff").text
    link = re.search(r"http://shop\.test(/sign-in/[\w-]+)", shown)
    assert link is not None and named(owned, "ben").role is Role.STAFF
    assert "/sign-in/" not in owned.send("GET", "/people", headers=PAGE).text
    owned.client.cookies.clear()
    assert owned.send("GET", link[1]).headers["location"] == "/"
    assert owned.send("GET", "/people", headers=PAGE).status_code == 403


def test_a_new_role_holds_from_the_next_request_on(owned: World) -> None:
    ben = owned.person("Ben", role=Role.VIEWER)
    owned.click(f"/people/{ben.id}/role", on="/people", role="owner")
    assert named(owned, "ben").role is Role.OWNER
    owned.sign_in("Ben")
    assert owned.send("GET", "/people", headers=PAGE).status_code == 200


def test_someone_removed_is_signed_out_at_once(owned: World) -> None:
    ben = owned.person("Ben")
    owned.sign_in("Ben")
    cookie = owned.client.cookies["storehand"]
    owned.client.cookies.clear()
    owned.sign_in()
    assert "Ben" not in owned.click(f"/people/{ben.id}/remove", on="/people").text
    owned.client.cookies.clear()
    owned.client.cookies.set("storehand", cookie)
    assert owned.send("GET", "/", headers=PAGE).status_code == 303


def test_nobody_takes_their_own_rights_and_the_last_owner_stays(owned: World) -> None:
    me = named(owned, "anna").id
    assert owned.click(f"/people/{me}/role", on="/people", role="viewer").status_code == 409
    assert owned.click(f"/people/{me}/remove", on="/people").status_code == 409
    with pytest.raises(Conflict, match="at least one owner"):
        owned.run(owned.accounts.people.remove(me, shop="shop_a"))


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/people", {"name": "", "role": "staff"}, 422),
        ("/people", {"name": "Ben", "role": "king"}, 422),
        ("/people", {"name": "Ben", "role": "staff", "password": "short"}, 422),
        ("/people", {"name": "ANNA", "role": "staff"}, 409),
        ("/people/per_nobody/link", {}, 404),
    ],
)
def test_what_cannot_be_is_told(path: str, form: dict[str, str], status: int, owned: World) -> None:
    assert owned.click(path, on="/people", **form).status_code == status


def test_another_shops_people_are_not_found(owned: World) -> None:
    carl = owned.person("Carl", shop="shop_b")
    assert "Carl" not in owned.send("GET", "/people", headers=PAGE).text
    for step in ("role", "link", "password", "remove"):
        assert owned.click(f"/people/{carl.id}/{step}", on="/people", role="viewer", password="long enough").status_code == 404


def test_who_owns_no_shop_cannot_add_anyone(world: World) -> None:
    world.person("Vera", role=Role.STAFF)
    world.sign_in("Vera")
    assert world.send("GET", "/people", headers=PAGE).status_code == 403
    assert world.click("/people", name="Ben", role="owner").status_code == 403
    assert 'href="/people"' not in world.send("GET", "/", headers=PAGE).text
