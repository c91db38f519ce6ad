"""Who: a person with a role, a key with scopes, or a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Scope(StrEnum):
    READ = "read"
    ASK = "ask"
    APPROVE = "approve"
    LLM = "llm"
    ADMIN = "admin"


class Role(StrEnum):
    OWNER = "owner"
    STAFF = "staff"
    VIEWER = "viewer"


ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.STAFF: frozenset({Scope.READ, Scope.ASK, Scope.APPROVE}),
    Role.VIEWER: frozenset({Scope.READ, Scope.ASK}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf something happens. It names the one shop it may touch."""

    id: str
    kind: Literal["person", "key", "schedule"]
    name: str
    shop: str
    scopes: frozenset[Scope]
    role: Role | None = None
    models: frozenset[str] | None = None
    """Aliases and targets it may call, through the proxy and for its asks; None for all."""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def may_decide(self, proposer: str) -> bool:
        """Whether it may approve what `proposer` (a principal's id) proposed: a key never its own, unless it is a person's."""
        return self.may(Scope.APPROVE) and not (self.kind != "person" and self.id == proposer)
