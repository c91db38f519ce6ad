"""Asking a model without what it lacks: requests changed for what is known or was learned of a target (`agent.providers.learned`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from agent.dialects.messages import Message, Request, Text

Lack = Literal["json_schema", "tools", "images", "streaming", "usage", "temperature", "top_p", "effort", "parallel_tools"]

PARAMETERS: Mapping[str, Lack] = {
    "response_format": "json_schema",
    "json_schema": "json_schema",
    "output_config": "json_schema",
    "text.format": "json_schema",
    "responseSchema": "json_schema",
    "responseJsonSchema": "json_schema",
    "response_schema": "json_schema",
    "response_json_schema": "json_schema",
    "temperature": "temperature",
    "top_p": "top_p",
    "reasoning_effort": "effort",
    "reasoning.effort": "effort",
    "reasoning": "effort",
    "thinking": "effort",
    "thinkingConfig": "effort",
    "thinking_config": "effort",
    "topP": "top_p",
    "parallel_tool_calls": "parallel_tools",
}
"""Parameters by the names the vendors' errors have for them, to what can be left out without changing what is asked."""


def adapted(request: Request, lacks: frozenset[Lack] | frozenset[str]) -> Request:
    """The request without what the target lacks. A schema is asked for in words instead; the answer is checked all the same."""
    if not lacks:
        return request
    if "json_schema" in lacks and request.schema is not None:
        request = request.but(schema=None, messages=_in_words(request))
    if "temperature" in lacks and request.temperature is not None:
        request = request.but(temperature=None)
    if "top_p" in lacks and request.top_p is not None:
        request = request.but(top_p=None)
    if "effort" in lacks and request.effort is not None:
        request = request.but(effort=None)
    if "parallel_tools" in lacks and request.parallel_tools is not None:
        request = request.but(parallel_tools=None)
    return request


def has(request: Request, lack: Lack) -> bool:
    match lack:
        case "json_schema":
            return request.schema is not None
        case "temperature":
            return request.temperature is not None
        case "top_p":
            return request.top_p is not None
        case "effort":
            return request.effort is not None
        case "parallel_tools":
            return request.parallel_tools is not None
        case _:
            return False


def _in_words(request: Request) -> tuple[Message, ...]:
    """The wish at the end of the last turn, where small models heed it best."""
    schema = msgspec.json.encode(request.schema).decode()
    wish = f"\n\nAnswer with one JSON object that follows this JSON schema, and with nothing else:\n{schema}"
    messages = list(request.messages)
    if messages and messages[-1].role == "user":
        messages[-1] = Message("user", (*messages[-1].parts, Text(wish)))
    else:
        messages.append(Message("user", wish.strip()))
    return tuple(messages)
