"""Messages reach a real receiver signed, again and again until it takes them, and never go where they should not."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.spend import PauseRow
from agent.db.upgrade import upgrade
from agent.errors import Invalid, NotAllowed
from agent.records import ROLE_SCOPES, Principal, Role, RunEvent
from agent.runs.timers import Timers
from agent.testing.inline_runs import InlineRuns
from agent.webhooks.hooks import AGAIN_AFTER_S, JITTER, Delivery, Webhooks
from agent.webhooks.sending import HttpSender, checked_url, is_public
from agent.webhooks.signing import is_signed, new_secret

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWNER = Principal("person_olga", "person", "Olga", "shop_1", ROLE_SCOPES[Role.OWNER], Role.OWNER)
STAFF = Principal("person_sam", "person", "Sam", "shop_1", ROLE_SCOPES[Role.STAFF], Role.STAFF)


class Receiver:
    """A server on loopback that answers as told and remembers what it was sent."""

    def __init__(self) -> None:
        self.status, self.heard = 200, list[tuple[dict[str, str], bytes]]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "http://169.254.169.254/")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Desk:
    def __init__(self, path: Path, *, now: datetime = NOON, crash_at: Callable[[str], None] = lambda point: None, chance: float = 0.5) -> None:
        self.db, self.now = Database(sqlite_url(path)), now
        upgrade(self.db)
        self.runs = InlineRuns(Timers(self.db, clock=lambda: self.now))
        self.hooks = Webhooks(
            self.db, self.runs, HttpSender(allow_private=True), allow_private=True, clock=lambda: self.now, chance=lambda: chance, crash_at=crash_at
        )  # fmt: skip

    async def pass_(self, seconds: float = 0) -> None:
        self.now += timedelta(seconds=seconds)
        await self.runs.fire_due()

    async def tell(self, type: str = "automation.fired", **data: object) -> None:
        await self.db.write(lambda s: self.hooks.tell(s, "shop_1", type, data))

    async def last(self) -> Delivery:
        return (await self.hooks.deliveries(OWNER)).items[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "storehand.db")
    yield made
    made.db.close()


def test_a_message_is_signed_so_that_the_receiver_can_tell_who_sent_it(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        _, secret = await desk.hooks.create(receiver.url, OWNER)
        await desk.tell(name="Low stock")
        await desk.pass_()
        ((headers, body),) = receiver.heard
        assert json.loads(body) == {"type": "automation.fired", "timestamp": "2026-11-22T12:00:00Z", "data": {"name": "Low stock"}}
        assert is_signed(secret, headers, body, now=desk.now)
        assert not is_signed(secret, headers, body + b" ", now=desk.now)
        assert not is_signed(new_secret(), headers, body, now=desk.now)
        assert not is_signed(secret, headers, body, now=desk.now + timedelta(minutes=6))
        assert secret.startswith("whsec_")
        assert (await desk.last()).state == "delivered"

    asyncio.run(run())


def test_the_signature_is_the_one_of_the_published_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks: secret, id, timestamp and payload of its test vectors."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }  # fmt: skip
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC)
    assert is_signed(secret, headers, b'{"test": 2432232314}', now=at)


def test_a_receiver_that_fails_is_tried_ten_times_within_three_days_under_one_message_id(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER)
        receiver.status = 503
        await desk.tell()
        await desk.pass_()
        waits = []
        for _ in AGAIN_AFTER_S:
            one = await desk.last()
            assert one.state == "waiting" and one.next_at is not None
            waits.append((one.next_at - desk.now).total_seconds())
            await desk.pass_(waits[-1] - 1)
            seen = len(receiver.heard)
            await desk.pass_(1)
            assert len(receiver.heard) == seen + 1
        one = await desk.last()
        assert (one.state, one.attempts, one.status) == ("failed", 10, 503)
        assert waits == list(AGAIN_AFTER_S)
        assert sum(waits) <= timedelta(days=3).total_seconds()
        assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1

    asyncio.run(run())


def test_waits_are_spread_so_that_receivers_do_not_get_everything_at_once(tmp_path: Path, receiver: Receiver) -> None:
    async def wait(chance: float) -> float:
        desk = Desk(tmp_path / f"{chance}.db", chance=chance)
        await desk.hooks.create(receiver.url, OWNER)
        receiver.status = 500
        await desk.tell()
        await desk.pass_()
        next_at = (await desk.last()).next_at
        desk.db.close()
        assert next_at is not None
        return (next_at - desk.now).total_seconds()

    assert asyncio.run(wait(0.0)) == pytest.approx(AGAIN_AFTER_S[0] * (1 - JITTER))
    assert asyncio.run(wait(1.0)) == pytest.approx(AGAIN_AFTER_S[0] * (1 + JITTER))


def test_410_disables_the_endpoint_until_it_is_enabled_again(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        made, _ = await desk.hooks.create(receiver.url, OWNER)
        receiver.status = 410
        await desk.tell()
        await desk.pass_()
        (endpoint,) = await desk.hooks.endpoints(OWNER)
        assert (endpoint.state, "410" in str(endpoint.reason)) == ("disabled", True)
        await desk.tell()
        await desk.pass_(60)
        assert len(receiver.heard) == 1
        receiver.status = 204
        await desk.hooks.enable(made.id, OWNER)
        await desk.tell()
        await desk.pass_()
        assert len(receiver.heard) == 2

    asyncio.run(run())


def test_a_failed_delivery_is_replayed_under_the_same_message_id(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER)
        receiver.status = 410
        await desk.tell(n=1)
        await desk.pass_()
        failed = await desk.last()
        receiver.status = 200
        await desk.hooks.enable(failed.endpoint, OWNER)
        again = await desk.hooks.replay(failed.id, OWNER)
        await desk.pass_()
        assert (again.message, again.id != failed.id, (await desk.last()).state) == (failed.message, True, "delivered")
        assert receiver.heard[0][1] == receiver.heard[1][1]

    asyncio.run(run())


def test_only_chosen_events_are_sent_and_only_of_the_own_shop(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER, events=["report.ready"])
        await desk.tell("automation.fired")
        await desk.db.write(lambda s: desk.hooks.tell(s, "shop_2", "report.ready", {}))
        await desk.tell("report.ready")
        await desk.pass_()
        assert [json.loads(body)["type"] for _, body in receiver.heard] == ["report.ready"]

    asyncio.run(run())


def test_a_run_tells_when_it_is_finished_and_when_an_approval_waits(desk: Desk, receiver: Receiver) -> None:
    waiting = {"digest": "d", "change_set": {"digest": "d", "summary": "Blue mug: price", "risk": "low", "expires_at": "x", "totals": {"count": 1}}}
    done = {"reply": {"parts": [{"task": "sales_report", "kind": "answer", "text": "EUR 5", "data": None}]}}
    events = [
        RunEvent(run="run_1", seq=1, at=NOON, type="run_started"),
        RunEvent(run="run_1", seq=2, at=NOON, type="approval_waiting", data=waiting),
        RunEvent(run="run_1", seq=3, at=NOON, type="run_finished", data=done),
    ]

    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER)
        await desk.db.write(lambda s: desk.hooks.overhear(s, "shop_1", events))
        await desk.pass_()
        told = {json.loads(body)["type"]: json.loads(body)["data"] for _, body in receiver.heard}
        assert told["approval.waiting"] == {"run": "run_1", "count": 1, "digest": "d", "summary": "Blue mug: price", "risk": "low", "expires_at": "x"}
        assert told["run.finished"] == {"run": "run_1", "state": "done", "parts": [{"task": "sales_report", "kind": "answer", "text": "EUR 5"}]}

    asyncio.run(run())


def test_a_spending_pause_is_told_once(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER)
        pause = PauseRow(shop_id="shop_1", id="pause_1", kind="key", subject="key_1", reason="rate", detail="10 times the usual", at=NOON)
        await desk.db.write(lambda s: s.add(pause))
        for _ in range(3):
            await desk.hooks.tell_pauses("shop_1")
            await desk.pass_(5)
        assert [json.loads(body)["type"] for _, body in receiver.heard] == ["spend.paused"]

    asyncio.run(run())


def test_a_deleted_endpoint_gets_nothing_that_still_waited(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        made, _ = await desk.hooks.create(receiver.url, OWNER)
        await desk.tell()
        await desk.hooks.delete(made.id, OWNER)
        await desk.pass_()
        assert (receiver.heard, (await desk.last()).state) == ([], "cancelled")

    asyncio.run(run())


def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver) -> None:
    async def run() -> None:
        await desk.hooks.create(receiver.url, OWNER)
        receiver.status = 302
        await desk.tell()
        await desk.pass_()
        one = await desk.last()
        assert (len(receiver.heard), one.state, one.status) == (1, "waiting", 302)

    asyncio.run(run())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "not an address"],
)  # fmt: skip
def test_an_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://shop.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://u:p@shop.example/", "ftp://x", "https://"],
)
def test_an_endpoint_that_messages_are_not_sent_to_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        checked_url(url, allow_private=False)


def test_a_name_that_turns_private_between_check_and_use_is_not_reached(receiver: Receiver) -> None:
    """DNS rebinding: what counts is the address at the moment of connecting."""
    port = int(receiver.url.split(":")[2].split("/")[0])

    async def to_loopback(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    for lookup in (to_loopback, mixed):
        answered = asyncio.run(HttpSender(lookup=lookup).send(f"https://rebinding.example:{port}/", b"{}", {}))
        assert (answered.status, answered.error) == (None, "The address leads into this machine's own network; nothing was sent.")
    assert receiver.heard == []


def test_only_an_owner_sets_webhooks_up(desk: Desk, receiver: Receiver) -> None:
    with pytest.raises(NotAllowed):
        asyncio.run(desk.hooks.create(receiver.url, STAFF))


def test_a_message_survives_a_kill_and_is_sent_again_under_the_same_id(tmp_path: Path, receiver: Receiver) -> None:
    """Killed with -9 after sending and before writing it down: sent at least once, and the receiver can tell that it is the same."""
    path = tmp_path / "storehand.db"

    async def begin(desk: Desk) -> None:
        await desk.hooks.create(receiver.url, OWNER)
        await desk.tell()

    first = Desk(path)
    asyncio.run(begin(first))
    first.db.close()
    child = os.fork()
    if child == 0:
        asyncio.run(Desk(path, crash_at=lambda point: os.kill(os.getpid(), signal.SIGKILL)).pass_())
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    after = Desk(path, now=NOON + timedelta(minutes=1))

    async def finish() -> None:
        await after.runs.start()
        await after.pass_()
        assert (await after.last()).state == "delivered"

    asyncio.run(finish())
    after.db.close()
    assert len(receiver.heard) == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
