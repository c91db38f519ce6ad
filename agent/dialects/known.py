"""The dialects by the names of the config file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.dialects.anthropic import Anthropic
from agent.dialects.base import Dialect
from agent.dialects.gemini import Gemini
from agent.dialects.openai import OpenAI
from agent.dialects.openai_responses import OpenAIResponses

DIALECTS: Mapping[str, Callable[[], Dialect]] = {"openai": OpenAI, "openai_responses": OpenAIResponses, "anthropic": Anthropic, "gemini": Gemini}


def dialect(name: str) -> Dialect:
    """
    Raises:
        KeyError: There is no dialect of that name.
    """
    return DIALECTS[name]()
