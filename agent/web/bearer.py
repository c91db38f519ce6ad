"""Whose key a request brings as a bearer token."""

from __future__ import annotations

from agent.errors import NoKey
from agent.ledger.keys import Keys
from agent.records import Principal


async def bearer(authorization: str, keys: Keys) -> Principal:
    """
    Args:
        authorization: The header of that name; empty where there is none.

    Raises:
        NoKey: No key came along, or it is not good.
    """
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NoKey("Send a key as `Authorization: Bearer sk_sh_…`; `storehand keys create` makes one.")
    return await keys.verify(secret.strip())
