from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from litestar import Litestar
from scripted import NOW, ScriptedService
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.gateway import Gateway, Target
from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.keys import Keys, NewKey
from agent.ledger.people import People, Person
from agent.ledger.sessions import Sessions
from agent.ledger.usage import Books
from agent.providers.catalog import Price
from agent.providers.scripted import ScriptedProvider
from agent.records import Role, Scope
from agent.registry import discover
from agent.runs.idempotency import Idempotency
from agent.runs.saved_prompts import SavedPrompts
from agent.web.app import create_app
from agent.web.auth import Accounts
from agent.web.spend import Spend

PASSWORD = "correct horse"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PRICE = Price(input=Decimal(1), output=Decimal(2), cached=Decimal(1), cache_write=Decimal(1), cache_write_1h=Decimal(1), source="config")
PAGE = {"accept": "text/html"}


Run = Callable[[Coroutine[Any, Any, Any]], Any]


class World:
    """An application over a scripted service, its accounts, and a browser that keeps cookies. Synchronous, on a loop of its own."""

    def __init__(self, folder: Path, *, run: Run | None = None, **more: Any) -> None:
        """
        Args:
            run: Runs a coroutine to its end; on a loop of the world's own when None.
        """
        self._runner = asyncio.Runner() if run is None else None
        self.run: Run = run or self._runner.run  # type: ignore[union-attr]  # there is a runner where no `run` is given
        self.db = Database(sqlite_url(folder / "web.db"))
        SQLModel.metadata.create_all(self.db.engine)
        self.accounts = Accounts(keys=Keys(self.db), people=People(self.db, hasher=QUICK), sessions=Sessions(self.db))
        self.prompts = SavedPrompts(self.db, now=lambda: NOW)
        self.service = ScriptedService(list(discover()))
        self.models = ScriptedProvider(name="acme")
        self.books = Books(self.db, Budgets(self.db, now=lambda: NOW), SpendBreaker(self.db, measures=Measures(repeats=3), now=lambda: NOW))
        targets = [Target(self.models, "big-1"), Target(self.models, "small-2")]
        prices = {target.name: PRICE for target in targets}
        gateway = Gateway({"frontier": targets}, record=self.books.record, meter=self.books, prices=prices)
        self.spend = Spend(db=self.db, books=self.books, gateway=gateway, now=lambda: NOW)
        given: dict[str, Any] = {
            "now": lambda: NOW,
            "idempotency": Idempotency(self.db, process="here"),
            "spend": self.spend,
            "prompts": self.prompts,
            **more,
        }
        self.app: Litestar = create_app(self.service, self.accounts, **given)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://shop.test")

    def close(self) -> None:
        self.run(self.client.aclose())
        if self._runner is not None:
            self._runner.close()
        self.db.close()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        reply: httpx.Response = self.run(self.client.request(method, path, **more))
        return reply

    def key(self, *scopes: Scope, shop: str = "shop_a") -> str:
        made: NewKey = self.run(self.accounts.keys.create("test", shop=shop, scopes=scopes or tuple(Scope)))
        return made.secret

    def api(self, method: str, path: str, body: Any = None, *, key: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """A call of the task API; `body` is sent as JSON when there is one."""
        sent = {"authorization": f"Bearer {key}", **(headers or {})}
        return self.send(method, path, headers=sent, **({"json": body} if body is not None else {}), **more)

    def person(self, name: str = "Anna", *, shop: str = "shop_a", role: Role = Role.OWNER) -> Person:
        made: Person = self.run(self.accounts.people.add(name, shop=shop, role=role, password=PASSWORD))
        return made

    def sign_in(self, name: str = "Anna") -> httpx.Response:
        return self.send("POST", "/sign-in", data={"name": name, "password": PASSWORD})

    def csrf(self) -> str:
        """What the session's pages send back."""
        page = self.send("GET", "/", headers=PAGE).text
        return page.partition('name="csrf" value="')[2].partition('"')[0]

    def click(self, path: str, *, on: str = "/t/t1", **form: Any) -> httpx.Response:
        """A form of the page `on`, sent by its script."""
        headers = {"hx-request": "true", "hx-current-url": f"http://shop.test{on}", **PAGE}
        return self.send("POST", path, data={"csrf": self.csrf(), **form}, headers=headers)
