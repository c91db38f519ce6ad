"""Whether an answer follows the schema it was asked to follow, with the harmless faults of models mended first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from agent.dialects.messages import Message, Request, Response
from agent.errors import Rejected

_FENCE = "```"


def mended(text: str) -> str | None:
    """The JSON value in a model's text, with fences and the prose around it taken off; None when there is none."""
    body = text.strip()
    if _is_json(body):
        return body
    # Cut and not searched for: a small model may write blank lines until its limit, and a pattern that tries every length takes minutes.
    candidates = [fenced.strip().removeprefix("json").removeprefix("JSON").strip() for fenced in body.split(_FENCE)[1:-1:2]]
    for opening, closing in (("{", "}"), ("[", "]")):
        start, end = body.find(opening), body.rfind(closing)
        if 0 <= start < end:
            candidates.append(body[start : end + 1])
    return next((candidate for candidate in candidates if _is_json(candidate)), None)


def fault_of(request: Request, response: Response) -> tuple[str, str | None]:
    """The text as it should be passed on, and what is wrong with it in words for the model; None when nothing is."""
    if (request.schema is None and not request.json_object) or response.tool_calls or response.refusal:
        return response.text, None
    text = mended(response.text)
    if text is None:
        return response.text, "It is no JSON."
    if request.schema is None:
        return text, None if text.startswith("{") else "It is no JSON object."
    return text, schema_fault(request.schema, text)


def schema_fault(schema: Mapping[str, Any], text: str) -> str | None:
    """The first thing that does not follow the schema; the path to it, and the rule, but never the value itself.

    Raises:
        Rejected: The schema itself is none.
    """
    found = next(iter(check_schema(schema).iter_errors(msgspec.json.decode(text))), None)
    if found is None:
        return None
    where = "/".join(str(step) for step in found.instance_path) or "the top"
    rule = "/".join(str(step) for step in found.schema_path)
    return f"At {where} it breaks the rule {rule} of the schema."


def check_schema(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    """
    Raises:
        Rejected: The schema itself is none.
    """
    try:
        return _validator(msgspec.json.encode(schema, order="deterministic"))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise Rejected("the schema of the answer is no valid JSON schema") from error


def repair(request: Request, response: Response, fault: str) -> Request:
    """One more turn that names the fault."""
    wish = f"That does not follow the JSON schema. {fault} Answer again with the corrected JSON alone."
    return request.but(messages=(*request.messages, Message("assistant", response.text or "(nothing)"), Message("user", wish)))


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    # What a schema points to is not fetched: a caller's schema must not make us call an address.
    return jsonschema_rs.validator_for(msgspec.json.decode(schema), retriever=_refuse)


def _refuse(address: str) -> Any:
    raise ValueError("a schema may not point to other documents")


def _is_json(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict | list)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
