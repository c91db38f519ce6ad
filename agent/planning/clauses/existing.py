"""Making and changing told apart by what the shop has: where there is a code WELCOME10, "make WELCOME10 twelve percent" makes no new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from agent.planning.binding.assign import is_code_noun
from agent.planning.binding.scope import Piece, Scope
from agent.planning.clauses.local import MENTION, Decision
from agent.planning.language.values import Named, Words
from agent.sdk import Task

_MAKING, _CHANGING, _THING = "create_", "edit_", "discount"


async def of_what_there_is(decision: Decision, piece: Piece, scope: Scope, tasks: Mapping[str, Task], *, act: float) -> Decision:
    """The decision with the shares of making and changing a discount put together, where both are thought of and one code is named."""
    making, changing = tasks.get(f"{_MAKING}{_THING}"), tasks.get(f"{_CHANGING}{_THING}")
    shares = {task.name: share for task, share in decision.near if task is making or task is changing}
    codes = _codes(piece)
    if making is None or changing is None or len(shares) < 2 or min(shares.values()) < MENTION or len(codes) != 1 or decision.verdict == "refuse":
        return decision
    if not await scope.holds(_THING, codes[0], partial(_is_there, scope, codes[0])):
        return decision  # it may be a slip in the name of one there is
    meant = changing
    total = sum(shares.values())
    near = sorted([(meant, total), *((t, s) for t, s in decision.near if t is not making and t is not changing)], key=lambda pair: -pair[1])
    task, confidence = near[0]
    verdict = "do" if task is meant and confidence >= act else decision.verdict
    return replace(decision, task=task, confidence=confidence, verdict=verdict, near=tuple(near))


def _codes(piece: Piece) -> list[str]:
    said = [v.text.strip() for v in piece.values.items if isinstance(v, Named) and v.kind == "code"]
    said += [v.text.strip() for v in piece.values.items if isinstance(v, Words) and v.kind == "discount" and not is_code_noun(v.text)]
    return list(dict.fromkeys(code.upper() for code in said if len(code.split()) == 1))


async def _is_there(scope: Scope, code: str) -> bool:
    return bool((await scope.store.discounts(code=code)).items)
