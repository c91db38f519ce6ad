"""What the task API promises those who call it again, stop it or restart it, against real servers with a model that never answers."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from test_client import Served

from agent.testing.fake_provider import FakeProvider

CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[providers.acme.models."fault-hang"]
window = 200_000
price = {{ input = "1", output = "1" }}
[aliases.writer]
targets = ["acme/fault-hang"]
[gateway.deadlines]
connect_s = 60
first_token_s = 60
first_token_least_s = 60
"""
WRITE = "Write a product description for the Blue Ceramic Mug"
BOTH = "what were my top 3 products last month, and write a product description for the Blue Ceramic Mug"
ALONE = "write a product description for the Wool Throw"
WITHIN_S = 100


@pytest.fixture(scope="module")
def data(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("promises") / "data"
    folder.mkdir()
    (folder / "storehand.db").write_bytes((demo_data / "storehand.db").read_bytes())
    return folder


@asynccontextmanager
async def hanging(data: Path) -> AsyncIterator[tuple[FakeProvider, Served, httpx.AsyncClient]]:
    """A server whose writer never answers, and a client of it with a key."""
    async with FakeProvider() as fake:
        config = data / "storehand.toml"
        config.write_text(CONFIG.format(url=fake.url), encoding="utf-8")
        served = Served.on_free_port(data, config=config)
        try:
            await asyncio.to_thread(served.start)
            key = await asyncio.to_thread(served.key, "--scopes", "read,ask")
            async with httpx.AsyncClient(base_url=served.url, headers={"authorization": f"Bearer {key}"}, timeout=WITHIN_S) as client:
                yield fake, served, client
        finally:
            served.end(signal.SIGKILL)


async def calls(fake: FakeProvider, count: int) -> None:
    """Wait until the model was called so often."""
    async with asyncio.timeout(WITHIN_S):
        while fake.count("hang") < count:  # noqa: ASYNC110  # another process does it: nothing but a look tells
            await asyncio.sleep(0.01)


async def listed(client: httpx.AsyncClient, text: str) -> dict[str, str]:
    """The run under way with these words: one is in the list a moment after it began, not at once."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            for run in (await client.get("/v1/runs", params={"text": text})).json()["items"]:
                if run["state"] == "running":
                    return run
            await asyncio.sleep(0.01)


def test_64_equal_posts_at_once_are_one_run_and_each_gets_its_reply(data: Path) -> None:
    async def story() -> None:
        async with hanging(data) as (_, served, client):
            text, once = "what were my top 4 products last month", {"idempotency-key": "sixty-four"}

            async def ask() -> httpx.Response:
                while (reply := await client.post("/v1/asks", json={"text": text}, headers=once)).status_code == 409:
                    assert (reply.json()["code"], reply.headers["retry-after"]) == ("idempotency_in_flight", "1")
                    await asyncio.sleep(0.05)
                return reply

            replies = await asyncio.gather(*(ask() for _ in range(64)))
            assert {(reply.status_code, reply.content, reply.headers["location"]) for reply in replies} == {
                (200, replies[0].content, replies[0].headers["location"])
            }
            assert Counter(reply.headers.get("idempotent-replayed") for reply in replies) == {"true": 63, None: 1}
            served.end(signal.SIGKILL)
            await asyncio.to_thread(served.start)
            again = await client.post("/v1/asks", json={"text": text}, headers=once)
            assert (again.content, again.headers["idempotent-replayed"]) == (replies[0].content, "true")
            runs = (await client.get("/v1/runs", params={"text": text})).json()["items"]
            assert len(runs) == 1

    asyncio.run(story())


def test_a_run_is_stopped_at_once_its_model_is_hung_up_on_and_it_tells_what_was_done(data: Path) -> None:
    async def story() -> None:
        async with hanging(data) as (fake, _, client):
            first = asyncio.create_task(client.post("/v1/asks", json={"text": BOTH}, headers={"idempotency-key": "one"}))
            await calls(fake, 1)
            under_way = await client.post("/v1/asks", json={"text": BOTH}, headers={"idempotency-key": "one"})
            assert (under_way.status_code, under_way.json()["code"], under_way.headers["retry-after"]) == (409, "idempotency_in_flight", "1")
            other = await client.post("/v1/asks", json={"text": WRITE}, headers={"idempotency-key": "one"})
            assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")

            run = await listed(client, BOTH)
            began = time.monotonic()
            stopped = await client.post(f"/v1/runs/{run['id']}/stop")
            async with asyncio.timeout(WITHIN_S):
                await fake.went_away.wait()
            took = time.monotonic() - began
            reply = stopped.json()
            assert (stopped.status_code, reply["state"]) == (200, "stopped")
            assert took < 3, took  # a second is promised; the rest is a busy machine's
            assert [(part["task"], part["kind"]) for part in reply["parts"]] == [("sales_report", "answer")]
            (left,) = reply["not_done"]
            assert left["reason"] == "Stopped before `write_description` was done."
            assert (await first).json() == reply  # whoever waited for it is told the same

    asyncio.run(story())


def test_told_to_end_the_server_does_within_seconds_and_the_next_one_finishes_what_was_accepted(data: Path) -> None:
    async def story() -> None:
        async with hanging(data) as (fake, served, client):
            count = 80  # more than are under way at once
            dry = asyncio.create_task(client.post("/v1/asks", json={"text": ALONE, "dry_run": True}))
            await calls(fake, 1)
            accepted = await asyncio.gather(*(client.post("/v1/asks", json={"text": WRITE, "wait_s": 0}) for _ in range(count)))
            assert {reply.status_code for reply in accepted} == {202}
            waits = asyncio.create_task(client.post("/v1/asks", json={"text": ALONE, "wait_s": 100}))
            await listed(client, ALONE)
            began = time.monotonic()
            await asyncio.to_thread(served.end, signal.SIGTERM)
            assert time.monotonic() - began < 20  # five seconds of grace, and the rest is a busy machine's
            assert ((await dry).status_code, (await dry).json()["code"], (await dry).headers["retry-after"]) == (503, "ending", "5")
            assert ((await waits).status_code, (await waits).json()["state"]) == (202, "running")
            (data / "storehand.toml").write_text(CONFIG.format(url=fake.url).replace("fault-hang", "good"), encoding="utf-8")
            await asyncio.to_thread(served.start)
            replies = [await finished(client, reply.headers["location"]) for reply in accepted]
            assert Counter(reply["state"] for reply in replies) == {"waiting": count}
            assert (await finished(client, (await waits).headers["location"]))["state"] == "waiting"
            assert all(len(reply["approvals"]) == 1 and fake.text.strip() in str(reply["parts"][0]) for reply in replies)

    asyncio.run(story())


async def finished(client: httpx.AsyncClient, run: str) -> dict[str, object]:
    async with asyncio.timeout(WITHIN_S):
        reply: dict[str, object] = (await client.get(run)).json()
        while reply["state"] in ("queued", "running"):
            await asyncio.sleep(0.05)
            reply = (await client.get(run)).json()
    return reply
