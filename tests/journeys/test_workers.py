"""`storehand serve --workers 2` as real processes: one address, one data folder, one budget, and no worker that cannot be done without."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database, sqlite_url
from agent.db.tables import AuditRow, ChangeItemRow
from agent.db.upgrade import upgrade
from agent.ledger.keys import Keys
from agent.ledger.usage import usage
from agent.opening import HEADER
from agent.records import Scope
from agent.stores.embedded.demo import demo_shop
from agent.testing.fake_provider import FakeProvider
from agent.testing.postgres import missing_programs, throw_away_cluster

CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[providers.acme.models."good"]
window = 200_000
price = {{ input = "0", output = "100" }}
[providers.acme.models."fault-hang"]
window = 200_000
price = {{ input = "0", output = "0" }}
[aliases.frontier]
targets = ["acme/good"]
max_output = 100
[aliases.writer]
targets = ["acme/fault-hang"]
[gateway.deadlines]
first_token_s = 60
first_token_least_s = 60
"""
SAY_IT = {"model": "frontier", "messages": [{"role": "user", "content": "Say it."}], "max_tokens": 100}
WITHIN_S = 150
"""Longer than anything here takes on a busy machine."""


@dataclass(frozen=True, slots=True)
class Serving:
    process: asyncio.subprocess.Process
    url: str
    said: list[str]

    def pids(self) -> list[int]:
        """Of the workers, in the order in which they were started."""
        return [int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    async def ended(self) -> int:
        async with asyncio.timeout(WITHIN_S):
            return await self.process.wait()


@asynccontextmanager
async def serving(folder: Path, *arguments: str, workers: int = 2) -> AsyncIterator[Serving]:
    port = free_port()
    process = await start(folder, *arguments, "--workers", str(workers), "--port", str(port))
    said: list[str] = []
    try:
        assert process.stderr is not None
        async with asyncio.timeout(WITHIN_S):
            while not said or "listens" not in said[-1]:
                assert (line := await process.stderr.readline()), said
                said.append(line.decode())
        reading = asyncio.create_task(process.stderr.read())
        yield Serving(process, f"http://127.0.0.1:{port}", said)
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), WITHIN_S)
        said.append((await reading).decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def start(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    command = ["serve", "--data", str(folder), *arguments]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"from agent.cli import main\nmain({command!r})", stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"STOREHAND_CONFIG": str(folder / "storehand.toml")},
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def at_each(stack: AsyncExitStack, url: str, secret: str, count: int = 2) -> list[httpx.AsyncClient]:
    """A client for every worker, whose one connection leads to it."""
    found: dict[int, httpx.AsyncClient] = {}
    async with asyncio.timeout(WITHIN_S):
        while len(found) < count:
            limits = httpx.Limits(max_connections=1, keepalive_expiry=None)
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {secret}"}, limits=limits, timeout=30)
            )
            found.setdefault(int((await client.get("/livez")).headers[HEADER]), client)
    return [found[number] for number in range(count)]


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await what():  # noqa: ASYNC110  # another process does it: nothing but a look tells
            await asyncio.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Made:
    db: Database
    secret: str
    shop: str


@asynccontextmanager
async def folder_with_key(folder: Path, url: str, *, budget: Decimal | None = None, address: str | None = None) -> AsyncIterator[Made]:
    (folder / "storehand.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    db = Database(address or sqlite_url(folder / "storehand.db"))
    try:
        upgrade(db)
        made = await Keys(db).create("test", shop="shop_test", scopes=[Scope.LLM], budget_usd=budget)
        yield Made(db, made.secret, "shop_test")
    finally:
        db.close()


def test_64_calls_at_once_over_two_workers_spend_no_more_than_the_budget(tmp_path: Path) -> None:
    asyncio.run(_budget_holds(tmp_path))


@pytest.mark.postgres
@pytest.mark.skipif(bool(missing_programs()), reason="there is no PostgreSQL server here")
def test_on_postgres_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with throw_away_cluster() as address:
        monkeypatch.setenv("STOREHAND_DATABASE", address)
        asyncio.run(_budget_holds(tmp_path, address))


async def _budget_holds(folder: Path, address: str | None = None) -> None:
    budget = Decimal("0.10")  # ten calls at their worst: 100 tokens of answer at 100 dollars a million
    async with FakeProvider() as fake, folder_with_key(folder, fake.url, budget=budget, address=address) as made, AsyncExitStack() as stack:
        async with serving(folder, "--parts", "llm") as served:
            clients = await at_each(stack, served.url, made.secret)
            wide = [
                await stack.enter_async_context(httpx.AsyncClient(base_url=served.url, headers=client.headers, timeout=60))
                for client in clients for _ in range(1)
            ]  # fmt: skip
            calls = [client.post("/llm/v1/chat/completions", json=SAY_IT) for client in wide for _ in range(32)]
            replies = await asyncio.gather(*calls)
        statuses = Counter(reply.status_code for reply in replies)
        spent = sum((line.cost_usd for line in await usage(made.db, made.shop, by="model")), Decimal(0))
        assert {reply.headers[HEADER] for reply in replies} == {"0", "1"}
        assert statuses[200] + statuses[429] == 64 and statuses[200] >= 1 and statuses[429] >= 1, (statuses, served.said)
        assert 0 < spent <= budget
        assert statuses[200] == fake.count("")


def test_told_to_stop_every_worker_ends_within_seconds_and_no_row_is_lost(tmp_path: Path) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, folder_with_key(tmp_path, fake.url) as made, AsyncExitStack() as stack:
            async with serving(tmp_path, "--parts", "llm") as served:
                clients = await at_each(stack, served.url, made.secret)
                replies = [await client.post("/llm/v1/chat/completions", json=SAY_IT) for _ in range(10) for client in clients]
                served.process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(20):
                    assert await served.process.wait() == 0
            assert [reply.status_code for reply in replies] == [200] * 20
            assert sum(line.calls for line in await usage(made.db, made.shop, by="model")) == 20
            assert "Worker" not in "".join(served.said)

    asyncio.run(inner())


def test_while_one_is_killed_the_other_serves_and_another_takes_its_place(tmp_path: Path) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, folder_with_key(tmp_path, fake.url) as made, AsyncExitStack() as stack:
            async with serving(tmp_path, "--parts", "llm") as served:
                _, other = await at_each(stack, served.url, made.secret)
                first, second = served.pids()
                os.kill(first, signal.SIGKILL)
                statuses = Counter[int]()

                async def replaced() -> bool:
                    kept = await other.post("/llm/v1/chat/completions", json=SAY_IT)
                    async with httpx.AsyncClient(base_url=served.url, timeout=30) as fresh:
                        reached = await fresh.get("/livez")
                    statuses.update([kept.status_code, reached.status_code])
                    assert kept.headers[HEADER] == "1"
                    return reached.headers[HEADER] == "0"

                await until(replaced)
                assert set(statuses) == {200}
                now = served.pids()
                assert second in now and first not in now and len(now) == 2
                assert (await (await at_each(stack, served.url, made.secret))[0].post("/llm/v1/chat/completions", json=SAY_IT)).status_code == 200
            assert "Worker 0 was killed (SIGKILL)" in served.said[-1]

    asyncio.run(inner())


def test_a_second_serve_on_the_folder_names_the_first_and_leaves_it_alone(tmp_path: Path) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, folder_with_key(tmp_path, fake.url), serving(tmp_path, "--parts", "llm") as served:
            second = await start(tmp_path, "--parts", "llm", "--workers", "2", "--port", "0")
            _, said = await second.communicate()
            assert second.returncode == 2 and f"in use by process {served.process.pid}" in said.decode()
            async with httpx.AsyncClient(base_url=served.url) as client:
                assert (await client.get("/readyz")).status_code == 200

    asyncio.run(inner())


def test_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, folder_with_key(tmp_path, fake.url), serving(tmp_path, "--parts", "llm") as served:
            workers = served.pids()
            served.process.kill()

            async def gone() -> bool:
                return not any(runs(pid) for pid in workers)

            await until(gone)
            await served.ended()

    asyncio.run(inner())


def test_what_is_wrong_with_the_config_is_said_once_and_ends_all(tmp_path: Path) -> None:
    (tmp_path / "storehand.toml").write_text(CONFIG.format(url="http://127.0.0.1:9").replace('"sk-acme"', '"env:NO_SUCH_KEY"'), encoding="utf-8")

    async def inner() -> None:
        process = await start(tmp_path, "--parts", "llm", "--workers", "3", "--port", "0")
        _, said = await process.communicate()
        assert process.returncode == 2
        assert said.decode().count("NO_SUCH_KEY") == 1 and "Traceback" not in said.decode()

    asyncio.run(inner())


def test_metrics_and_the_pace_of_a_key_are_those_of_all_workers(tmp_path: Path) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, folder_with_key(tmp_path, fake.url) as made, AsyncExitStack() as stack:
            with (tmp_path / "storehand.toml").open("a", encoding="utf-8") as config:
                config.write("[gateway]\nrequests_per_minute = 10\n")
            async with serving(tmp_path, "--parts", "llm") as served:
                clients = await at_each(stack, served.url, made.secret)
                replies = [await client.post("/llm/v1/chat/completions", json=SAY_IT) for _ in range(8) for client in clients]
                assert Counter(reply.status_code for reply in replies) == {200: 10, 429: 6}
                for client in clients:
                    text = (await client.get("/metrics")).text
                    counted = [line for line in text.splitlines() if line.startswith("storehand_calls_total{")]
                    assert {line.partition('worker="')[2][0]: float(line.rpartition(" ")[2]) for line in counted} == {"0": 5.0, "1": 5.0}
                    assert text.count("# TYPE storehand_calls_total ") == 1

    asyncio.run(inner())


# all parts


@asynccontextmanager
async def shop_with_keys(folder: Path, url: str) -> AsyncIterator[tuple[Database, str, list[str]]]:
    """The demo shop's database and id, and two keys: what one proposes the other may approve."""
    (folder / "storehand.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    db = Database(sqlite_url(folder / "storehand.db"))
    try:
        upgrade(db)
        shop = demo_shop(db).id
        scopes = [Scope.READ, Scope.ASK, Scope.APPROVE]
        yield db, shop, [(await Keys(db).create(name, shop=shop, scopes=scopes)).secret for name in ("asks", "approves")]
    finally:
        db.close()


def test_a_run_asked_at_one_worker_is_followed_at_another_and_stopped_at_it(data_folder: Path) -> None:
    async def inner() -> None:
        async with (
            FakeProvider() as fake,
            shop_with_keys(data_folder, fake.url) as (_, _, [secret, _]),
            AsyncExitStack() as stack,
            serving(data_folder) as served,
        ):
            here, there = await at_each(stack, served.url, secret)
            following = await stack.enter_async_context(httpx.AsyncClient(base_url=served.url, headers=there.headers, timeout=30))
            text = "Write a product description for the Blue Ceramic Mug"  # by a model that never answers
            accepted = await here.post("/v1/asks", json={"text": text, "wait_s": 0})
            assert (accepted.status_code, accepted.headers[HEADER]) == (202, "0")
            run = accepted.headers["location"]
            await until(lambda: _called(fake))
            while (await following.get("/livez")).headers[HEADER] != "1":
                following = await stack.enter_async_context(httpx.AsyncClient(base_url=served.url, headers=there.headers, timeout=30))
            seen = asyncio.create_task(_events(following, f"{run}/events"))
            stopped = await there.post(f"{run}/stop")
            assert (stopped.status_code, stopped.headers[HEADER], stopped.json()["state"]) == (200, "1", "stopped")
            async with asyncio.timeout(WITHIN_S):
                worker, events = await seen
            assert worker == "1"
            assert events[0] == "run_started" and "plan_ready" in events and events[-1] == "run_stopped"
            assert [(await client.get(run)).json()["state"] for client in (here, there)] == ["stopped", "stopped"]

    asyncio.run(inner())


async def _called(fake: FakeProvider) -> bool:
    return fake.count("hang") > 0


async def _events(client: httpx.AsyncClient, path: str) -> tuple[str, list[str]]:
    """The worker that told them, and their types to the last."""
    async with client.stream("GET", path, headers={"accept": "text/event-stream"}) as reply:
        names = [line.removeprefix("event:").strip() async for line in reply.aiter_lines() if line.startswith("event:")]
        return reply.headers[HEADER], names


@pytest.mark.parametrize("killed", [0, 1])
def test_an_apply_whose_worker_is_killed_is_finished_once(data_folder: Path, killed: int) -> None:
    async def inner() -> None:
        async with FakeProvider() as fake, shop_with_keys(data_folder, fake.url) as (db, shop, [asks, approves]), AsyncExitStack() as stack:
            async with serving(data_folder) as served:
                clients = await at_each(stack, served.url, approves)
                here, there = clients[killed], clients[1 - killed]
                reply = (await here.post("/v1/asks", json={"text": ALL_UP}, headers={"authorization": f"Bearer {asks}"})).json()
                [digest] = reply["approvals"]
                deciding = asyncio.create_task(here.post(f"/v1/approvals/{digest}/approve", json={}))
                await until(lambda: _under_way(db, shop))
                os.kill(served.pids()[killed], signal.SIGKILL)
                [outcome] = await asyncio.gather(deciding, return_exceptions=True)
                assert isinstance(outcome, httpx.TransportError), "it was killed before it could answer"
                assert (await there.get("/v1/changes")).status_code == 200
                await until(lambda: _all_ended(db, shop))
            states, written = await db.read(lambda session: _told(session, shop))
            assert set(states) == {"applied"} and len(states) > 100
            assert Counter(Counter(written).values()) == {1: len(states)}, "one row of the audit for each, and so one write"

    asyncio.run(inner())


ALL_UP = "Raise the price of all products by 1%"


async def _under_way(db: Database, shop: str) -> bool:
    return "applied" in (await db.read(lambda session: _told(session, shop)))[0]


async def _all_ended(db: Database, shop: str) -> bool:
    return {"approved", "applying"}.isdisjoint((await db.read(lambda session: _told(session, shop)))[0])


def _told(session: Session, shop: str) -> tuple[list[str], list[str]]:
    """The state of each item of the shop, and the items that the audit says were written."""
    states = select(col(ChangeItemRow.state)).where(col(ChangeItemRow.shop_id) == shop)
    written = select(col(AuditRow.ref)).where(col(AuditRow.shop_id) == shop, col(AuditRow.kind) == "write")
    return list(session.scalars(states)), list(session.scalars(written))
