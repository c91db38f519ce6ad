"""The dialects by the names of the config file."""

from __future__ import annotations

from agent.dialects.base import Dialect
from agent.dialects.openai import OpenAI


def dialect(name: str) -> Dialect:
    """
    Raises:
        KeyError: There is no dialect of that name.
    """
    return {"openai": OpenAI}[name]()
