"""Signatures by Standard Webhooks: a secret whsec_…, and `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
BYTES = 32
TOLERANCE = timedelta(minutes=5)
"""How far a message's time may be from the receiver's."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers_for(secret: str, *, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one attempt."""
    stamp = str(int(at.timestamp()))
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{_signature(secret, id, stamp, body)}"}


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether a message is what somebody with the secret sent, lately. For receivers, and for tests of senders."""
    stamp, id = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    wanted = _signature(secret, id, stamp, body)
    given = (part.partition(",")[2] for part in headers.get("webhook-signature", "").split() if part.startswith("v1,"))
    return any(hmac.compare_digest(wanted, one) for one in given)


def _signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook's secret is whsec_ and base64") from error
    return base64.b64encode(hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
