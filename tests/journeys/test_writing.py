"""A text that is followed while it is written, against a real server: it grows, is never half of one model's, resumes after any cut, and stops."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from test_client import CLIENT, Served

from agent.testing.fake_provider import FakeProvider, Seen

sys.path.insert(0, str(CLIENT))
from storehand_client import AsyncStorehand, text_delta  # the client is a distribution of its own
from storehand_client.models import RunEvent

CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[providers.acme.models."fault-truncate"]
window = 200_000
price = {{ input = "1", output = "1" }}
[providers.acme.models."good"]
window = 200_000
price = {{ input = "1", output = "1" }}
[aliases.writer]
targets = ["acme/fault-truncate", "acme/good"]
"""
WRITE = "Write a product description for the Blue Ceramic Mug"
GOOD = "A blue mug for the first cup of the day and the last one, quiet in the hand and easy to live with. " * 3
OTHER = "Morning light on the table, a slow start, and something warm to hold on to while the house wakes up. " * 3
WITHIN_S = 60


def said(seen: Seen) -> str:
    return OTHER if seen.fault else GOOD


@asynccontextmanager
async def writing(data: Path) -> AsyncIterator[tuple[FakeProvider, Served, AsyncStorehand, httpx.AsyncClient]]:
    """A server whose first writer breaks off half-way and whose second one is slow, and its client."""
    async with FakeProvider(text=said, pause_s=0.02) as fake:
        config = data / "storehand.toml"
        config.write_text(CONFIG.format(url=fake.url), encoding="utf-8")
        served = Served.on_free_port(data, config=config)
        try:
            await asyncio.to_thread(served.start)
            key = await asyncio.to_thread(served.key, "--scopes", "read,ask,admin")
            headers = {"authorization": f"Bearer {key}"}
            async with (
                httpx.AsyncClient(base_url=served.url, headers=headers, timeout=WITHIN_S) as http,
                AsyncStorehand(served.url, key) as client,
                asyncio.timeout(WITHIN_S),
            ):
                yield fake, served, client, http
        finally:
            served.end(signal.SIGKILL)


def grown(events: Sequence[RunEvent]) -> Mapping[int, str]:
    """The texts as a program puts them together."""
    texts: dict[int, str] = {}
    for event in events:
        if (more := text_delta(event)) is not None:
            texts[more.text] = more.delta if more.anew else texts[more.text] + more.delta
    return texts


async def cut(http: httpx.AsyncClient, path: str, raw: bytes, dice: random.Random) -> None:
    """A stream taken up anywhere and broken off anywhere is a piece of the whole."""
    starts = {int(found[1]): found.start() for found in re.finditer(rb"^id: (\d+)$", raw, re.M)}
    seen, most, got = dice.choice([0, *list(starts)[:-1]]), dice.randrange(1, len(raw)), b""
    async with http.stream("GET", path, headers={"last-event-id": str(seen)}) as reply:
        async for piece in reply.aiter_bytes(256):
            got += piece
            if len(got) >= most:
                break
    assert got and raw[starts[seen + 1] :].startswith(got)


def test_a_followed_text_grows_begins_anew_elsewhere_resumes_after_any_cut_and_stops_at_once(data_folder: Path) -> None:
    async def story() -> None:
        async with writing(data_folder) as (fake, _, client, http):
            alone = await client.ask(WRITE, wait_s=30)  # nobody is told its id before it is done, so it is written in one piece
            assert alone.parts[0].data["content"] == OTHER.strip() and [call.stream for call in fake.calls] == [False]
            assert "text_delta" not in [event.type async for event in client.events(alone.run_id)]

            run = (await client.ask(WRITE, wait_s=0)).run_id
            live = list[RunEvent]()
            while not any(event.type == "part" for event in live):  # followed as by a bad line: three events, and it is cut
                async for event in client.events(run, after=live[-1].seq if live else 0):
                    live.append(event)
                    if len(live) % 3 == 0:
                        break
            whole = [event async for event in client.events(run)]
            assert live == whole[: len(live)] and [event.seq for event in whole] == list(range(1, len(whole) + 1))
            deltas = [more for event in whole if (more := text_delta(event)) is not None]
            (part,) = [event for event in whole if event.type == "part"]
            content = part.data["part"]["data"]["content"]
            assert [more.anew for more in deltas].count(True) == 2 and 2 < len(deltas) < 40
            again = next(place for place, more in enumerate(deltas) if more.anew and place)
            assert OTHER.startswith("".join(more.delta for more in deltas[:again]))
            assert {number: text.strip() for number, text in grown(whole).items()} == {1: content} == {1: GOOD.strip()}
            assert (await client.show_run(run)).parts[0].data["by"] == "frontier"

            path = f"/v1/runs/{run}/events"
            raw, dice = (await http.get(path)).content, random.Random(6)
            for _ in range(100):
                await cut(http, path, raw, dice)

            fake.went_away.clear()
            run = (await client.ask(WRITE, wait_s=0)).run_id
            async for event in client.events(run):
                if event.type == "text_delta":
                    break
            async with asyncio.timeout(10):  # a second on an idle machine
                stopped = await client.stop_run(run)
                await fake.went_away.wait()
            assert (stopped.state, stopped.parts) == ("stopped", []) and "Stopped before" in stopped.not_done[0].reason
            types = [event.type async for event in client.events(run)]
            assert types[-1] == "run_stopped" and "part" not in types
            billed = await _billed(http, run)
            assert 0 < billed["output_tokens"] < len(OTHER) and Decimal(billed["cost_usd"]) > 0

    asyncio.run(story())


async def _billed(http: httpx.AsyncClient, run: str) -> dict[str, Any]:
    """What the run's calls used, once that is on the books."""
    while True:
        items = (await http.get("/v1/usage/runs")).json()["items"]
        if (found := next((item for item in items if item["run"] == run), None)) is not None:
            return dict(found)
        await asyncio.sleep(0.05)
