"""Making and changing told apart by what the shop has: where there is a code WELCOME10, "make WELCOME10 twelve percent" makes no new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial

from agent.planning.binding.put_values import is_code_noun
from agent.planning.binding.scope import Piece, Scope
from agent.planning.binding.tagged import kinds_bearing, tag_replaced
from agent.planning.clauses.agreeing import tags_of
from agent.planning.clauses.local import MENTION, Decision
from agent.planning.language.values import Named, Words
from agent.planning.linking.roles import task_for
from agent.sdk import Task

_THING = "discount"


async def of_what_there_is(
    decision: Decision, piece: Piece, scope: Scope, tasks: Mapping[str, Task], *, act: float, before: Task | None = None
) -> Decision:
    """The decision by whether there is the one code that is named: one there is is changed or told of, one there is not is made.

    Args:
        before: The task of the part before, which may be a text that is to name the code: "tell her … ‖ and offer her the code VIP15".
    """
    making, changing = task_for(tasks, "make", _THING), task_for(tasks, "change", _THING)
    codes = _codes(piece)
    if making is None or changing is None or len(codes) != 1 or decision.verdict == "refuse":
        return decision
    if decision.task is making and before is not None and before.effect == "draft" and any(s.name == "code" for s in before.slots):
        told = _OFFERS.match(piece.said) is not None and await scope.holds(_THING, codes[0], partial(_is_there, scope, codes[0]))
        return replace(decision, task=before, verdict="do") if told else decision
    rules = () if _RULE.search(piece.said) else _OF_RULES  # a code is no rule
    shares = {task.name: share for task, share in decision.near if task is making or task is changing or (task.does, task.about) in rules}
    if len(shares) < 2 or min(shares.values()) < MENTION:
        return decision
    if await scope.holds(_THING, codes[0], partial(_is_there, scope, codes[0])):
        meant = changing
    elif (
        decision.task is making and changing.name in shares and not await scope.holds("like a code", codes[0], partial(_is_like_one, scope, codes[0]))
    ):
        meant = making
    else:
        return decision  # it may be a slip in the name of one there is
    total = sum(shares.values())
    near = sorted([(meant, total), *((t, s) for t, s in decision.near if t.name not in shares and t is not meant)], key=lambda pair: -pair[1])
    task, confidence = near[0]
    verdict = "do" if task is meant and confidence >= act else decision.verdict
    return replace(decision, task=task, confidence=confidence, verdict=verdict, near=tuple(near))


_RECORD_SAID = re.compile(r"\b(?:customers?|buyers?|clients?|orders?|products?|items?|goods)\b", re.I)


async def of_those_who_bear_it(decision: Decision, piece: Piece, scope: Scope, tasks: Mapping[str, Task], *, act: float) -> Decision:
    """ "Replace tag kids with children": a change of those that bear the tag, where only one kind of record does."""
    tag = tag_replaced(piece.said)
    if tag is None or decision.verdict == "refuse" or _RECORD_SAID.search(piece.said) or not any(share >= MENTION for _, share in decision.near):
        return decision
    tagging = {tags_of(task): task for task in tasks.values() if task.effect == "write" and tags_of(task) is not None}
    kinds = [kind for kind in await kinds_bearing(tag, scope) if kind in tagging]
    if len(kinds) != 1:
        return decision
    meant = tagging[kinds[0]]
    share = max(act, sum(share for _, share in decision.near))
    return replace(decision, task=meant, confidence=share, verdict="do", code=None, near=((meant, share),))


_OFFERS = re.compile(r"\W*(?:(?:and|also|then|please)\W+)*(?:offer|give|send|mention|include|add|tell|name)\b", re.I)
_RULE = re.compile(r"\b(?:automations?|rules?|alerts?|schedules?d?|workflows?|whenever|every)\b", re.I)
_OF_RULES = (("make", "automation"), ("change", "automation"), ("end", "automation"))
_ALIKE = 0.75
"""Least likeness of two codes, by their letters, for one to be a slip of the other."""


async def _is_like_one(scope: Scope, code: str) -> bool:
    known = (await scope.store.discounts()).items
    return any(SequenceMatcher(None, code, one.code.upper()).ratio() >= _ALIKE for one in known)


def _codes(piece: Piece) -> list[str]:
    said = [v.text.strip() for v in piece.values.items if isinstance(v, Named) and v.kind == "code"]
    said += [v.text.strip() for v in piece.values.items if isinstance(v, Words) and v.kind == "discount" and not is_code_noun(v.text)]
    return list(dict.fromkeys(code.upper() for code in said if len(code.split()) == 1))


async def _is_there(scope: Scope, code: str) -> bool:
    return bool((await scope.store.discounts(code=code)).items)
