"""Shops of a database, their names, and what may not be one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import Invalid, NotFound
from agent.stores.embedded.ids import key_of, keys_of, public
from agent.stores.embedded.shops import create_shop, set_fiscal_year, shop_named, shops
from agent.stores.embedded.store import EmbeddedStore


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "shops.db"))
    upgrade(made)
    yield made
    made.close()


def test_a_shop_is_found_by_its_name(db: Database) -> None:
    made = create_shop(db, name="demo", title="Fern & Tide", currency="EUR", time_zone="Europe/Berlin")
    create_shop(db, name="another", currency="JPY", time_zone="Asia/Tokyo", locale="ja-JP", prices_include_tax=False)
    assert shop_named(db, "demo") == made == EmbeddedStore(db, made.id).shop
    assert [shop.name for shop in shops(db)] == ["another", "demo"]
    with pytest.raises(NotFound):
        shop_named(db, "Demo")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", " demo"), ("name", "a\nb"), ("currency", "EURO"), ("currency", "eur"), ("time_zone", "Berlin"),
        ("time_zone", "../etc/passwd"), ("time_zone", ""), ("locale", "??"), ("fiscal_year_starts", 13),
    ],
)  # fmt: skip
def test_what_a_shop_cannot_be_is_refused_and_named(db: Database, field: str, value: Any) -> None:
    good: dict[str, Any] = {"name": "demo", "currency": "EUR", "time_zone": "Europe/Berlin"}
    with pytest.raises(Invalid) as caught:
        create_shop(db, **good | {field: value})
    assert caught.value.field == field
    assert shops(db) == []


def test_two_shops_cannot_share_a_name(db: Database) -> None:
    create_shop(db, name="demo", currency="EUR", time_zone="Europe/Berlin")
    with pytest.raises(Invalid, match="already"):
        create_shop(db, name="demo", currency="GBP", time_zone="Europe/London")


@pytest.mark.parametrize(
    "id", ["", "shop_", "shop_0x1", "shop_01", "shop_-1", "shop_٣", "p_1", "shop_99999999999999999999", "shop_9223372036854775808"]
)
def test_what_is_no_shops_id_finds_none(db: Database, id: str) -> None:
    assert key_of("shop", id) is None
    with pytest.raises(NotFound):
        EmbeddedStore(db, id)


def test_ids_lead_back_to_their_keys() -> None:
    assert key_of("variant", public("variant", 17)) == 17
    assert keys_of("variant", ["v_3", "p_4", "v_3", "nothing", "v_1"]) == [3, 1]


def test_the_month_a_fiscal_year_begins_with_is_kept_and_can_be_changed(db: Database) -> None:
    made = create_shop(db, name="fiscal", currency="EUR", time_zone="UTC", fiscal_year_starts=4)
    assert made.fiscal_year_starts == 4
    assert set_fiscal_year(db, "fiscal", 7) == shop_named(db, "fiscal")
    assert shop_named(db, "fiscal").fiscal_year_starts == 7
    with pytest.raises(Invalid):
        set_fiscal_year(db, "fiscal", 13)
    with pytest.raises(NotFound):
        set_fiscal_year(db, "nobody's", 1)
