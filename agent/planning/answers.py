"""A plan with answers to its questions: each goes into the field it was asked for, and what waited is checked again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.planning import said
from agent.planning.binding.answered import answer_fits
from agent.planning.binding.bind import bind
from agent.planning.binding.checked import ask_for_missing
from agent.planning.binding.collected import by_title
from agent.planning.binding.earlier_records import shown
from agent.planning.binding.goods import which
from agent.planning.binding.scope import GOODS, Asked, Bound, Earlier, Piece, Scope, as_selection, put
from agent.planning.conditions import CONDITION, DO_IT, LEAVE_IT
from agent.planning.depends import freed
from agent.planning.draft import IGNORE, LEFT, NONE, TASK, Draft, Step
from agent.planning.language.normalise import normalise
from agent.planning.language.values import Impossible, Values
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Link, Linked, Several
from agent.planning.linking.vocabulary import stem, words_of
from agent.records import UNDO, Option, Plan, Question, Subtask
from agent.records.reading import SlotSpan
from agent.sdk import Selection, Slot, Variant


async def answer(plan: Plan, answers: Mapping[str, str], scope: Scope, slots: Sequence[SlotSpan]) -> Draft:
    """The plan as a draft again, with the answers in their fields.

    Args:
        slots: What the reader marks in the plan's text, for a clause whose task is only now known.
    """
    draft = Draft(text=plan.text, locale=plan.locale, scope=scope, not_done=list(plan.not_done), background=list(plan.background), as_of=plan.as_of)
    settled: dict[str, bool] = {}  # subtasks that asked about a condition, and whether it is to be taken as met
    for subtask in plan.subtasks:
        if subtask.task == UNDO:
            draft.undone.append((str(subtask.args["change_set"]), tuple(subtask.args.get("records", ())), subtask.span))
            continue
        asked = [question for question in plan.questions if question.subtask == subtask.id]
        step: Step | None = freed(restored(plan, subtask, asked, scope, slots), settled)
        for question in asked:
            if step is not None and question.id in answers:
                before, step = step, await _take(step, question, answers[question.id].strip(), draft)
                if question.field == CONDITION and (step is None or not any(a.field == CONDITION for a in step.bound.asked)):
                    settled[before.id] = step is not None
        if step is not None:
            _resolve(step, draft)
            ask_for_missing(step.bound, scope)
            draft.steps.append(step)
            scope.earlier.append(Earlier(id=step.id, bound=step.bound))
    return draft


def restored(plan: Plan, subtask: Subtask, asked: Sequence[Question], scope: Scope, slots: Sequence[SlotSpan]) -> Step:
    """A subtask of a stored plan, its args as they were."""
    task = scope.tasks[subtask.task]
    start, end = subtask.span
    inside = tuple(slot for slot in slots if start <= slot.start and slot.end <= end)
    bound = Bound(
        task=task,
        piece=Piece(text=plan.text, start=start, end=end, slots=inside, values=Values()),
        args=dict(subtask.args),
        after=list(subtask.after),
    )
    for slot in task.slots:
        value = subtask.args.get(slot.name)
        if slot.record and isinstance(value, dict) and ("ids" in value or "id" in value):
            selection = Selection[Any].model_validate(value if "ids" in value else {"ids": (value["id"],), "label": value.get("label", "")})
            ids = tuple(selection.ids)
            variants = ids if slot.record == "variant" else None
            bound.links[slot.name] = Linked(
                start=start, end=end, products=ids, variants=variants, where=selection.where, label=selection.label, record=slot.record
            )
    for question in asked:
        bound.asked.append(Asked(field=question.field, question=question.question, options=tuple((o.value, o.label) for o in question.options)))
    return Step(
        id=subtask.id,
        bound=bound,
        span=subtask.span,
        by="frontier" if subtask.read.by == "frontier" else "student",
        confidence=subtask.read.confidence,
        said=subtask.said,
        given=subtask.given,
    )


async def _take(step: Step, question: Question, text: str, draft: Draft) -> Step | None:
    """The step with one answer in; None when the merchant meant none of what was offered."""
    bound, scope = step.bound, draft.scope
    if question.field == TASK:
        return await _chosen_task(step, text, draft)
    bound.asked = [asked for asked in bound.asked if asked.field != question.field]
    if question.field == CONDITION:
        return _despite(step, question, text, draft)
    if question.field == LEFT:
        if text.casefold() != IGNORE:
            await _bind_words(bound, text, scope)
        return step
    slot = bound.task.slot(question.field)
    if {"selection", "ref"} & set(slot.types):
        await _take_records(bound, slot, question, text, scope)
    elif not text or not (await _said_otherwise(bound, slot, text, scope) or _take_value(bound, slot, text, scope)):
        bound.ask(slot.name, said.not_understood(text, slot.question or question.question), [(o.value, o.label) for o in question.options])
    return step


def _despite(step: Step, question: Question, text: str, draft: Draft) -> Step | None:
    """Done though its condition cannot be checked, or left."""
    if text.casefold() in (DO_IT, "yes", "do it anyway"):
        return step
    if text.casefold() in (LEAVE_IT, "no"):
        return None
    step.bound.ask(CONDITION, question.question, [(o.value, o.label) for o in question.options])
    return step


async def _chosen_task(step: Step, text: str, draft: Draft) -> Step | None:
    task = draft.scope.tasks.get(text) or next((t for t in draft.scope.tasks.values() if t.name.replace("_", " ") == text.casefold()), None)
    if task is None:
        if text.casefold() == NONE:
            draft.refuse(step.span, "not_supported", said.refused("not_supported", []))
            return None
        return step
    piece = step.bound.piece
    values = normalise(piece.text, piece.start, piece.end, piece.slots, draft.scope.terms, ahead=task.looks_ahead)
    whole = Piece(text=piece.text, start=piece.start, end=piece.end, slots=piece.slots, values=values)
    bound = await bind(task, whole, draft.scope, finders=False)
    kept = {name: value for name, value in step.bound.args.items() if task is step.bound.task and name not in bound.args}
    bound.args |= kept
    bound.asked = [asked for asked in bound.asked if asked.field not in kept]
    # the merchant chose: nothing is surer
    return Step(id=step.id, bound=bound, span=step.span, by=step.by, confidence=1.0, said=step.said, given=step.given)


async def _bind_words(bound: Bound, text: str, scope: Scope) -> None:
    """Words said about a leftover value, bound as if the clause had had them."""
    ahead = bound.task.looks_ahead or bound.task.effect == "draft"
    piece = Piece(text=text, start=0, end=len(text), slots=(), values=normalise(text, 0, len(text), (), scope.terms, ahead=ahead))
    also = await bind(bound.task, piece, scope, finding=True)
    bound.args |= {name: value for name, value in also.args.items() if name not in bound.links}


async def _take_records(bound: Bound, slot: Slot, question: Question, text: str, scope: Scope) -> None:
    option = next((o for o in question.options if text == o.value or text.casefold() == o.label.casefold()), None)
    if slot.record == "collection" and option is None:
        if (called := by_title(scope, text)) is not None:
            put(bound, slot, called)
        else:
            bound.ask(slot.name, said.not_understood(text, question.question), [(o.value, o.label) for o in question.options])
        return
    if slot.record not in GOODS:
        await _take_person(bound, slot, option.value if option else text, option.label if option else None, scope)
        return
    named = scope.linker.labelled(option.value) if option else None
    if named is not None:
        put(bound, slot, named)
        return
    if option is not None and (everyone := _all_offered(option, question.options, scope)) is not None:
        put(bound, slot, everyone)
        return
    words = option.value if option else text
    among = [o for o in question.options if o.value in scope.linker.vocabulary.products]
    if among and (several := _each_offered(words, among, scope)) is not None:
        put(bound, slot, several)
        return
    link = await scope.linker.goods(words, 0, len(words), category=bound.task.effect == "read")
    if not isinstance(link, Linked) and (hits := [o for o in among if words.casefold() in o.label.casefold()]) and len(hits) == 1:
        link = scope.linker.labelled(hits[0].value) or link
    if isinstance(link, Linked) and among:
        link = _among_options(link, [o.value for o in among], words, scope)
    if isinstance(link, Linked):
        put(bound, slot, await _beside_the_others(link, bound.links.get(slot.name), scope))
    else:
        bound.asked.append(which(slot, link))


async def _beside_the_others(kind: Linked, before: Linked | None, scope: Scope) -> Linked:
    """ "Moss", where it was asked which kind of one of several products is meant: that one, and the others as they were."""
    if before is None or kind.variants is None or len(kind.products) != 1:
        return kind
    own = {*kind.products, *(variant.id for variant in await scope.store.variants(Selection[Variant](ids=kind.products)))}
    others = [scope.linker.labelled(id) for id in before.products if id not in own]
    if len(others) == len(before.products) or not others or not all(others):
        return kind
    return scope.linker.together([*(link for link in others if link is not None), kind])


def _all_offered(option: Option, offered: Sequence[Option], scope: Scope) -> Linked | None:
    """ "All 8 of them": what was offered, where that is all there is, and nothing else that bears its noun."""
    links = [link for one in offered if (link := scope.linker.labelled(one.value)) is not None]
    return scope.linker.together(links) if len(links) > 1 and option.label == f"All {len(links)} of them" else None


def _each_offered(words: str, offered: Sequence[Option], scope: Scope) -> Linked | None:
    """ "The blown glass and the bud vase": each part of the answer one of what was offered."""
    parts = [{w.stem for w in words_of(part)} - {stem(word) for word in COMMON} for part in re.split(r"\s*(?:[,;]|\band\b)\s*", words) if part]
    meant = [[o for o in offered if part and part <= {w.stem for w in words_of(o.label)}] for part in parts]
    if len(parts) < 2 or any(len(one) != 1 for one in meant):
        return None
    return scope.linker.together([link for one in meant if (link := scope.linker.labelled(one[0].value)) is not None])


def _among_options(link: Linked, offered: Sequence[str], words: str, scope: Scope) -> Link:
    """Of what was offered, where the words mean some of that: "merino" is no answer for all that is of merino."""
    meant = [id for id in offered if id in link.products]
    if not meant or set(link.products) <= set(offered):
        return link
    options = tuple((id, scope.linker.vocabulary.products[id]) for id in meant)
    if len(meant) == 1:
        return scope.linker.labelled(meant[0]) or link
    return Several(start=0, end=len(words), said=words, options=options, total=len(options), all_of_them="", head=())


async def _take_person(bound: Bound, slot: Slot, text: str, label: str | None, scope: Scope) -> None:
    from agent.sdk import Where

    if label is None:
        record = slot.record
        assert record in ("customer", "order")
        found = await scope.store.named(record, text)  # type: ignore[arg-type]  # narrowed by the assertion above
        exact = [m for m in found if m.label.casefold().lstrip("#") == text.casefold().lstrip("#")] or (found if len(found) == 1 else [])
        if len(exact) != 1:
            options = [(m.id, m.label) for m in found]
            bound.ask(slot.name, said.not_understood(text, f"Which {record} do you mean?"), options)
            return
        text, label = exact[0].id, exact[0].label
    put(bound, slot, Linked(start=0, end=0, products=(text,), where=Where(text=label), label=label, record=slot.record or ""))


async def _said_otherwise(bound: Bound, slot: Slot, text: str, scope: Scope) -> bool:
    """Whether the words say as much by another field that stands for this one: "by 5" where a price was asked for."""
    others = {name for group in bound.task.args.one_of if slot.name in group for name in group if name != slot.name}
    if not others or not {"money", "percent", "integer"} & set(slot.types):
        return False
    values = normalise(text, 0, len(text), (), scope.terms, ahead=bound.task.looks_ahead)
    own = await bind(bound.task, Piece(text=text, start=0, end=len(text), slots=(), values=values), scope, finders=False)
    said = [name for name in own.args if name in others and name not in own.links]
    if len(said) != 1 or slot.name in own.args:
        return False
    bound.args[said[0]] = own.args[said[0]]
    return True


def _take_value(bound: Bound, slot: Slot, text: str, scope: Scope) -> bool:
    """Whether the words gave a value for the field, or a question of their own."""
    values = normalise(text, 0, len(text), (), scope.terms, ahead=bound.task.looks_ahead)
    impossible = next((v for v in values.items if isinstance(v, Impossible)), None)
    fitted = answer_fits(slot, text, values, scope)
    if fitted is not None:
        bound.args[slot.name] = fitted
        problem = bound.args.get(slot.name)
        return problem is not None
    if impossible is not None:
        bound.ask(slot.name, impossible.question, impossible.options)
        return True
    return False


def _resolve(step: Step, draft: Draft) -> None:
    """Records that were to be the same as an earlier subtask's, now that those are known."""
    for name, value in list(step.bound.args.items()):
        if not (isinstance(value, dict) and "$same" in value):
            continue
        id, _, field = str(value["$same"]).partition(".")
        source = next((s for s in draft.steps if s.id == id), None)
        if source is None or (field not in source.bound.links and not shown(source.bound.args.get(field))):
            if source is None:
                del step.bound.args[name]
            continue
        if field in source.bound.links:
            step.bound.links[name] = source.bound.links[field]
            step.bound.args[name] = as_selection(source.bound.links[field], step.bound.task.slot(name))
        else:
            step.bound.args[name] = source.bound.args[field]
        if not source.changes or not step.changes:
            step.bound.after = [after for after in step.bound.after if after != id]
