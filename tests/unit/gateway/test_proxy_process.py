"""The gateway alone as a process of its own, stopped while rows wait to be written."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.ledger.keys import Keys
from agent.ledger.usage import usage
from agent.records import Scope
from agent.testing.fake_provider import FakeProvider

CONFIG = """
[providers.acme]
dialect = "openai"
base_url = "{url}/v1"
key = "sk-acme"
[aliases.frontier]
targets = ["acme/good"]
"""
CALLS = 40


def test_every_call_is_a_row_though_the_process_is_told_to_stop_at_once(tmp_path: Path) -> None:
    assert asyncio.run(_stopped_at_once(tmp_path)) == ({200}, 0, CALLS)


async def _stopped_at_once(folder: Path) -> tuple[set[int], int | None, int]:
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    secret = (await Keys(db).create("test", shop="shop_test", scopes=[Scope.LLM])).secret
    async with FakeProvider() as fake:
        (folder / "storehand.toml").write_text(CONFIG.format(url=fake.url), encoding="utf-8")
        port = _free_port()
        arguments = ["serve", "--parts", "llm", "--data", str(folder), "--port", str(port)]
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"from agent.cli import main\nmain({arguments!r})", stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"STOREHAND_CONFIG": str(folder / "storehand.toml")},
        )  # fmt: skip
        assert server.stderr is not None and b"listens" in await server.stderr.readline()
        body = {"model": "frontier", "messages": [{"role": "user", "content": "Say it."}]}
        headers = {"authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/llm/v1", headers=headers, timeout=30) as http:
            replies = await asyncio.gather(*(http.post("/chat/completions", json=body) for _ in range(CALLS)))
            server.send_signal(signal.SIGTERM)
        status = await server.wait()
    lines = await usage(db, "shop_test", by="model")
    db.close()
    return {reply.status_code for reply in replies}, status, sum(line.calls for line in lines)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
