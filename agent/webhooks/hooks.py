"""Endpoints, messages and their deliveries.

A message is written with what it tells of, in one transaction, with a timer for its first attempt. Each attempt ends well and sets the
timer of the next; the same id goes with every attempt, so a receiver that hears twice can tell.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.own import WebhookDeliveryRow, WebhookEndpointRow
from agent.db.spend import PauseRow
from agent.errors import Invalid, NotAllowed, NotFound
from agent.records import Principal, Scope, decode, encode, new_id
from agent.records.runs import RunEvent
from agent.runs.engine import RunEngine
from agent.runs.timers import utc_now
from agent.sdk.store import Page
from agent.webhooks.sending import Answered, Sender, checked_url
from agent.webhooks.signing import headers_for, new_secret

EventName = Literal[
    "run.finished", "approval.waiting", "automation.fired", "automation.paused", "report.ready", "spend.paused", "webhook.test",
]  # fmt: skip
EVENTS: tuple[EventName, ...] = get_args(EventName)
DELIVER = "webhook_delivery"
AGAIN_AFTER_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 70_000)
"""Seconds between attempts, before jitter: ten attempts within three days. Source: the schedule that Standard Webhooks recommends."""
JITTER = 0.2
MOST_ENDPOINTS = 20
LARGEST_PAGE = 250
_PAUSED_LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    id: str
    url: str
    events: Sequence[EventName]
    """Empty for all."""
    state: Literal["enabled", "disabled"]
    reason: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    id: str
    endpoint: str
    message: str
    type: str
    state: Literal["waiting", "delivered", "failed", "cancelled"]
    attempts: int
    status: int | None
    error: str | None
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None


class Webhooks:
    def __init__(
        self,
        db: Database,
        runs: RunEngine,
        sender: Sender,
        *,
        allow_private: bool = False,
        clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
        crash_at: Callable[[str], None] = lambda point: None,
    ) -> None:
        """
        Args:
            runs: Not yet started: what it has left over from an earlier process is work of ours.
            allow_private: Whether endpoints may lie in this machine's own network, by http too.
            chance: A number in [0, 1), for jitter.
        """
        self._db, self._runs, self._sender, self._allow_private = db, runs, sender, allow_private
        self._clock, self._chance, self._crash_at = clock, chance, crash_at
        runs.register(DELIVER, self._deliver)

    # endpoints

    async def create(self, url: str, principal: Principal, *, events: Sequence[EventName] = ()) -> tuple[Endpoint, str]:
        """The endpoint and its secret, which is shown this once.

        Raises:
            Invalid: The address is none, or leads into this machine's own network.
            NotAllowed: The principal may not; it needs the scope admin.
        """
        self._may(principal)
        row = WebhookEndpointRow(
            shop_id=principal.shop, id=new_id("hook"), url=checked_url(url, allow_private=self._allow_private), secret=new_secret(),
            events=encode(sorted(set(events))).decode(), state="enabled", created_by=principal.id, created_at=self._clock(),
        )  # fmt: skip

        def write(session: Session) -> None:
            mine = select(col(WebhookEndpointRow.id)).where(col(WebhookEndpointRow.shop_id) == principal.shop)
            if len(session.scalars(mine).all()) >= MOST_ENDPOINTS:
                raise Invalid(f"A shop has at most {MOST_ENDPOINTS} webhooks; delete one first.", field="url")
            session.add(row)

        await self._db.write(write)
        return _endpoint(row), row.secret

    async def endpoints(self, principal: Principal) -> list[Endpoint]:
        self._may(principal)
        mine = select(WebhookEndpointRow).where(col(WebhookEndpointRow.shop_id) == principal.shop).order_by(col(WebhookEndpointRow.id))
        return await self._db.read(lambda s: [_endpoint(row) for row in s.scalars(mine)])

    async def enable(self, id: str, principal: Principal) -> Endpoint:
        """Send to it again, from now on; what failed meanwhile can be replayed."""
        return await self._changed(id, principal, lambda s, row: _set(row, "enabled", None))

    async def delete(self, id: str, principal: Principal) -> Endpoint:
        """Forget the endpoint; what still waited for it is not sent."""

        def gone(session: Session, row: WebhookEndpointRow) -> None:
            _cancel(session, row)
            session.delete(row)

        return await self._changed(id, principal, gone)

    # deliveries

    async def deliveries(self, principal: Principal, *, endpoint: str | None = None, limit: int = 50, cursor: str | None = None) -> Page[Delivery]:
        """The newest first."""
        self._may(principal)
        row, size = WebhookDeliveryRow, max(1, min(limit, LARGEST_PAGE))
        wanted = select(row).where(col(row.shop_id) == principal.shop).order_by(col(row.id).desc()).limit(size + 1)
        wanted = wanted.where(col(row.endpoint_id) == endpoint) if endpoint is not None else wanted
        wanted = wanted.where(col(row.id) < cursor) if cursor is not None else wanted
        found = await self._db.read(lambda s: [_delivery(one) for one in s.scalars(wanted)])
        return Page(found[:size], found[size - 1].id if len(found) > size else None)

    async def replay(self, id: str, principal: Principal) -> Delivery:
        """Send the message of a delivery again, under the same message id, to the endpoint as it is now.

        Raises:
            NotFound: There is no such delivery, or its endpoint is gone.
        """
        self._may(principal)

        def write(session: Session) -> Delivery:
            old = session.get(WebhookDeliveryRow, (principal.shop, id))
            if old is None:
                raise NotFound("delivery", id)
            endpoint = session.get(WebhookEndpointRow, (principal.shop, old.endpoint_id))
            if endpoint is None:
                raise NotFound("webhook", old.endpoint_id)
            return _delivery(self._waiting(session, endpoint, old.type, old.body, old.message))

        return await self._db.write(write)

    async def test(self, id: str, principal: Principal) -> Delivery:
        """Send a message that says only that it is a test."""
        self._may(principal)

        def write(session: Session) -> Delivery:
            endpoint = self._mine(session, id, principal)
            body = self._body("webhook.test", {"webhook": id})
            return _delivery(self._waiting(session, endpoint, "webhook.test", body, new_id("msg")))

        return await self._db.write(write)

    # telling

    def tell(self, session: Session, shop: str, type: str, data: Mapping[str, Any], *, message: str | None = None) -> None:
        """Write a message to every endpoint that wants it, in the caller's transaction.

        Args:
            message: Its id, where the same thing may be told again and is one message; a new one else.
        """
        wanted = select(WebhookEndpointRow).where(col(WebhookEndpointRow.shop_id) == shop, col(WebhookEndpointRow.state) == "enabled")
        endpoints = [row for row in session.scalars(wanted) if not (chosen := decode(row.events)) or type in chosen]
        if endpoints:
            message, body = message or new_id("msg"), self._body(type, data)
            for endpoint in endpoints:
                self._waiting(session, endpoint, type, body, message)

    def overhear(self, session: Session, shop: str, events: Sequence[RunEvent]) -> None:
        """What a run's events have to tell, in the transaction that keeps them."""
        for event in events:
            if event.type == "approval_waiting":
                found = event.data["change_set"]
                told = {name: found[name] for name in ("digest", "summary", "risk", "expires_at")}
                self.tell(session, shop, "approval.waiting", {"run": event.run, "count": found["totals"]["count"], **told})
            elif event.type in _ENDS:
                reply = event.data.get("reply") or {}
                parts = [{name: part[name] for name in ("task", "kind", "text")} for part in reply.get("parts", ())]
                self.tell(session, shop, "run.finished", {"run": event.run, "state": _ENDS[event.type], "parts": parts})

    async def tell_pauses(self, shop: str) -> None:
        """Tell of spending that was paused lately, once each: the breaker writes its pauses in the middle of calls, and tells nobody."""
        since = self._clock() - _PAUSED_LATELY
        mine = (col(PauseRow.shop_id) == shop, col(PauseRow.state) == "open", col(PauseRow.at) > since)
        if not await self._db.read(lambda s: s.scalars(select(col(PauseRow.id)).where(*mine).limit(1)).all()):
            return

        def write(session: Session) -> None:
            for pause in session.scalars(select(PauseRow).where(*mine)):
                message = f"msg_pause_{pause.id}"
                told = select(col(WebhookDeliveryRow.id)).where(col(WebhookDeliveryRow.shop_id) == shop, col(WebhookDeliveryRow.message) == message)
                if session.scalar(told.limit(1)) is None:
                    data = {name: getattr(pause, name) for name in ("id", "kind", "subject", "reason", "detail", "at")}
                    self.tell(session, shop, "spend.paused", data, message=message)

        await self._db.write(write)

    def _waiting(self, session: Session, endpoint: WebhookEndpointRow, type: str, body: str, message: str) -> WebhookDeliveryRow:
        now = self._clock()
        row = WebhookDeliveryRow(
            shop_id=endpoint.shop_id, id=new_id("del"), endpoint_id=endpoint.id, message=message, type=type, body=body, state="waiting",
            created_at=now, next_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        self._set_timer(session, row, now)
        return row

    def _set_timer(self, session: Session, row: WebhookDeliveryRow, when: datetime) -> None:
        payload = {"shop": row.shop_id, "delivery": row.id}
        self._runs.timers.add(session, when, DELIVER, shop=row.shop_id, id=f"deliver:{row.id}:{row.attempts + 1}", payload=payload)

    def _body(self, type: str, data: Mapping[str, Any]) -> str:
        return encode({"type": type, "timestamp": self._clock(), "data": dict(data)}).decode()

    # delivering

    async def _deliver(self, payload: dict[str, Any]) -> dict[str, Any]:
        shop, id = payload["shop"], payload["delivery"]
        row, endpoint = await self._db.read(lambda s: _both(s, shop, id))
        if row is None or row.state != "waiting" or (row.next_at is not None and row.next_at > self._clock()):
            return {"delivery": id}
        if endpoint is None or endpoint.state != "enabled":
            await self._db.write(lambda s: _cancelled(s, shop, id))
            return {"delivery": id}
        body = row.body.encode()
        answered = await self._sender.send(endpoint.url, body, headers_for(endpoint.secret, id=row.message, at=self._clock(), body=body))
        self._crash_at("after_sending")
        await self._db.write(lambda s: self._outcome(s, shop, id, answered))
        return {"delivery": id, "status": answered.status}

    def _outcome(self, session: Session, shop: str, id: str, answered: Answered) -> None:
        row = session.get(WebhookDeliveryRow, (shop, id), with_for_update=True)
        if row is None or row.state != "waiting":
            return
        row.attempts, row.status, row.error, row.tried_at, row.next_at = row.attempts + 1, answered.status, answered.error, self._clock(), None
        if answered.taken:
            row.state = "delivered"
        elif answered.gone:
            row.state = "failed"
            endpoint = session.get(WebhookEndpointRow, (shop, row.endpoint_id), with_for_update=True)
            if endpoint is not None:
                _set(endpoint, "disabled", "The receiver answered 410: it wants no more of these.")
                _cancel(session, endpoint)
        elif row.attempts > len(AGAIN_AFTER_S):
            row.state = "failed"
        else:
            wait_s = AGAIN_AFTER_S[row.attempts - 1] * (1 + JITTER * (2 * self._chance() - 1))
            row.next_at = self._clock() + timedelta(seconds=wait_s)
            self._set_timer(session, row, row.next_at)

    async def _changed(self, id: str, principal: Principal, change: Callable[[Session, WebhookEndpointRow], None]) -> Endpoint:
        self._may(principal)

        def write(session: Session) -> Endpoint:
            row = self._mine(session, id, principal)
            change(session, row)
            return _endpoint(row)

        return await self._db.write(write)

    @staticmethod
    def _mine(session: Session, id: str, principal: Principal) -> WebhookEndpointRow:
        row = session.get(WebhookEndpointRow, (principal.shop, id), with_for_update=True)
        if row is None:
            raise NotFound("webhook", id)
        return row

    @staticmethod
    def _may(principal: Principal) -> None:
        if not principal.may(Scope.ADMIN):
            raise NotAllowed("Webhooks are set up with the right to admin, which owners have.")


_ENDS: Mapping[str, str] = {"run_finished": "done", "run_stopped": "stopped", "run_error": "failed"}


def _set(row: WebhookEndpointRow, state: str, reason: str | None) -> None:
    row.state, row.reason = state, reason


def _cancel(session: Session, endpoint: WebhookEndpointRow) -> None:
    row = WebhookDeliveryRow
    theirs = (col(row.shop_id) == endpoint.shop_id, col(row.endpoint_id) == endpoint.id, col(row.state) == "waiting")
    session.execute(update(row).where(*theirs).values(state="cancelled", next_at=None))


def _cancelled(session: Session, shop: str, id: str) -> None:
    row = session.get(WebhookDeliveryRow, (shop, id))
    if row is not None and row.state == "waiting":
        row.state, row.next_at = "cancelled", None


def _both(session: Session, shop: str, id: str) -> tuple[WebhookDeliveryRow | None, WebhookEndpointRow | None]:
    row = session.get(WebhookDeliveryRow, (shop, id))
    return row, session.get(WebhookEndpointRow, (shop, row.endpoint_id)) if row is not None else None


def _endpoint(row: WebhookEndpointRow) -> Endpoint:
    return Endpoint(
        id=row.id, url=row.url, events=decode(row.events), state=cast(Any, row.state), reason=row.reason, created_by=row.created_by,
        created_at=row.created_at,
    )  # fmt: skip


def _delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        id=row.id, endpoint=row.endpoint_id, message=row.message, type=row.type, state=cast(Any, row.state), attempts=row.attempts,
        status=row.status, error=row.error, created_at=row.created_at, tried_at=row.tried_at, next_at=row.next_at,
    )  # fmt: skip
