"""The Python client against a real server: its README as it stands, a stream cut a thousand times, a server killed and started again."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

CLIENT = Path(__file__).parents[2] / "clients/python"
GUIDE = Path(__file__).parents[2] / "docs/guide"
sys.path.insert(0, str(CLIENT))
from storehand_client import Storehand, StorehandError  # noqa: E402  # the client is a distribution of its own

STOREHAND = [sys.executable, "-c", "from agent.cli import main; main()"]
CHANGE = "put the Blue Ceramic Mug at 12.50"


@dataclass
class Served:
    """A server that can be killed and started again on the same data and the same port."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    config: Path | None = None

    @classmethod
    def on_free_port(cls, data: Path, *, config: Path | None = None) -> Served:
        with socket.create_server(("127.0.0.1", 0)) as free:
            return cls(data, free.getsockname()[1], config=config)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*STOREHAND, "serve", "--data", str(self.data), "--port", str(self.port)], stderr=subprocess.DEVNULL, env=self.env()
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.url}/readyz", timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        pytest.fail("the server does not answer")

    def env(self) -> dict[str, str]:
        return {**os.environ, **({"STOREHAND_CONFIG": str(self.config)} if self.config else {})}

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)

    def key(self, *more: str) -> str:
        command = [*STOREHAND, "keys", "create", "--name", "test", "--data", str(self.data), "--shop", "demo", *more]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=self.env()).stdout.strip()


@contextmanager
def serving(data: Path) -> Iterator[Served]:
    made = Served.on_free_port(data)
    made.start()
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def served(data_folder: Path) -> Iterator[Served]:
    with serving(data_folder) as made:
        yield made


def as_written(page: Path, served: Served) -> str:
    """What a page's Python prints, run in one process with the keys that its commands make."""
    text = page.read_text(encoding="utf-8")
    keys, code = re.findall(r"```sh\n(.*?)```", text, re.S)[0], "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))
    made = {name: served.key(*options.split()) for name, options in re.findall(r'export (\w+)=\$\(storehand keys create --name "[^"]*" (.*)\)', keys)}
    env = {**os.environ, **made, "STOREHAND_URL": served.url, "PYTHONPATH": str(CLIENT)}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_clients_readme_and_the_guide_lead_to_an_approved_price_change_in_a_sandbox(served: Served) -> None:
    said = as_written(CLIENT / "README.md", served)
    assert "change_price proposal" in said and "403 not_allowed" in said and "run_finished" in said
    applied = [line for line in said.splitlines() if line.startswith("applied")]
    assert len(applied) == 2 and applied[0].count("('applied', {'amount': '12.50', 'currency': 'EUR'})") == 2 and applied[1] == "applied"
    by_hand = as_written(GUIDE / "api.md", served)
    assert "change_price proposal" in by_hand and "403 not_allowed" in by_hand and "202 /v1/runs/run_" in by_hand and "run_finished" in by_hand
    assert by_hand.count("('applied', {'amount': '12.50', 'currency': 'EUR'})") == 2
    with Storehand(served.url, served.key("--scopes", "read")) as owner:
        assert owner.list_changes().items == []  # the shop itself is as it was


def test_a_stream_cut_a_thousand_times_is_the_same_stream(served: Served) -> None:
    key = served.key("--scopes", "read,ask")
    with Storehand(served.url, key) as client:
        run = client.ask("what were my top 3 products last month, show me the messages nobody answered and " + CHANGE).run_id
        whole = [event.model_dump() for event in client.events(run)]
    assert [event["seq"] for event in whole] == list(range(1, len(whole) + 1)) and len(whole) > 8
    dice, cuts, last = random.Random(6), 0, b""
    with httpx.Client(base_url=served.url, headers={"authorization": f"Bearer {key}"}) as http:
        raw = http.get(f"/v1/runs/{run}/events").content
        ids = [int(found) for found in re.findall(rb"^id: (\d+)$", raw, re.M)]
        starts = {seq: raw.index(b"id: %d\n" % seq) for seq in ids}
        while cuts < 1000:
            seen = dice.choice([0, *ids[:-1]])
            rest, most = b"", dice.randrange(1, len(raw))
            with http.stream("GET", f"/v1/runs/{run}/events", headers={"last-event-id": str(seen)}) as reply:
                for piece in reply.iter_bytes(dice.choice([64, 256, 4096])):
                    rest += piece
                    if len(rest) >= most:
                        break
            last = raw[starts[seen + 1] :]
            assert rest and last.startswith(rest)
            cuts += 1


def test_killed_while_a_stream_is_open_and_an_approval_is_applied_nothing_is_lost_or_doubled(served: Served) -> None:
    asks, approves = served.key("--scopes", "read,ask"), served.key("--scopes", "read,approve")
    dice = random.Random(9)
    with Storehand(served.url, asks, attempts=30) as app, Storehand(served.url, approves, attempts=30) as approver:
        reply = app.ask(CHANGE)
        (digest,) = reply.approvals
        stream = app.events(reply.run_id)
        before = [next(stream) for _ in range(3)]
        approving = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from storehand_client import Storehand; Storehand({served.url!r}, {approves!r}, attempts=30).approve({digest!r})",
            ],
            env={**os.environ, "PYTHONPATH": str(CLIENT)},
        )
        time.sleep(dice.uniform(0.3, 0.6))  # somewhere before, in or after the apply: each must end well
        served.end(signal.SIGKILL)
        served.start()
        after = list(stream)
        assert approving.wait(60) == 0
        assert [event.seq for event in [*before, *after]] == list(range(1, len(before) + len(after) + 1))
        changes = [change for change in approver.every(approver.list_changes) if change.digest == digest]
        assert [(change.state, [item.state for item in change.items]) for change in changes] == [("applied", ["applied", "applied"])]
        whole = list(app.events(reply.run_id))
        assert whole[: len(before)] == before
        assert [event.type for event in whole].count("change_applied") == 2
        assert app.show_run(reply.run_id).state == "done"


def test_one_call_in_many_hands_makes_one_run(served: Served) -> None:
    with Storehand(served.url, served.key("--scopes", "read,ask"), attempts=20) as app:
        first = app.ask(CHANGE, idempotency_key="job-17")
        assert app.ask(CHANGE, idempotency_key="job-17") == first
        with pytest.raises(StorehandError) as refused:
            app.ask("what sold best last month", idempotency_key="job-17")
        assert (refused.value.status, refused.value.code) == (422, "idempotency_mismatch")
        served.end(signal.SIGKILL)
        served.start()
        assert app.ask(CHANGE, idempotency_key="job-17") == first
        assert len([run for run in app.every(app.list_runs, limit=1) if run.text == CHANGE]) == 1
