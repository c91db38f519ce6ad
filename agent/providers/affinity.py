"""Which target a conversation belongs to: the one whose prompt cache has it. It is a wish; health and eligibility come first.

A conversation is told by a session id of the caller's (OpenAI's `prompt_cache_key`), or by the digest of what never changes while
it goes on: the instructions, the tools and the first thing the user said. Whoever served it last keeps it for as long as prompt
caches last. A conversation that this process does not know (another worker began it, or it was restarted) is drawn by weight from
its key alone, so that all workers draw the same.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.dialects.messages import Request, Text
from agent.providers.targets import Target

KEPT_S = 300.0
"""Vendors keep a prompt's prefix for five minutes after its last use, unless one pays for more."""
_MOST = 20_000


@dataclass(slots=True)
class Affinity:
    clock: Callable[[], float]
    _served: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)

    def served(self, conversation: str, target: str) -> None:
        self._served[conversation] = (target, self.clock())
        self._served.move_to_end(conversation)
        if len(self._served) > _MOST:
            self._served.popitem(last=False)

    def last(self, conversation: str) -> str | None:
        """Name of the target that served it last; None when that is too long ago or not known."""
        name, at = self._served.get(conversation, ("", float("-inf")))
        return name if self.clock() - at < KEPT_S else None


def conversation_key(request: Request, *, alias: str, shop: str) -> str:
    """The same for every turn of one conversation."""
    digest = hashlib.sha256(f"{shop}\0{alias}\0".encode())
    if request.session:
        digest.update(b"session\0" + request.session.encode())
        return digest.hexdigest()
    for tool in request.tools:
        digest.update(tool.name.encode() + b"\0")
    for message in request.messages:
        digest.update(message.role.encode() + b"\0")
        for part in message.parts:
            said = part.text if isinstance(part, Text) else getattr(part, "data", None) or getattr(part, "url", None) or ""
            digest.update(said.encode() + b"\0")
        if message.role == "user":
            break
    return digest.hexdigest()


def goes_on(request: Request) -> bool:
    """Whether it is a conversation at all, and no single question that happens to begin like others."""
    return bool(request.session) or any(message.role == "assistant" for message in request.messages)


def drawn(conversation: str, targets: Sequence[Target]) -> list[Target]:
    """Weighted rendezvous hashing: each conversation has its order, and a target that goes takes only its own conversations along."""

    def place(target: Target) -> float:
        digest = hashlib.sha256(f"{conversation}\0{target.name}".encode()).digest()
        share = (int.from_bytes(digest[:8], "big") + 1) / (2**64 + 1)
        return float(share ** (1 / target.weight))

    return sorted(targets, key=place, reverse=True)
