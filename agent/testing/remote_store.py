"""A store in another process, for crash tests: it keeps a ledger of every effect on disk and can die between an effect and its reply.

Run as `python -m agent.testing.remote_store SOCKET LEDGER`. The first line of the ledger holds the records, every further line one
call or one effect, so that a store that is started again knows all it did. `RemoteStore` is the client, a `Writing` like any other.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.errors import NotFound, Stale, StoreRefused, StoreUnavailable
from agent.records import Written, effect_from_json, encode, to_json, value_from_json
from agent.sdk import Action, Change, Selection, Target, Variant
from agent.sdk.store import Capability
from agent.testing.memory_store import MemoryStore, put

Dies = Callable[[str, int], None]
"""Told "before_effect" or "before_reply" and how many effects there were; may end the process."""


def write_ledger(path: Path, records: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Start a ledger with the records a shop has."""
    path.write_bytes(encode({"records": to_json(records)}) + b"\n")


def effects(path: Path) -> list[dict[str, Any]]:
    """What really happened, in order: {key, kind, target, field, before, after}."""
    return [line["effect"] for line in _lines(path) if "effect" in line]


class StoreServer:
    def __init__(self, ledger: Path, *, dies: Dies = lambda _point, _n: None) -> None:
        lines = _lines(ledger)
        self._ledger, self._dies = ledger, dies
        self.store = MemoryStore({k: {i: value_from_json(f) for i, f in of.items()} for k, of in lines[0]["records"].items()})
        for line in lines[1:]:
            self._replay(line)

    async def serve(self, socket: Path) -> None:
        async with await asyncio.start_unix_server(self._answer, socket) as server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = await self._do(json.loads(await reader.readline()))
        writer.write(encode(reply) + b"\n")
        await writer.drain()
        writer.close()

    async def _do(self, call: Mapping[str, Any]) -> dict[str, Any]:
        try:
            match call["do"]:
                case "current":
                    return {"ok": to_json(await self.store.current(Target(**call["target"]), call["field"]))}
                case _:
                    return {"ok": to_json(await self._effect(effect_from_json(call["effect"]), call["key"]))}
        except (Stale, NotFound, StoreRefused) as error:
            return {"error": error.code, "detail": str(error), "label": getattr(error, "what", "")}

    async def _effect(self, effect: Change | Action, key: str) -> Written:
        self._note({"call": key})
        self._dies("before_effect", len(self.store.ledger))
        known = len(self.store.ledger)
        written = await (self.store.write(effect, key=key) if isinstance(effect, Change) else self.store.act(effect, key=key))
        if len(self.store.ledger) > known:
            self._note({"effect": to_json(self.store.ledger[-1]), "what": to_json(effect), "written": to_json(written)})
        self._dies("before_reply", len(self.store.ledger))
        return written

    def _note(self, line: Mapping[str, Any]) -> None:
        with self._ledger.open("ab") as file:
            file.write(encode(line) + b"\n")

    def _replay(self, line: Mapping[str, Any]) -> None:
        if "effect" not in line:
            return
        change, written = effect_from_json(line["what"]), line["written"]
        done = Written(before=value_from_json(written["before"]), after=value_from_json(written["after"]), target_id=written["target_id"])
        assert isinstance(change, Change)
        of_kind = self.store.records.setdefault(change.target.kind, {})
        match change.op:
            case "create":
                of_kind[done.target_id] = dict(done.after)
            case "delete":
                of_kind.pop(done.target_id, None)
            case _:
                assert change.field is not None
                put(of_kind[done.target_id], change.field, done.after)
        self.store.remember(change, done, line["effect"]["key"])


class RemoteStore:
    """The client. A connection that fails or ends early is `StoreUnavailable`: whether it was written is not known."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"inventory"})

    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]:
        raise StoreRefused("This store does not say what its variants cost.")

    async def current(self, target: Target, field: str | None) -> Any:
        return value_from_json(await self._call({"do": "current", "target": to_json(target), "field": field}, target))

    async def write(self, change: Change, *, key: str) -> Written:
        return _written(await self._call({"do": "write", "effect": to_json(change), "key": key}, change.target))

    async def act(self, action: Action, *, key: str) -> Written:
        return _written(await self._call({"do": "act", "effect": to_json(action), "key": key}, action.target))

    async def _call(self, call: Mapping[str, Any], target: Target) -> Any:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
            writer.write(encode(call) + b"\n")
            line = await reader.readline()
            writer.close()
        except OSError as error:
            raise StoreUnavailable("The store cannot be reached.") from error
        if not line:
            raise StoreUnavailable("The store went away before it answered.")
        reply = json.loads(line)
        if "ok" in reply:
            return reply["ok"]
        raise _error(reply, target)


def _error(reply: Mapping[str, Any], target: Target) -> Exception:
    if reply["error"] == "stale":
        return Stale(target.label, expected=None, found=None)
    return NotFound(target.kind, target.label) if reply["error"] == "not_found" else StoreRefused(reply["detail"])


def _written(reply: Mapping[str, Any]) -> Written:
    before, after = value_from_json(reply["before"]), value_from_json(reply["after"])
    return Written(before=before, after=after, target_id=reply["target_id"], replayed=reply["replayed"])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def dies_once(point: str, after: int, mark: Path) -> Dies:
    """Ends the process at a point once so many effects have happened; `mark` remembers that it has."""

    def dies(at: str, effects_so_far: int) -> None:
        if at == point and effects_so_far >= after and not mark.exists():
            mark.touch()
            os._exit(9)

    return dies


if __name__ == "__main__":
    socket, ledger = Path(sys.argv[1]), Path(sys.argv[2])
    socket.unlink(missing_ok=True)
    death = dies_once(sys.argv[3], int(sys.argv[4]), ledger.with_suffix(".died")) if len(sys.argv) > 3 else (lambda _point, _n: None)
    asyncio.run(StoreServer(ledger, dies=death).serve(socket))
