"""Settings and Shops: what the config says and where, for whom it is; and shops that know nothing of each other."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doors import PAGE, World

from agent.db.engine import Database, sqlite_url
from agent.records import Role
from agent.settings import load
from agent.stores.embedded.shops import shops
from agent.web.panel.installation import Installation

CONFIG = """shop = "Fern & Tide"
database = "postgresql+psycopg://me:hunter22@db/shop"

[limits]
discount_percent = 50

[providers.acme]
base_url = "http://127.0.0.1:9/v1"
key = "sk-loopback-secret"

[aliases.frontier]
targets = ["acme/big-1"]
"""
Made = Callable[..., World]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    file, worlds = tmp_path / "storehand.toml", []
    file.write_text(CONFIG)
    db = Database(sqlite_url(tmp_path / "web.db"))

    def make(role: Role = Role.OWNER, **environ: str) -> World:
        settings = load(file, environ=environ, port=8123)
        world = World(tmp_path, installation=Installation(settings=settings, db=db))
        worlds.append(world)
        world.person(role=role)
        world.sign_in()
        return world

    yield make
    for world in worlds:
        world.close()
    db.close()


def text_of(world: World, path: str) -> str:
    reply = world.send("GET", path, headers=PAGE)
    assert reply.status_code == 200, reply.text
    return " ".join(re.sub(r"<[^>]+>", " ", reply.text).split())


def test_each_value_says_where_it_comes_from_and_how_to_change_it(made: Made) -> None:
    shown = text_of(made(STOREHAND_DATA="/srv/storehand"), "/settings")
    assert "Highest discount a code may give. 50 the file, line 5 edit line 5" in shown
    assert "items_per_change Most items in one change set. 500 as it comes [limits] items_per_change = 500" in shown
    assert "/srv/storehand STOREHAND_DATA change the variable" in shown
    assert "8123 the command line" in shown
    assert "frontier acme/big-1 Order line 11" in shown


def test_no_secret_is_on_the_page(made: Made) -> None:
    shown = made().send("GET", "/settings", headers=PAGE).text
    assert "hunter22" not in shown and "sk-loopback" not in shown and "acme" in shown


def test_who_owns_nothing_sees_the_limits_and_no_more(made: Made) -> None:
    shown = text_of(made(Role.STAFF), "/settings")
    assert "discount_percent" in shown and "This browser" in shown
    assert "acme" not in shown and "database" not in shown and "connect_s" not in shown


def test_light_or_dark_is_kept_by_the_browser(made: Made) -> None:
    world = made()
    assert "data-theme" not in world.send("GET", "/settings", headers=PAGE).text
    assert world.click("/settings/theme", theme="dark").headers["location"] == "/settings"
    assert 'data-theme="dark"' in world.send("GET", "/", headers=PAGE).text
    assert world.click("/settings/theme", theme="pink").status_code == 422


def test_a_shop_is_made_with_an_owner_who_gets_a_link(made: Made, tmp_path: Path) -> None:
    world = made()
    form = {"name": "attic", "owner": "Ada", "currency": "SEK", "time_zone": "Europe/Stockholm", "locale": "sv-SE"}
    shown = world.click("/shops", **form).text
    link = re.search(r"http://shop\.test(/sign-in/[\w-]+)", shown)
    assert link is not None and "storehand import products products.csv --shop attic" in shown
    db = Database(sqlite_url(tmp_path / "web.db"))
    (shop,) = shops(db)
    db.close()
    assert (shop.name, shop.currency, shop.prices_include_tax) == ("attic", "SEK", False)
    ada = world.run(world.accounts.people.named("ada"))
    assert (ada.shop, ada.role) == (shop.id, Role.OWNER)


def test_a_shops_name_can_be_copied_into_a_shell(made: Made) -> None:
    form = {"name": "corner shop; ls", "owner": "Ada", "currency": "EUR", "time_zone": "Europe/Berlin", "locale": "de-DE"}
    shown = html.unescape(made().click("/shops", **form).text)
    assert "storehand import orders orders.csv --shop 'corner shop; ls'" in shown


@pytest.mark.parametrize(("change", "status"), [({"owner": "ANNA"}, 409), ({"currency": "XXL"}, 422), ({"owner": ""}, 422), ({"name": " "}, 422)])
def test_a_shop_that_cannot_be_is_told_and_nobody_is_added(change: dict[str, str], status: int, made: Made) -> None:
    world = made()
    form = {"name": "attic", "owner": "Ada", "currency": "SEK", "time_zone": "Europe/Stockholm", "locale": "sv-SE", **change}
    assert world.click("/shops", **form).status_code == status
    assert [person.name for person in world.run(world.accounts.people.list("shop_a"))] == ["Anna"]


def test_only_owners_of_the_installations_shop_make_others(made: Made) -> None:
    world = made(Role.STAFF)
    assert "New shop" not in text_of(world, "/shops")
    assert world.click("/shops", name="attic", owner="Ada").status_code == 403


def test_without_an_installation_neither_page_is_there(world: World) -> None:
    world.person()
    world.sign_in()
    shown = world.send("GET", "/", headers=PAGE).text
    assert 'href="/settings"' not in shown and 'href="/shops"' not in shown
    assert world.send("GET", "/settings", headers=PAGE).status_code == 404
