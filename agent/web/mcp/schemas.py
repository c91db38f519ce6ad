"""A task's arguments as a small JSON Schema: what an assistant has to bear in mind is paid for with every one of its turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

_UNSAID = ("where", "label")
"""Of a selection: how records were chosen and called. It explains an answer; the ids are what counts."""


@cache
def small_schema(args: type[BaseModel]) -> Mapping[str, Any]:
    """What pydantic says of the model, without titles, without "or null" where it can be left out, and without what no caller needs to say."""
    made = args.model_json_schema()
    small = _small(made)
    definitions = {name: _small(each) for name, each in made.get("$defs", {}).items()}
    used = _used(small, definitions)
    small.pop("title", None)
    return {**small, **({"$defs": {name: definitions[name] for name in used}} if used else {})}


def _small(node: Any) -> Any:
    if isinstance(node, list):
        return [_small(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: _small(value) for key, value in node.items() if key not in ("title", "$defs", "properties")}
    if "properties" in node:
        kept["properties"] = {name: _small(value) for name, value in node["properties"].items() if not _is_unsaid(node, name)}
    if kept.get("default", ...) is None or kept.get("default") == "":
        del kept["default"]
    return _without_null(kept)


def _is_unsaid(node: Mapping[str, Any], name: str) -> bool:
    return name in _UNSAID and {"ids", "where", "label"} <= set(node["properties"])


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    arms = [arm for arm in node.get("anyOf", ()) if arm != {"type": "null"}]
    if len(arms) == len(node.get("anyOf", ())):
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return {**arms[0], **rest} if len(arms) == 1 else {"anyOf": arms, **rest}


def _used(node: Any, definitions: Mapping[str, Any]) -> list[str]:
    """Names of the definitions that it refers to, also through one another, in the order they are met."""
    met: list[str] = []

    def look(at: Any) -> None:
        if isinstance(at, list):
            for each in at:
                look(each)
        elif isinstance(at, Mapping):
            name = str(at.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in met:
                met.append(name)
                look(definitions[name])
            look(list(at.values()))

    look(node)
    return met
