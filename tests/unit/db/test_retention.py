"""Every table says whose values it keeps and for how long, and every key of ours names the shop."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, UniqueConstraint

from agent.db.retention import DECLARED, STOREHAND_TABLES, Retention
from agent.db.tables import ExecutorRow
from agent.db.upgrade import metadata

TABLES = sorted(metadata().tables)
THE_MACHINES = {ExecutorRow.__tablename__}
WORDS = ("text", "name", "email", "note", "body", "title", "author", "payload", "reply", "summary", "label", "address", "phone")
"""Words in column names that mean a person's words or data may be in them, unless the table says nothing is personal."""


def table(name: str) -> Table:
    return metadata().tables[name]


def test_every_table_is_declared_and_every_declaration_has_a_table() -> None:
    assert sorted(DECLARED) == TABLES


@pytest.mark.parametrize("name", TABLES)
def test_declared_columns_exist(name: str) -> None:
    assert set(DECLARED[name].columns) <= set(table(name).columns.keys())


@pytest.mark.parametrize("name", [t for t in TABLES if not t.startswith("shop")])
def test_text_of_people_is_declared(name: str) -> None:
    suspicious = {c.name for c in table(name).columns if not c.name.endswith("digest") and set(c.name.split("_")) & set(WORDS)}
    assert suspicious <= set(DECLARED[name].columns)


@pytest.mark.parametrize("name", sorted(set(STOREHAND_TABLES) - THE_MACHINES))
def test_the_shop_is_part_of_each_key(name: str) -> None:
    keys = [table(name).primary_key, *(c for c in table(name).constraints if isinstance(c, UniqueConstraint))]
    assert [k for k in keys if "shop_id" not in k.columns] == []


def test_a_subject_without_columns_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="come together"):
        Retention("customer")
    with pytest.raises(ValueError, match="come together"):
        Retention("none", ("name",))
