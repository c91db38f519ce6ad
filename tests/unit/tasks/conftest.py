"""The small shop, and its records by the beginning of their names."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from agent.registry import Registry, discover
from agent.testing.playground import Playground, playground


@dataclass(frozen=True, slots=True)
class Bench:
    """A playground with the tasks at hand; `ask` runs one of them."""

    ground: Playground
    registry: Registry

    def ask(self, task: str, **args: Any) -> Any:
        return asyncio.run(self.ground.run(self.registry.task(task), args, ask="as the merchant said it"))

    def products(self, *titles: str) -> dict[str, Any]:
        found = asyncio.run(self.ground.store.products()).items
        return {"ids": [p.id for title in titles for p in found if p.title.startswith(title)], "label": titles[0]}

    def customers(self, *names: str) -> dict[str, Any]:
        found = asyncio.run(self.ground.store.customers()).items
        return {"ids": [c.id for name in names for c in found if c.name.startswith(name)], "label": names[0]}

    def titles(self, answer: Any) -> list[str]:
        """The first column of the answer's table."""
        return [row[0] for row in answer.data.table.rows]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with playground() as ground:
        yield Bench(ground, discover(plugins=False))
