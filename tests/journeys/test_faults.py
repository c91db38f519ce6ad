"""Faults around Storehand: a second server, a taken port, a killed process, a full disk, damaged models. Nothing is lost and nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from agent.bootstrap import House, open_house
from agent.db.engine import Database, sqlite_url
from agent.errors import StorehandError
from agent.records import ROLE_SCOPES, Ask, ChangeSet, Principal, Role
from agent.settings import LimitSettings, Settings, load

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-c", "from agent.cli import main; main()"]
MUG = "Blue Ceramic Mug"


def command(*arguments: str | Path, package: Path | None = None) -> subprocess.CompletedProcess[str]:
    """
    Args:
        package: Folder to take Storehand from; None for the one under test.
    """
    env = {**os.environ, "PYTHONPATH": str(package)} if package else None
    return subprocess.run([*RUN, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=env, cwd=package, check=False)


def fails_well(done: subprocess.CompletedProcess[str], code: int) -> bool:
    return done.returncode == code and done.stderr.startswith("storehand: ") and done.stderr.count("\n") == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


class Server:
    """`storehand serve` in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.process = subprocess.Popen(
            [*RUN, "serve", "--data", str(data), "--port", str(self.port)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        assert self.process.stderr is not None
        self.first = self.process.stderr.readline()

    def client(self, key: str) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers={"authorization": f"Bearer {key}"}, timeout=60)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@contextmanager
def serving(data: Path) -> Iterator[Server]:
    server = Server(data)
    try:
        assert "listens on" in server.first, server.first
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def made_key(data: Path, scopes: str = "read,ask,approve") -> str:
    done = command("keys", "create", "--name", "test", "--scopes", scopes, "--data", data)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_second_server_is_refused_by_name_while_short_commands_go_on(data_folder: Path) -> None:
    with serving(data_folder) as server:
        second = command("serve", "--data", data_folder, "--port", str(free_port()))
        assert fails_well(second, 2) and f"process {server.process.pid}" in second.stderr and str(server.port) in second.stderr
        beside = command("ask", f"put the {MUG} at 15", "--json", "--yes", "--data", data_folder)
        assert beside.returncode == 0, beside.stderr
        assert json.loads(beside.stdout)["parts"][0]["change_set"]["state"] == "applied"
        with server.client(made_key(data_folder)) as client:
            seen = client.get("/v1/changes").json()["items"]
        assert [change["state"] for change in seen] == ["applied"]
        taken = command("serve", "--data", data_folder.parent / "other", "--port", str(server.port))
        assert fails_well(taken, 2) and "choose another --host or --port" in taken.stderr and "Making" not in taken.stderr
        assert server.end(signal.SIGTERM) == 0


def test_accepted_work_is_answered_202_and_its_events_resume_anywhere(data_folder: Path) -> None:
    with serving(data_folder) as server, server.client(made_key(data_folder)) as client:
        accepted = client.post("/v1/asks", json={"text": "top 3 products by revenue last month", "wait_s": 0})
        assert accepted.status_code == 202
        where = accepted.headers["location"]
        events = client.get(f"{where}/events").text
        ids = [int(line.removeprefix("id: ")) for line in events.splitlines() if line.startswith("id: ")]
        assert ids == list(range(1, len(ids) + 1)) and "event: run_finished" in events
        rest = client.get(f"{where}/events", headers={"last-event-id": str(ids[-2])}).text
        assert rest.startswith(f"id: {ids[-1]}\n") and rest.count("id: ") == 1
        assert client.get(where).json()["state"] == "done"
        stopped = client.post(f"{where}/stop")
        assert stopped.status_code == 200 and stopped.json()["state"] == "done"
        once = [client.post("/v1/asks", json={"text": f"put the {MUG} at 15"}, headers={"idempotency-key": "k1"}) for _ in range(2)]
        assert once[0].content == once[1].content and once[1].headers["idempotent-replayed"] == "true"
        other = client.post("/v1/asks", json={"text": "low stock"}, headers={"idempotency-key": "k1"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert len(client.get("/v1/approvals").json()["items"]) == 1


BIG = "raise the price of all products by 5%"


def test_a_server_killed_in_an_apply_finishes_it_at_the_next_start_each_change_once(data_folder: Path) -> None:
    asking, approving = made_key(data_folder), made_key(data_folder)
    with serving(data_folder) as server, server.client(asking) as client, server.client(approving) as boss:
        reply = client.post("/v1/asks", json={"text": BIG}).json()
        change_set = reply["parts"][0]["change_set"]
        assert len(change_set["items"]) > 100
        with suppress(httpx.HTTPError):
            boss.post(f"/v1/approvals/{change_set['digest']}/approve", json={}, timeout=httpx.Timeout(30, read=0.01))  # sent, and not waited for
        wait_for(lambda: states(client, change_set["digest"]).get("applied", 0) > 0)
        server.end(signal.SIGKILL)
    with serving(data_folder) as server, server.client(asking) as client:
        wait_for(lambda: set(states(client, change_set["digest"])) == {"applied"})
        run = client.get(f"/v1/runs/{reply['run_id']}").json()
        done = run["parts"][0]["change_set"]
        assert (run["state"], done["state"]) == ("done", "applied")
        expected = {item["what"]["target"]["id"]: item["what"]["after"]["amount"] for item in change_set["items"]}
    db = Database(sqlite_url(data_folder / "storehand.db"))
    with db.engine.connect() as connection:
        writes = connection.exec_driver_sql("select count(*) from shop_write").scalar_one()
    db.close()
    assert writes == len(expected)
    again = command("ask", BIG, "--json", "--dry-run", "--data", data_folder)
    now = {item["what"]["target"]["id"]: item["what"]["before"]["amount"] for item in json.loads(again.stdout)["parts"][0]["change_set"]["items"]}
    assert now == expected


def states(client: httpx.Client, digest: str) -> dict[str, int]:
    items = client.get("/v1/changes?limit=200").json()["items"]
    found = [item["state"] for change in items if change["digest"] == digest for item in change["items"]]
    return {state: found.count(state) for state in found}


def wait_for(seen: Callable[[], bool], *, within_s: float = 60) -> None:
    """What another process does is seen by looking."""
    deadline = time.monotonic() + within_s
    while not seen():
        assert time.monotonic() < deadline, "it did not come about"


@pytest.mark.parametrize("damage", ["cut short", "missing", "garbled manifest"])
def test_a_damaged_model_is_refused_at_start_by_name(demo_data: Path, tmp_path: Path, damage: str) -> None:
    """The package is run from a folder of its own, where the models beside it can be damaged."""
    for name in ("agent", "tasks", "prompts"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "models", tmp_path / "models")
    model, manifest = tmp_path / "models/encoder/lower.onnx", tmp_path / "models/encoder/manifest.toml"
    if damage == "cut short":
        model.write_bytes(model.read_bytes()[:1000])
    elif damage == "missing":
        model.unlink()
    else:
        manifest.write_text("files = 3\n")
    done = command("ask", "low stock", "--data", demo_data, package=tmp_path)
    assert fails_well(done, 2), done.stderr
    assert str((manifest if damage == "garbled manifest" else model).name) in done.stderr and "restore" in done.stderr


def test_two_commands_at_once_on_a_new_folder_both_see_the_whole_demo_shop(tmp_path: Path) -> None:
    asking = [*RUN, "ask", "how many orders did we get last month", "--json", "--data", str(tmp_path / "data")]
    both = [subprocess.Popen(asking, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    first, second = (json.loads(out)["parts"][0]["evidence"]["rows"] for out, _ in told)
    assert first == second > 0


def test_a_demo_shop_whose_making_was_killed_is_made_whole_at_the_next_start(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*RUN, "ask", "low stock", "--data", str(tmp_path / "data")], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None and "Making the demo shop" in process.stderr.readline()
    wait_for(lambda: "demo" in command("shops", "list", "--data", tmp_path / "data").stdout)
    process.kill()
    process.communicate(timeout=30)
    done = command("ask", "top 3 products by revenue last month", "--json", "--data", tmp_path / "data")
    assert done.returncode == 0 and json.loads(done.stdout)["parts"][0]["evidence"]["rows"] > 0, done.stderr


# the disk


def in_house(settings: Settings, work: Any) -> None:
    async def inner() -> None:
        async with open_house(settings) as house:
            shop = await house.shop("demo")
            await work(house, Principal("person:anna", "person", "Anna", shop.id, ROLE_SCOPES[Role.OWNER], Role.OWNER))

    asyncio.run(inner())


class Disk:
    """Room for no more pages than the database has, once it is filled."""

    def __init__(self, house: House) -> None:
        self.engine, self.pages = house.accounts.db.engine, 0
        event.listen(self.engine, "checkout", self._limit)

    def _limit(self, connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages or 10_000_000}")

    def fill(self) -> None:
        with self.engine.connect() as connection:
            self.pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def free(self) -> None:
        self.pages = 0


async def settled(look: Callable[..., Awaitable[ChangeSet]], digest: str, who: Principal) -> ChangeSet:
    """The engine's own timer goes on with it; seen by looking."""
    async with asyncio.timeout(60):
        while True:
            if (found := await look(digest, who)).state != "applying":
                return found


def test_a_full_disk_is_told_and_what_was_approved_is_done_once_there_is_room(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        service, disk = house.service, Disk(house)
        change_set = (await service.ask(Ask(BIG, locale="en-GB", shop=who.shop), who)).parts[0].change_set
        assert change_set is not None and len(change_set.items) > 100
        disk.fill()
        try:
            done = await service.approve(change_set.digest, who)
        except StorehandError as error:
            assert error.retriable and "disk is full" in str(error)
            disk.free()
            done = await service.approve(change_set.digest, who)
        assert done.state in ("applied", "applying")
        disk.free()
        done = await settled(service.approval, change_set.digest, who)
        assert done.state == "applied" and {item.state for item in done.items} == {"applied"}

    in_house(load(data=data_folder, environ={}), work)


def test_a_request_on_a_full_disk_is_answered_or_refused_in_a_sentence(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        disk = Disk(house)
        disk.fill()
        refused = answered = 0
        for n in range(40):
            text = "top 3 products by revenue last month" if n % 2 else f"put the {MUG} at 15"
            try:
                reply = await house.service.ask(Ask(text, locale="en-GB", shop=who.shop), who)
            except StorehandError as error:
                assert error.retriable and str(error).endswith(".")
                refused += 1
            else:
                answered += 1
                assert all("broke" not in part.text for part in reply.parts)
        assert refused > 0
        disk.free()
        after = await house.service.ask(Ask(f"put the {MUG} at 15", locale="en-GB", shop=who.shop), who)
        assert len(after.approvals) == 1

    in_house(load(data=data_folder, environ={}), work)


def test_more_than_the_limit_is_refused_with_the_setting_to_change(data_folder: Path) -> None:
    async def work(house: House, who: Principal) -> None:
        reply = await house.service.ask(Ask(f"put the {MUG} at 12.75", locale="en-GB", shop=who.shop), who)
        assert reply.approvals == [] and "limits.items_per_change" in reply.parts[0].text

    in_house(load(data=data_folder, environ={}).model_copy(update={"limits": LimitSettings(items_per_change=1)}), work)
