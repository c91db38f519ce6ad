from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from litestar import Litestar
from scripted import NOW, ScriptedService
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.ledger.keys import Keys
from agent.ledger.people import People, Person
from agent.ledger.sessions import Sessions
from agent.records import Role, Scope
from agent.registry import discover
from agent.runs.idempotency import Idempotency
from agent.web.app import create_app
from agent.web.auth import Accounts

PASSWORD = "correct horse"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PAGE = {"accept": "text/html"}


class World:
    """An application over a scripted service, its accounts, and a browser that keeps cookies. Synchronous, on a loop of its own."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.runner = asyncio.Runner()
        self.db = Database(sqlite_url(folder / "web.db"))
        SQLModel.metadata.create_all(self.db.engine)
        self.accounts = Accounts(keys=Keys(self.db), people=People(self.db, hasher=QUICK), sessions=Sessions(self.db))
        self.service = ScriptedService(list(discover()))
        self.app: Litestar = create_app(self.service, self.accounts, now=lambda: NOW, idempotency=Idempotency(self.db, process="here"), **more)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://shop.test")

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()
        self.db.close()

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **more))

    def key(self, *scopes: Scope, shop: str = "shop_a") -> str:
        made = self.runner.run(self.accounts.keys.create("test", shop=shop, scopes=scopes or tuple(Scope)))
        return made.secret

    def api(self, method: str, path: str, body: Any = None, *, key: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """A call of the task API; `body` is sent as JSON when there is one."""
        sent = {"authorization": f"Bearer {key}", **(headers or {})}
        return self.send(method, path, headers=sent, **({"json": body} if body is not None else {}), **more)

    def person(self, name: str = "Anna", *, shop: str = "shop_a", role: Role = Role.OWNER) -> Person:
        return self.runner.run(self.accounts.people.add(name, shop=shop, role=role, password=PASSWORD))

    def sign_in(self, name: str = "Anna") -> httpx.Response:
        return self.send("POST", "/sign-in", data={"name": name, "password": PASSWORD})

    def csrf(self) -> str:
        """What the session's pages send back."""
        page = self.send("GET", "/", headers=PAGE).text
        return page.partition('name="csrf" value="')[2].partition('"')[0]

    def click(self, path: str, **form: Any) -> httpx.Response:
        """A form of the page, sent by its script."""
        return self.send("POST", path, data={"csrf": self.csrf(), **form}, headers={"hx-request": "true", **PAGE})
