"""Forks processes to be killed: imports once, then one child per line of JSON on stdin, so that a kill costs milliseconds and not seconds.

{"do": "store", "folder", "dies": [point, effects] | null}        a store in a process of its own; answers {"pid"}
{"do": "approve" | "serve", "folder", "kill": [point, nth] | null, "wait": bool}   answers {"pid"} or, waited for, {"status"}
{"do": "wait" | "kill" | "continue", "pid"}                                     answers {"status"}
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import dbos  # noqa: F401  # imported before the forks: half a second
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from agent.approvals import Approvals
from agent.db.engine import Database, sqlite_url
from agent.db.tables import DecisionRow, TimerRow
from agent.records import ROLE_SCOPES, Principal, Role
from agent.runs.durable import DurableRuns
from agent.sdk import Change, Money, Proposal, Target, say
from agent.testing.remote_store import RemoteStore, StoreServer, dies_once

SHOP, ITEMS = "shop_a", 23
OWNER = Principal("p_owner", "person", "Olga", SHOP, ROLE_SCOPES[Role.OWNER], Role.OWNER)


def changes() -> list[Change]:
    """Moves of stock, which show when they are done twice, with prices and a new record among them, over more than one chunk."""
    made: list[Change] = []
    for n in range(ITEMS - 1):
        target = Target("variant", f"v{n}", f"Mug {n}")
        if n % 3 == 2:
            made.append(Change.set(target, "price", before=Money.of("10.00", "EUR"), after=Money.of("9.00", "EUR")))
        else:
            made.append(Change.add(target, "stock:main", before=5, delta=7))
    return [*made, Change.create("discount", "SUMMER", {"code": "SUMMER", "kind": "percent", "value": "20"})]


class KillAt:
    """Kills the process with -9 (or stops it, to be continued) the nth time it comes to a point."""

    def __init__(self, point: str, nth: int, how: int = signal.SIGKILL) -> None:
        self._point, self._left, self._how = point, nth, how

    def __call__(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._how)


async def approve(folder: Path, kill: Any) -> None:
    db = Database(sqlite_url(folder / "storehand.db"))
    SQLModel.metadata.create_all(db.engine)
    runs = DurableRuns(db, folder / "runs.db", look_every_s=0.05)
    approvals = Approvals(db, runs, lambda _shop: RemoteStore(folder / "store.sock"), crash_at=KillAt(*kill) if kill else lambda _point: None)
    await runs.start()
    opened = await approvals.open(Proposal(say("Restock"), changes=changes()), shop=SHOP, principal=OWNER, run="run_1", subtask="s1")
    await approvals.approve(opened.digest, OWNER)
    await runs.stop()
    db.close()


async def serve(folder: Path, kill: Any) -> None:
    """A start of Storehand: runs until nothing is left to finish."""
    db = Database(sqlite_url(folder / "storehand.db"))
    runs = DurableRuns(db, folder / "runs.db", look_every_s=0.05, launch_after_s=0, lease_s=0.5)
    Approvals(db, runs, lambda _shop: RemoteStore(folder / "store.sock"), crash_at=KillAt(*kill) if kill else lambda _point: None)
    await runs.start()
    async with asyncio.timeout(30):
        while True:
            if not await db.read(unfinished):
                break
            await asyncio.sleep(0.02)
    await runs.stop()
    db.close()


def unfinished(session: Any) -> int:
    left = session.scalar(select(func.count()).select_from(DecisionRow).where(col(DecisionRow.ended_at).is_(None)))
    waiting = session.scalar(select(func.count()).select_from(TimerRow).where(col(TimerRow.state) == "waiting"))
    return (left or 0) + (waiting or 0)


def child(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            folder = Path(order["folder"])
            if order["do"] == "store":
                ledger, dies = folder / "ledger.jsonl", order["dies"]
                death = dies_once(*dies, ledger.with_suffix(".died")) if dies else lambda _point, _n: None
                (folder / "store.sock").unlink(missing_ok=True)
                asyncio.run(StoreServer(ledger, dies=death).serve(folder / "store.sock"))
            asyncio.run({"approve": approve, "serve": serve}[order["do"]](folder, order["kill"]))
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)
    return pid


def answer(order: dict[str, Any]) -> dict[str, int]:
    if order["do"] == "store":
        pid = child(order)
        while not (Path(order["folder"]) / "store.sock").exists():
            time.sleep(0.002)
        return {"pid": pid}
    if order["do"] in ("kill", "continue"):
        os.kill(order["pid"], signal.SIGKILL if order["do"] == "kill" else signal.SIGCONT)
    pid = order["pid"] if order["do"] in ("wait", "kill", "continue") else child(order)
    if not order.get("wait", True):
        return {"pid": pid}
    return {"status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201  # the protocol of this process
