"""Answers to open questions that come as the next message: "the blue one", "12.50", "both", "the first one"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning.answers import answer
from agent.planning.binding.answered import answer_fits
from agent.planning.binding.scope import Scope
from agent.planning.conditions import CONDITION, DO_IT, LEAVE_IT
from agent.planning.draft import IGNORE, LEFT, NONE, TASK, Draft
from agent.planning.language.fragments import THEM
from agent.planning.language.normalise import normalise
from agent.planning.language.values import Impossible, Words
from agent.planning.linking.lexicon import COMMON, DOING
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.markers import marked
from agent.planning.threads.markers import whole as is_word
from agent.planning.threads.message import Read
from agent.planning.threads.recall import Past, as_earlier, resolved_args
from agent.records import NotDone, Option, Plan, Question, Replaced, Turn
from agent.sdk import Customer, Selection

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NTH = re.compile(
    rf"(?:the\s+)?(?:(?P<word>{'|'.join(_ORDINALS)}|last)|(?:number|option|no\.?|nr\.?|#)\s*(?P<n>\d+))(?:\s+(?:one|option|of\s+(?:them|those|these)))?",
    re.I,
)
_ALL = re.compile(rf"(?:both|all|all\s+(?:of\s+(?:{THEM})|\d+)|every\s*one(?:\s+of\s+them)?|each(?:\s+of\s+them)?|everything)", re.I)
_NEITHER = re.compile(
    r"(?:none|neither|nothing|no|none\s+of\s+(?:them|these|those)|neither\s+of\s+(?:them|these|those)|(?:leave|take|skip|ignore|drop)\s+(?:it|that)(?:\s+out)?|without(?:\s+(?:it|that))?"
    r"|something\s+else|ignore|skip)",
    re.I,
)
_WORDS = (
    frozenset({"one", "ones", "please", "just", "option", "i", "mean", "meant", "say", "let", "take", "use", "think", "thing", "go", "want"}) | COMMON
)
_LONGEST = 12
"""Words of an answer to anything but a free text."""
_WRITING = frozenset({
    "write", "draft", "compose", "send", "email", "mail", "message", "reply", "answer", "translate", "describe", "export", "forecast", "compare",
    "schedule", "fill", "give", "offer", "apply", "categorise", "undo", "pause", "stop", "end", "start", "check", "print",
})  # fmt: skip
"""Verbs of orders beside those of a change."""
_OBJECT = re.compile(rf"(?:an?|the|it|that|this|{THEM}|her|him|me|us|all|my|our|its|their|every\w*|order|#?\d+)\b|#\d|(?-i:[A-Z])", re.I)


def is_order(said: str) -> bool:
    """Whether words order something to be done to something: "refund the shipping", "write her an email"."""
    words = words_of(said)
    verb = words[0].text.lower() if words else ""
    return len(words) > 1 and (verb in DOING or verb in _WRITING) and _OBJECT.match(said[said.index(words[1].text) :]) is not None


async def replied(draft: Draft, text: str, turns: Sequence[Turn], past: Sequence[Past], *, new: bool, yes: bool, read: Read) -> bool:
    """Whether the message answers what the last turn asked; the draft then has what waited for it.

    Args:
        new: The message is a request of its own; it is an answer only where it says one of the options.
        yes: It says yes and nothing else.
        read: The clauses that the reader sees in a text.
    """
    turn = turns[-1] if turns else None
    questions = turn.plan.questions if turn is not None else ()
    if turn is None or not questions:
        return False
    mark = marked(text)
    if mark.kind == "without":
        return False  # "not the napkins" says which are not meant
    if (mark.kind == "add" or mark.too) and place_said(text) is not None:
        return False  # "and the second one too" is of what was listed, and no option
    said = text[mark.start : mark.end].strip(" \t\n\"'“”.!,")
    answers = await _answers(questions, said, text.strip(), turn.plan, draft.scope, new=new, yes=yes)
    if answers:
        await _take_up(draft, turn, answers, past, span=(0, len(text)), read=read)
    return bool(answers)


async def _take_up(draft: Draft, turn: Turn, answers: Mapping[str, str], past: Sequence[Past], *, span: tuple[int, int], read: Read) -> None:
    """Go on with what waited for these answers, in place of it."""
    waiting = turn.plan.waiting()
    todo = [
        replace(s, args={**resolved_args(turn, s), **{n: v for n, v in s.args.items() if _is_pending(v, waiting)}})
        for s in turn.plan.subtasks
        if s.id in waiting
    ]
    plan = replace(turn.plan, subtasks=todo, not_done=())
    scope = replace(draft.scope, earlier=as_earlier([one for one in past if one.subtask.id not in waiting or one.turn is not turn]), pieces={})
    taken = await answer(plan, answers, scope, [slot for clause in read(plan.text) for slot in clause.slots])
    for step in taken.steps:
        before = next(s for s in todo if s.id == step.id)
        step.said, step.span = before.said or turn.text[before.span[0] : before.span[1]], span
        step.bound.after = [id for id in step.bound.after if id in waiting]
    draft.steps = taken.steps
    draft.not_done += [NotDone(span=span, code=one.code, reason=one.reason) for one in taken.not_done]
    draft.replaces += [Replaced(run=turn.run, subtask=subtask.id) for subtask in todo]


def _is_pending(value: object, waiting: frozenset[str]) -> bool:
    """A reference to a subtask that waits as well."""
    pointer = str(value.get("$ref") or value.get("$same") or "") if isinstance(value, dict) else ""
    return pointer.partition(".")[0] in waiting


async def _answers(questions: Sequence[Question], said: str, whole: str, plan: Plan, scope: Scope, *, new: bool, yes: bool) -> dict[str, str]:
    """Question id to answer, for those that the message answers."""
    parts = parts_of(said)
    if 1 < len(questions) == len(parts):
        each = [await _answer(question, part, part, plan, scope, new=new, yes=False) for question, part in zip(questions, parts, strict=True)]
        if all(each):
            return {question.id: str(one) for question, one in zip(questions, each, strict=True)}
    for question in questions:
        if (one := await _answer(question, said, whole, plan, scope, new=new, yes=yes)) is not None:
            same = [q for q in questions if (q.question, q.options) == (question.question, question.options)]
            return {q.id: one for q in same}
    return {}


async def _answer(question: Question, said: str, whole: str, plan: Plan, scope: Scope, *, new: bool, yes: bool) -> str | None:
    if question.field == TASK and whole.endswith("?"):
        return None  # "has it been paid?" chooses none of the things that could be done
    if (option := option_meant(question, said, yes=yes)) is not None:
        return option.value
    if not new and (latest := await _ordered_last(question, said, plan, scope)) is not None:
        return latest
    if question.field == CONDITION and yes:
        return DO_IT
    if new or not said or question.field in (TASK, LEFT, CONDITION):
        return None
    task = next(scope.tasks[s.task] for s in plan.subtasks if s.id == question.subtask)
    slot = next((slot for slot in task.slots if slot.name == question.field), None)
    if slot is None or slot.whole:
        return None  # what takes all that was said is not answered by a part of it
    if {"selection", "ref"} & set(slot.types):
        if marked(whole).too or _AND_ALSO.match(whole):
            return None  # "and Daan van Dijk too" says somebody beside those of whom it is asked who they are
        return await _records(question, said, slot.record or "", scope)
    values = normalise(said, 0, len(said), (), scope.terms, ahead=task.looks_ahead)
    if {"text", "texts"} & set(slot.types):
        mark = marked(whole)
        if any(pattern.fullmatch(said) for pattern in (_NTH, _ALL, _NEITHER)) or is_word(whole):
            return None  # "all of them" is no name, and "undo the last one" neither
        of_others = mark.too or mark.kind in ("about", "only", "without", "add")
        corrects = mark.kind == "replace" and any(not isinstance(v, Words) for v in values.items)  # "actually 15%" is no code
        return None if of_others or corrects else whole  # "the first two as well" is no name
    if len(words_of(said)) > _LONGEST:
        return None
    first = min(values.items, key=lambda value: value.start, default=None)
    if task.effect in ("write", "action") and first is not None and SAYS_MORE.search(said, first.end) is not None:
        return None  # "24, except the blue ones" is more than the number
    fits = answer_fits(slot, said, values, scope) is not None or any(isinstance(v, Impossible) for v in values.items)
    return said if fits else None


SAYS_MORE = re.compile(
    rf"[\s,;–—-]+(?:(?:but|and)\s+)?(?:only|just|not|no|except|excluding|without|apart|leave|spare|skip|if|unless|once|when|until|till|as\s+(?:soon|long)|provided|from|every"
    rf"|each\s+\w+|tomorrow|tonight|during|after|before|in|on|of|for|that|which|who|with|made|added)\b(?!\s+(?:(?:all|both)\s+of\s+)?(?:{THEM}|it|each|all|both|everything|now)\W*$)",
    re.I,
)
"""After the value of an answer: a restriction, a time or a condition, which the answer alone would leave out."""
_AND_ALSO = re.compile(r"\W*(?:and|also|plus)\b", re.I)


_THE_LATEST = re.compile(r"(?:(?:from|of)\s+)?the\s+(?:latest|last|newest|most\s+recent)(?:\s+(?:one|customer))?", re.I)


async def _ordered_last(question: Question, said: str, plan: Plan, scope: Scope) -> str | None:
    """ "The latest one", of several customers of a name who are only looked at: the one who ordered last."""
    task = next(scope.tasks[s.task] for s in plan.subtasks if s.id == question.subtask)
    slot = next((slot for slot in task.slots if slot.name == question.field), None)
    if slot is None or slot.record != "customer" or task.effect != "read" or not question.options or _THE_LATEST.fullmatch(said) is None:
        return None
    offered = [option.value for option in question.options if option.value not in (IGNORE, NONE)]
    found = (await scope.store.customers(Selection[Customer](ids=offered))).items
    known = [(one.last_order_at, one.id) for one in found if one.last_order_at is not None]
    return max(known)[1] if known else None


def option_meant(question: Question, said: str, *, yes: bool) -> Option | None:
    """The option that the words mean by its place or by its name."""
    options = list(question.options)
    proper = [o for o in options if o.value not in (IGNORE, NONE) and not _is_all(o)]
    if yes:
        return proper[0] if len(proper) == 1 else None
    if (exact := next((o for o in options if said.casefold() in (o.value.casefold(), o.label.casefold())), None)) is not None:
        return exact
    if (nth := _NTH.fullmatch(said)) is not None and proper:
        at = -1 if (nth["word"] or "").lower() == "last" else _ORDINALS.index(nth["word"].lower()) if nth["word"] else int(nth["n"]) - 1
        return proper[at] if -1 <= at < len(proper) else None
    if _ALL.fullmatch(said):
        return next((o for o in options if _is_all(o)), None) if len(proper) == 2 or not said.lower().startswith("both") else None
    if _NEITHER.fullmatch(said):
        return next((o for o in options if o.value in (IGNORE, NONE, LEAVE_IT)), None)
    stems = {w.stem for w in words_of(said) if w.text.lower() not in _WORDS}
    meant = [o for o in proper if stems and stems <= {w.stem for w in words_of(f"{o.label} {o.value.replace('_', ' ')}")}]
    if len(meant) > 1:  # "merino" of a merino beanie and a chunky one: the one of which nothing is left to say
        asked = {w.stem for w in words_of(question.question)}
        plainly = [o for o in meant if {w.stem for w in words_of(o.label)} - asked == stems - asked]
        meant = plainly if len(plainly) == 1 else meant
    return meant[0] if len(meant) == 1 else None


def place_said(text: str) -> int | None:
    """Which of several a message means that says nothing but its place, the first being 0: "the second one"."""
    mark = marked(text)
    nth = _NTH.fullmatch(text[mark.start : mark.end].strip(" \t\n\"'“”.!,"))
    if nth is None or (nth["word"] or "").lower() == "last":
        return None
    return _ORDINALS.index(nth["word"].lower()) if nth["word"] else int(nth["n"]) - 1


def _is_all(option: Option) -> bool:
    return option.label.startswith("All ")


async def _records(question: Question, said: str, record: str, scope: Scope) -> str | None:
    """Words that name records, with the noun that was asked about where they say "one"."""
    if record in ("customer", "order"):
        named = await scope.store.named(record, said)  # type: ignore[arg-type]  # one of the two
        return said if named and len(words_of(said)) <= _LONGEST else None
    quoted = re.search(r"“(?P<said>[^”]+)”", question.question)
    head = words_of(quoted["said"])[-1:] if quoted and re.search(r"\bones?\b", said, re.I) else ()
    words = re.sub(r"\bone(?P<s>s?)\b", lambda m: head[0].text if head[0].plural else head[0].text + m["s"], said, flags=re.I) if head else said
    offered = [option for option in question.options if option.value in scope.linker.vocabulary.products]
    if len(parts := parts_of(said)) > 1 and all(option_meant(question, part, yes=False) in offered for part in parts):
        return said  # "the blown glass and the bud vase", of three vases
    found = await scope.linker.goods(words, 0, len(words))
    return words if isinstance(found, Linked) else None


def parts_of(said: str) -> list[str]:
    """What is listed: "the bud vase and the tall one"."""
    return [part for part in re.split(r"\s*(?:[,;]|\band\b)\s*", said) if part]
