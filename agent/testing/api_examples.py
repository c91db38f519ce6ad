"""The examples of the OpenAPI document, taken from real calls to the real application over a fresh demo shop.

python -m agent.testing.api_examples > agent/web/examples.json

Run it again whenever an operation is added or a reply changes its shape; tests say when it has to be.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from agent.bootstrap import House, open_house
from agent.gateway import Attempt, Spender
from agent.ledger.breaker import Measures
from agent.ledger.commitments import Commitments
from agent.records import Role, Scope
from agent.runs.idempotency import Idempotency
from agent.runs.saved_prompts import SavedPrompts
from agent.settings import load
from agent.testing.fake_provider import FakeProvider
from agent.web.app import create_app
from agent.web.auth import Accounts
from agent.web.spend import Spend

MUG = "Put the Blue Ceramic Mug at 12.50 and show me what it sold last month"
PRICES = b"Handle,Option1 Value,Price\nblue-ceramic-mug,Small,12.50\nblue-ceramic-mug,Large,14.00\n"
WRITE = "write a description for the Blue Ceramic Mug"
UNCLEAR = "put the linen dress at 80"
CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[providers.acme.models."big-1"]
window = 200_000
price = {{ input = "2.00", output = "10.00" }}
[aliases.frontier]
targets = ["acme/big-1"]
[aliases.writer]
targets = ["acme/big-1"]
"""
MOST_ITEMS = 2
"""Of a list of records; what follows looks the same."""
MOST_ROWS = 4
_SECRETS = {"secret": "{kind}_shown_once_and_never_again", "path": "/sign-in/shown_once"}


@dataclass(slots=True)
class Recorder:
    """Calls the application as one shop's programs, and keeps what was sent and answered."""

    client: httpx.AsyncClient
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def call(self, operation: str, method: str, path: str, key: str, body: Any = None) -> Any:
        """The reply's JSON; text where it is none. What it was is kept for the operation.

        Raises:
            httpx.HTTPStatusError: It was refused.
        """
        reply = await self.client.request(method, path, headers={"authorization": f"Bearer {key}"}, **({"json": body} if body is not None else {}))
        reply.raise_for_status()
        kind = reply.headers["content-type"]
        answered = reply.json() if "json" in kind else reply.text
        kept = self.kept.setdefault(operation, {})
        if body is not None:
            kept["request"] = body
        kept[str(reply.status_code)] = first_events(answered) if "event-stream" in kind else shortened(answered)
        return answered


async def recorded(folder: Path) -> dict[str, dict[str, Any]]:
    """What every operation was sent and answered, by the operation's id; under `tasks` what each task may be called with.

    Args:
        folder: An empty folder, or one with a demo shop nobody has used.
    """
    async with FakeProvider(text="Stoneware with a blue glaze, for the first cup of the day.") as provider:
        (folder / "storehand.toml").write_text(CONFIG.format(url=provider.url), encoding="utf-8")
        async with open_house(load(folder / "storehand.toml", data=folder, environ={})) as house, _recorder(house) as recorder:
            shop = (await house.shop("demo")).id
            keys = [(await house.accounts.keys.create(name, shop=shop, scopes=tuple(Scope))).secret for name in ("My app", "My approver")]
            run = await _asks(recorder, keys[0])
            await _decides(recorder, run, *keys)
            await _catalogue(recorder, keys[0])
            await _keys(recorder, keys[0])
            await house.accounts.people.add("Anna", shop=shop, role=Role.OWNER)
            await recorder.call("create_sign_in_link", "POST", "/v1/sign-in-links", keys[0], {"person": "Anna"})
            await _prompts(recorder, keys[0])
            await _threads(recorder, keys[0])
            await _webhooks(recorder, keys[0])
            await _spending(recorder, keys[0], house, shop)
            tasks = await _arguments(recorder, keys[0], house)
    return {**recorder.kept, "tasks": tasks}


def _transport(app: Any) -> httpx.ASGITransport:
    """Litestar types what it takes more narrowly than httpx does."""
    return httpx.ASGITransport(app)


@asynccontextmanager
async def _recorder(house: House) -> AsyncIterator[Recorder]:
    known = house.accounts
    app = create_app(
        house.service, Accounts(keys=known.keys, people=known.people, sessions=known.sessions), idempotency=Idempotency(known.db), panel=False,
        spend=Spend(db=known.db, books=house.books, gateway=house.gateway), webhooks=house.webhooks, sandboxes=known.sandbox,
        prompts=SavedPrompts(known.db),
    )  # fmt: skip
    async with httpx.AsyncClient(transport=_transport(app), base_url="http://shop.example", timeout=60) as client:
        yield Recorder(client)


async def _asks(recorder: Recorder, key: str) -> Mapping[str, Any]:
    await recorder.call("plan", "POST", "/v1/plans", key, {"text": MUG})
    await recorder.call("create_file", "POST", "/v1/files", key, {"name": "prices.csv", "content": b64encode(PRICES).decode()})
    later = await recorder.call("ask", "POST", "/v1/asks", key, {"text": "what sold best this year", "wait_s": 0})
    written = await recorder.call("ask", "POST", "/v1/asks", key, {"text": WRITE, "wait_s": 0})
    await recorder.call("follow_run", "GET", f"/v1/runs/{written['run_id']}/events", key)
    run: Mapping[str, Any] = await recorder.call("ask", "POST", "/v1/asks", key, {"text": MUG})
    await recorder.call("show_run", "GET", f"/v1/runs/{run['run_id']}", key)
    await recorder.call("stop_run", "POST", f"/v1/runs/{later['run_id']}/stop", key)
    asked = await recorder.call("ask_unclear", "POST", "/v1/asks", key, {"text": UNCLEAR})
    question = asked["questions"][0]
    answers = {"answers": [{"question": question["id"], "value": question["options"][0]["value"]}]}
    await recorder.call("answer_questions", "POST", f"/v1/runs/{asked['run_id']}/answers", key, answers)
    del recorder.kept["ask_unclear"]
    recorder.kept["answer_questions"]["202"] = recorder.kept["ask"]["202"]
    message = {"id": "msg-1", "role": "user", "content": "what sold best this year"}
    await recorder.call("ag_ui", "POST", "/v1/ag-ui", key, {"threadId": "thread-1", "runId": "run-1", "messages": [message]})
    await recorder.call("list_runs", "GET", "/v1/runs", key)
    await recorder.call("list_approvals", "GET", "/v1/approvals", key)
    return run


async def _decides(recorder: Recorder, run: Mapping[str, Any], key: str, approver: str) -> None:
    (digest,) = run["approvals"]
    await recorder.call("show_approval", "GET", f"/v1/approvals/{digest}", key)
    done = await recorder.call("approve", "POST", f"/v1/approvals/{digest}/approve", approver, {"items": ["1"]})
    await recorder.call("reject", "POST", f"/v1/approvals/{digest}/reject", approver, {"items": ["2"]})
    await recorder.call("list_changes", "GET", "/v1/changes", key)
    await recorder.call("undo", "POST", f"/v1/changes/{done['id']}/undo", key)


async def _catalogue(recorder: Recorder, key: str) -> None:
    await recorder.call("list_tasks", "GET", "/v1/tasks", key)
    await recorder.call("show_task", "GET", "/v1/tasks/sales_report", key)
    plan = await recorder.call("plan", "POST", "/v1/plans", key, {"text": MUG})
    report = next(subtask for subtask in plan["subtasks"] if subtask["task"] == "sales_report")
    await recorder.call("run_task", "POST", "/v1/tasks/sales_report", key, report["args"])
    recorder.kept["run_task"]["202"] = recorder.kept["ask"]["202"]


async def _keys(recorder: Recorder, key: str) -> None:
    wanted = {"name": "ERP", "scopes": ["read", "llm"], "models": ["frontier"], "budget_usd": "25.00", "expires_in_days": 90}
    made = await recorder.call("create_key", "POST", "/v1/keys", key, wanted)
    await recorder.call("rotate_key", "POST", f"/v1/keys/{made['id']}/rotate", key, {"overlap_hours": 24})
    await recorder.call("list_keys", "GET", "/v1/keys", key)
    await recorder.call("revoke_key", "POST", f"/v1/keys/{made['id']}/revoke", key)


async def _prompts(recorder: Recorder, key: str) -> None:
    made = await recorder.call("create_prompt", "POST", "/v1/prompts", key, {"name": "weekly", "text": "How did sales go last week?"})
    await recorder.call("list_prompts", "GET", "/v1/prompts", key)
    changed = {"name": "weekly", "text": "How did sales go last week, by day?"}
    await recorder.call("change_prompt", "POST", f"/v1/prompts/{made['id']}", key, changed)
    await recorder.call("delete_prompt", "POST", f"/v1/prompts/{made['id']}/delete", key)


async def _threads(recorder: Recorder, key: str) -> None:
    first = await recorder.call("asked", "POST", "/v1/asks", key, {"text": "what sold best this year", "thread_id": "week-47"})
    edited = {"text": "what sold best last month", "thread_id": "week-47", "instead_of": first["run_id"]}
    await recorder.call("asked", "POST", "/v1/asks", key, edited)
    del recorder.kept["asked"]
    await recorder.call("change_thread", "POST", "/v1/threads/week-47", key, {"title": "Best sellers", "pinned": True})
    await recorder.call("list_threads", "GET", "/v1/threads", key)
    await recorder.call("show_thread", "GET", f"/v1/threads/week-47?at={first['run_id']}", key)
    await recorder.call("export_thread", "GET", "/v1/threads/week-47/export", key)
    recorder.kept["export_thread"]["200"]["requests"] = recorder.kept["export_thread"]["200"]["requests"][:1]
    await recorder.call("print_thread", "GET", "/v1/threads/week-47/markdown", key)
    await recorder.call("delete_thread", "POST", "/v1/threads/week-47/delete", key)


async def _webhooks(recorder: Recorder, key: str) -> None:
    wanted = {"url": "https://shop.example/storehand", "events": ["run.finished", "approval.waiting"]}
    made = await recorder.call("create_webhook", "POST", "/v1/webhooks", key, wanted)
    where = f"/v1/webhooks/{made['id']}"
    sent = await recorder.call("test_webhook", "POST", f"{where}/test", key)
    await recorder.call("replay_delivery", "POST", f"/v1/webhooks/deliveries/{sent['id']}/replay", key)
    await recorder.call("list_deliveries", "GET", "/v1/webhooks/deliveries", key)
    await recorder.call("list_webhooks", "GET", "/v1/webhooks", key)
    await recorder.call("enable_webhook", "POST", f"{where}/enable", key)
    await recorder.call("delete_webhook", "POST", f"{where}/delete", key)


async def _spending(recorder: Recorder, key: str, house: House, shop: str) -> None:
    await recorder.call("wrote", "POST", "/v1/asks", key, {"text": "Write a product description for the Blue Ceramic Mug"})
    del recorder.kept["wrote"]
    now = datetime.now(UTC)
    await Commitments(house.accounts.db).add(shop, provider="acme", unit="usd", amount=Decimal(500), starts_at=now - timedelta(days=30), ends_at=None)
    await recorder.call("usage", "GET", "/v1/usage?by=task", key)
    await recorder.call("usage_of_runs", "GET", "/v1/usage/runs", key)
    await recorder.call("commitments", "GET", "/v1/commitments", key)
    await recorder.call("check_providers", "POST", "/v1/providers/check", key)
    await recorder.call("providers", "GET", "/v1/providers", key)
    for decision in ("continue", "raise", "stop"):
        pause = await _paused(house, shop, run=f"run_{decision}")
        await recorder.call("pauses", "GET", "/v1/pauses", key)
        await recorder.call(f"pause_{decision}", "POST", f"/v1/pauses/{pause}/{decision}", key)


async def _paused(house: House, shop: str, *, run: str) -> str:
    """The id of a real pause: a run that sent the same prompt again and again."""
    breaker = house.books.breaker
    if breaker is None:
        raise LookupError("the spend breaker is switched off")
    spender = Spender(shop=shop, run=run)
    looping = Attempt(alias="frontier", provider="acme", model="big-1", purpose="t", at=datetime.now(UTC), spender=spender, prompt_digest="d")
    for _ in range(Measures().repeats):
        breaker.saw(looping)
    return next(pause.id for pause in await breaker.pauses(shop))


async def _arguments(recorder: Recorder, key: str, house: House) -> dict[str, Any]:
    """What a plan of one of its own examples calls each task with."""
    found: dict[str, Any] = {}
    for task in house.service.tasks():
        for text in task.examples:
            plan = (await recorder.client.post("/v1/plans", headers={"authorization": f"Bearer {key}"}, json={"text": text})).json()
            alone = [subtask["args"] for subtask in plan["subtasks"] if subtask["task"] == task.name and "$ref" not in json.dumps(subtask["args"])]
            if alone and not plan["questions"]:
                found[task.name] = shortened(alone[0])
                break
    return found


def shortened(value: Any, name: str = "") -> Any:
    """The same with the first few of what repeats, and without what is shown once."""
    if isinstance(value, dict):
        return {inner: _hidden(inner, value) if _is_secret(inner, value) else shortened(value[inner], inner) for inner in value}
    if isinstance(value, list):
        most = {"items": MOST_ITEMS, "rows": MOST_ROWS, "ids": MOST_ROWS}.get(name, len(value))
        return [shortened(each) for each in value[:most]]
    return value


def _is_secret(name: str, told: Mapping[str, Any]) -> bool:
    return name in _SECRETS and isinstance(told[name], str)


def _hidden(name: str, told: Mapping[str, Any]) -> str:
    return _SECRETS[name].format(kind="whsec" if "url" in told else "sk_sh")


def first_events(stream: str) -> str:
    """The first event of a stream, the first piece of a text that is written in it, and its last event."""
    blocks = stream.strip().split("\n\n")
    pieces = [block for block in blocks if "event: text_delta" in block]
    return "\n\n".join([blocks[0], *pieces[:1], blocks[-1]]) + "\n\n"


def main() -> None:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        made = asyncio.run(recorded(Path(folder)))
    sys.stdout.write(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
