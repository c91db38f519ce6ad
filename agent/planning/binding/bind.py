"""Fills a task's args from a clause's values: by the types of its fields, the cues beside a value and the phrases of its choices.

Nothing here knows a task. What no field takes stays in `Bound.left`, so that nothing a merchant said with a number, a
date or a name in it is dropped unseen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.added_texts import take_added
from agent.planning.binding.assign import assign
from agent.planning.binding.bought_both import search_each_bought
from agent.planning.binding.checked import ask_about_nonsense, ask_for_missing
from agent.planning.binding.choice_fields import take_choices
from agent.planning.binding.collected import select_collections
from agent.planning.binding.counted import reserve, settle
from agent.planning.binding.cued_texts import texts_by_cue
from agent.planning.binding.described import describe
from agent.planning.binding.dictated import take_saying, take_told
from agent.planning.binding.doubt import doubtful
from agent.planning.binding.earlier_records import shown
from agent.planning.binding.goods import select_goods
from agent.planning.binding.goods_of_order import take_goods_of_order
from agent.planning.binding.leftover import (
    ask_for_unknown_goods,
    ask_whose_last,
    conditions_left,
    fragments_left,
    names_left,
    people_left,
    people_passed_over,
    restrictions_left,
    take_idle,
)
from agent.planning.binding.misheard import misheard
from agent.planning.binding.names_given import take_languages, take_name, take_title, without_states
from agent.planning.binding.narrowed import narrow_by_amount, narrow_to_available
from agent.planning.binding.people import ask_for_them, people_said
from agent.planning.binding.persons import select_people
from agent.planning.binding.picked import leave_out_the_former, unpicked
from agent.planning.binding.placed import take_placed
from agent.planning.binding.put_values import is_code_noun, is_only_then
from agent.planning.binding.ranked import take_so_many
from agent.planning.binding.refer import refer
from agent.planning.binding.restricted import reserve_restrictions, resolve_restrictions, unmet_restrictions
from agent.planning.binding.scope import GOODS, PEOPLE, Bound, Piece, Scope
from agent.planning.binding.searched import search_described, search_ranked
from agent.planning.binding.spared import settle_people, take_left_out, without_of_the_best
from agent.planning.binding.spoken_orders import take_note, take_numbers_left_out, take_orders
from agent.planning.binding.such_messages import such_messages_first
from agent.planning.binding.tagged import keep_to_bearers, tags_without_names, take_kind, take_listed_tags, take_marked_as, take_tags, take_that_tag
from agent.planning.binding.taken_over import take_over, whose
from agent.planning.binding.whereabouts import settle_whereabouts
from agent.planning.binding.worded import take_words
from agent.planning.language.kept import kept_as_it_is
from agent.planning.language.values import Dates, Impossible, Number, Spot, Value, Words
from agent.sdk import Task


async def bind(task: Task, piece: Piece, scope: Scope, *, taken: Sequence[Spot] = (), finding: bool = False, finders: bool = True) -> Bound:
    """The task's args as far as the clause gives them, with the questions that remain.

    Args:
        taken: Places that belong to another task already.
        finding: The task is a read made first for another one's records, and asks nothing itself.
        finders: Such a read may be put before this one.
    """
    bound = Bound(task=task, piece=piece, taken=list(taken))
    if (whole := task.whole) is not None:
        bound.args[whole.name] = whose(piece, task, scope)
        bound.taken.append(Spot(start=piece.start, end=piece.end))
        return bound
    given = len(taken)
    if task.effect in ("write", "action") and not finding:
        bound.taken += kept_as_it_is(piece.text, piece.start, piece.end, of_a_list=task.about == "collection", of_orders=task.about == "order")
    bound.people = people_said(bound)
    bound.taken += bound.people
    told = await take_placed(bound, scope, _search) if finders and not finding else frozenset()
    unknown = await such_messages_first(bound, scope, _search) if finders and not finding else []
    restrictions = [] if finding else await reserve_restrictions(bound, scope)
    await _take_values(bound, scope, finders=finders and not finding)
    passed_over = [*unknown, *await _take_records(bound, scope, finding=finding, finders=finders, told=told)]
    if not finding:
        await resolve_restrictions(bound, scope, restrictions, _search)
        await _settle_and_check(bound, scope)
    await search_each_bought(bound, scope)
    _keep_left(bound, scope, passed_over, finding=finding)
    del bound.taken[:given]
    return bound


async def _take_values(bound: Bound, scope: Scope, *, finders: bool) -> None:
    """What needs no look at the shop's records: lists, notes, words, choices, amounts and days. What a description tells of goods goes first."""
    take_numbers_left_out(bound)
    take_so_many(bound, scope)
    await take_left_out(bound, scope)
    select_collections(bound, scope)
    take_note(bound)
    if finders:
        await describe(bound, scope, lambda finder, words, alone: bind(finder, words, alone, finding=True))
    take_added(bound)
    take_words(bound, scope)
    take_tags(bound)
    take_marked_as(bound)
    take_that_tag(bound, scope)
    take_listed_tags(bound)
    take_choices(bound, scope)
    take_title(bound)
    take_saying(bound, scope)
    take_told(bound, scope)
    reserve(bound, scope)
    await take_orders(bound, scope)
    await take_kind(bound, scope)
    assign(bound, scope)
    take_name(bound, scope)
    take_languages(bound)
    texts_by_cue(bound, least=6)


async def _take_records(bound: Bound, scope: Scope, *, finding: bool, finders: bool, told: frozenset[str]) -> Sequence[Spot]:
    """The records, narrowed by what is said of them, and the texts that are left then; returns what was said of people and passed over.

    Args:
        told: Kinds of record of which it is known already which are meant.
    """
    await _select(bound, scope, finding=finding or not finders, told=told)
    unknown = await take_goods_of_order(bound, scope) if not finding else []
    settle_people(bound, scope)
    passed_over = [*unknown, *(people_passed_over(bound, scope) if not finding and finders else [])]
    leave_out_the_former(bound, scope)
    without_of_the_best(bound)
    _so_many_of_them(bound)
    await narrow_by_amount(bound, scope)
    await narrow_to_available(bound, scope)
    await keep_to_bearers(bound, scope)
    settle(bound, scope)
    texts_by_cue(bound)
    tags_without_names(bound)
    return passed_over


async def _settle_and_check(bound: Bound, scope: Scope) -> None:
    """What was said before taken over, places settled, and what makes no sense or is missing asked about."""
    take_over(bound, scope)
    ask_for_them(bound)
    for one in (bound, *(finder for _, finder in bound.finds)):
        await settle_whereabouts(one, scope, taken=() if one is bound else bound.taken)
    without_states(bound)
    ask_about_nonsense(bound)
    ask_for_missing(bound, scope)


def _keep_left(bound: Bound, scope: Scope, passed_over: Sequence[Spot], *, finding: bool) -> None:
    """Keep in `left` what no field took, by how much a task of this effect may pass over."""
    task, piece = bound.task, bound.piece
    if not finding:
        take_idle(bound)
        ask_whose_last(bound, scope)
    bound.left = [v for v in piece.values.items if _matters(v) and not bound.takes(v) and not (task.effect == "write" and _is_now(v, bound))]
    if task.effect in ("write", "action") and not finding:
        bound.left += people_left(bound) or names_left(bound, scope) or restrictions_left(bound, scope) or fragments_left(bound, scope)
        bound.left = bound.left or doubtful(bound, scope)
    elif task.effect == "draft" and not finding:
        bound.left += restrictions_left(bound, scope)
    elif not finding:
        bound.left += restrictions_left(bound, scope) or conditions_left(bound, scope)
        ask_for_unknown_goods(bound, scope)
    if task.effect != "read" and not finding and not bound.left:
        bound.left += misheard(bound, scope)
    if task.effect in ("write", "action") and not finding and not bound.left:
        bound.left += unmet_restrictions(bound, scope)
    if passed_over and not bound.left:
        bound.left += passed_over
    if task.effect != "read" and not finding and not bound.left:
        bound.left += unpicked(bound, scope)


async def _search(finder: Task, piece: Piece, scope: Scope, taken: Sequence[Spot]) -> Bound:
    return await bind(finder, piece, scope, taken=taken, finding=True)


_ALL_OF = re.compile(r"\b(?:all|these|those|the\s+other|both)\s+(?:of\s+(?:the|those|these)\s+)?$", re.I)


_OF_WHAT_FOLLOWS = re.compile(r"\s*(?:(?:products?|items?|goods|orders?|customers?|people|codes?|reviews?|collections?)\b)?\s*[:,–—-]?\s*#?", re.I)


def _counts_what_follows(value: Number, bound: Bound) -> bool:
    """Whether a number says how many those are that are named right after it."""
    if value.currency or bound.takes(value):
        return False
    named = [link for link in bound.links.values() if value.end <= link.start and _OF_WHAT_FOLLOWS.fullmatch(bound.piece.text, value.end, link.start)]
    return any(int(value.amount) == value.amount == len(link.products) for link in named)


def _so_many_of_them(bound: Bound) -> None:
    """ "Put all three in Summer", "cancel the two orders 20997 and 20998": the number counts what is spoken of, and is no amount."""
    bound.taken += [Spot(start=v.start, end=v.end) for v in bound.piece.values.items if isinstance(v, Number) and _counts_what_follows(v, bound)]
    counts = {len(link.products) for name, link in bound.links.items() if name in bound.refers} | {0 for value in bound.args.values() if shown(value)}
    for value in bound.piece.values.items:
        if not (isinstance(value, Number) and not value.unit and not value.currency):
            continue
        if _ALL_OF.search(bound.piece.text, bound.piece.start, value.start) and counts & {int(value.amount), 0} and not bound.takes(value):
            bound.taken.append(Spot(start=value.start, end=value.end))


async def _select(bound: Bound, scope: Scope, *, finding: bool, told: frozenset[str]) -> None:
    slots = [slot for slot in bound.task.slots if {"selection", "ref"} & set(slot.types)]
    goods = [slot for slot in slots if slot.record in GOODS and slot.name not in bound.args]
    if goods and not (not finding and await search_ranked(bound, scope, goods, _search)):
        await select_goods(bound, scope, goods)
    for slot in slots:
        if slot.record in told:
            continue
        if slot.record in PEOPLE and not await select_people(bound, scope, slot):
            await search_described(bound, scope, slot, _search, finding=finding)
        elif slot.record not in GOODS | PEOPLE | {"collection"}:
            refer(bound, scope, slot, said=None)


_NOW = re.compile(r"\W*(?:in\s+|from\s+|as\s+of\s+)?(?:today|this\s+(?:morning|afternoon|evening)|just\s+now|right\s+now)\W*", re.I)


def _is_now(value: Value, bound: Bound) -> bool:
    """ "They came in today": a change is made now anyway; "today only" says when it ends."""
    return isinstance(value, Dates) and _NOW.fullmatch(bound.piece.of(value)) is not None and not is_only_then(value, bound)


def _matters(value: Value) -> bool:
    """Whether a value may not be dropped: all with a number, a date or a name in it."""
    if isinstance(value, Words):
        named = value.kind != "discount" or not is_code_noun(value.text)  # "which vouchers" names none
        return value.kind in ("quoted", "value", "tag", "place", "channel", "discount") and named and value.text.strip() != ""
    return not isinstance(value, Impossible) or value.kind in ("money", "percent", "number")
