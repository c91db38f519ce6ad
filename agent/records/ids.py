"""Ids that sort by the time they were made and cannot be guessed."""

from __future__ import annotations

import secrets
import time


def new_id(prefix: str) -> str:
    """`run_0199…`: milliseconds since 1970 in 12 hex digits, then 80 random bits."""
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
