"""A plan while it is being made: subtasks with typed args, and what is asked and not done."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agent.planning import said
from agent.planning.binding.checked import validated
from agent.planning.binding.described import HOW_MANY
from agent.planning.binding.earlier_records import MADE, makes, shown
from agent.planning.binding.pointing import points_at
from agent.planning.binding.ranked import is_endless, limit_of
from agent.planning.binding.scope import GOODS, Asked, Bound, Earlier, Scope, put
from agent.planning.clauses.modality import Spoken
from agent.planning.language.circumstances import Circumstance, condition_in
from agent.planning.language.values import Narrowing, Spot
from agent.planning.linking.link import Linked
from agent.records import UNDO, Condition, NotDone, Option, Plan, Question, Replaced, Subtask
from agent.records.plan import NotDoneCode, Read
from agent.sdk import Money, Percent, Period, Selection, Task

TASK, LEFT = "task", "left"
"""Fields of questions that are about no field of a task: which task was meant, and what a value is for."""
IGNORE = "leave it out"
NONE = "none of these"


@dataclass(slots=True, kw_only=True)
class Step:
    """A subtask to be."""

    id: str
    bound: Bound
    span: tuple[int, int]
    by: Literal["student", "frontier"]
    confidence: float
    said: str = ""
    """What earlier turns of the thread said of it."""
    given: Condition | None = None
    left_out: str = ""
    """Words of it that no field took and that were left out."""

    @property
    def changes(self) -> bool:
        return self.bound.task.effect in ("write", "action")


@dataclass(slots=True, kw_only=True)
class Draft:
    text: str
    locale: str
    scope: Scope
    steps: list[Step] = field(default_factory=list)
    not_done: list[NotDone] = field(default_factory=list)
    background: list[tuple[int, int]] = field(default_factory=list)
    undone: list[tuple[str, tuple[str, ...], tuple[int, int]]] = field(default_factory=list)
    """Change sets of earlier turns to be put back, the records that alone are meant of each, and the words that say so."""
    as_of: date | None = None
    notes: list[str] = field(default_factory=list)
    replaces: list[Replaced] = field(default_factory=list)
    closed: int = 0
    """So many steps are not to be added to: what follows is under a condition that they are not under."""
    spoken_of: Spoken | None = None
    """How the last change was spoken of that was not asked for."""

    def close(self) -> None:
        self.closed = len(self.steps)

    def add(self, bound: Bound, *, span: tuple[int, int], by: Literal["student", "frontier"], confidence: float) -> None:
        """The bound task as the next subtask, after the reads that find its records."""
        for name, finder in bound.finds:
            self.add(finder, span=span, by=by, confidence=confidence)
            slot = bound.task.slot(name)
            outputs = self.scope.outputs[finder.task.name].items()
            own = [field for field, kind in outputs if kind == slot.record]  # of a size that is dear, not the others
            output = (own or [field for field, kind in outputs if kind == "product" and slot.record == "variant"])[0]
            without = str(bound.args[name]["$ref"]) if shown(bound.args.get(name)) else ""
            bound.args[name] = {"$ref": f"{self.steps[-1].id}.{output}{without}"}
            bound.after.append(self.steps[-1].id)
        for name, finder in bound.spares:
            self.add(finder, span=span, by=by, confidence=confidence)
            output = next(field for field, kind in self.scope.outputs[finder.task.name].items() if kind == finder.task.about)
            bound.args[name] = {"$ref": f"{bound.args[name]['$ref']} without {self.steps[-1].id}.{output}"}
            bound.after.append(self.steps[-1].id)
        step = Step(id=f"s{len(self.steps) + 1}", bound=bound, span=span, by=by, confidence=confidence)
        self._settle_left(step)
        self.steps.append(step)
        self.scope.earlier.append(Earlier(id=step.id, bound=bound))

    def before(self, task: Task) -> Bound | None:
        """The latest subtask of the same task."""
        return next((step.bound for step in reversed(self.steps) if step.bound.task is task), None)

    def continued(self, bound: Bound, span: tuple[int, int], *, of_what_is_made: bool = False) -> bool:
        """Whether the clause only adds to the one before, and did so: "write a text for the bowls, keep it brief".

        Args:
            of_what_is_made: It is of what is to be made, and may name records too: "create … at 18, ‖ tag wool, in collection Kitchen".
        """
        before = self.steps[-1] if len(self.steps) > self.closed else None
        if before is None or before.bound.task is not bound.task or bound.task.effect == "read" or bound.left or bound.finds:
            return False
        records = {slot.name for slot in bound.task.slots if slot.record and slot.name in bound.args}
        of_it = of_what_is_made or _is_of_the_same(bound, before.bound)
        told = {name for name in records if of_it and name not in before.bound.args}
        records -= told
        own = {name: value for name, value in bound.args.items() if name not in records}
        own |= _said_on(before.bound, own)
        other = any(before.bound.args.get(name, value) != value and name not in _TOLD for name, value in own.items())
        if not own or not records <= set(bound.refers) or other:
            return False
        missing = {name for group in bound.task.args.one_of for name in group if not any(n in before.bound.args for n in group)}
        missing |= {asked.field for asked in before.bound.asked}
        settled = {name for group in bound.task.args.one_of for name in group if any(n in before.bound.args for n in group)}
        missing |= settled if bound.task.effect == "draft" else set()
        if any(asked.field not in missing and asked.field not in before.bound.args and asked.field not in records for asked in bound.asked):
            return False
        before.bound.args |= own
        before.bound.links |= {name: bound.links[name] for name in told if name in bound.links}
        before.bound.asked = [asked for asked in before.bound.asked if asked.field not in own]
        before.span = (before.span[0], span[1])
        return True

    def of_what_is_made(self, bound: Bound, span: tuple[int, int]) -> bool:
        """Whether the clause only says where the thing belongs that the one before is to make, and did so: "create … and put it in Summer"."""
        before = self.steps[-1] if len(self.steps) > self.closed else None
        kind = before.bound.task.about if before is not None and before.bound.task.does == "make" else ""
        about = next((slot.name for slot in bound.task.slots if slot.record == kind), None)
        if before is None or about is None or bound.left or bound.finds or not _IT.search(bound.piece.said) or _names_another(bound, kind):
            return False
        given = {name: bound.task.slot(name) for name in bound.args if name != about and bound.task.slot(name).record}
        rest = [value for name, value in bound.args.items() if name != about and name not in given]
        free = [slot for slot in before.bound.task.slots if slot.name not in before.bound.args]
        places = {name: next((s.name for s in free if (s.record, s.types) == (own.record, own.types)), None) for name, own in given.items()}
        if not given or rest not in ([], ["add"]) or any(asked.field != about for asked in bound.asked):
            return False
        if any(place is None for place in places.values()) or len(set(places.values())) < len(places):
            return False
        before.bound.args |= {place: bound.args[name] for name, place in places.items() if place is not None}
        before.bound.links |= {place: bound.links[name] for name, place in places.items() if place is not None and name in bound.links}
        before.span = (before.span[0], span[1])
        return True

    def filled(self, bound: Bound, span: tuple[int, int]) -> bool:
        """Whether the clause only says what goes into the collection that the one before is to make: "create …, put all mugs in it"."""
        before = self.steps[-1] if len(self.steps) > self.closed else None
        if before is None or makes(before.bound) != "collection" or bound.task is not before.bound.task or bound.left or bound.finds:
            return False
        held = next((slot for slot in bound.task.slots if slot.record == "product" and slot.name in bound.args), None)
        rest = {name: value for name, value in bound.args.items() if held is None or name != held.name}
        rest = rest if "add" in rest.values() else {name: value for name, value in rest.items() if before.bound.args.get(name) != value}
        if held is None or rest not in (
            {},
            {"collection": {"$ref": f"{before.id}.{MADE}"}},
            {"action": "add"},
            {"action": "add", "collection": {"$ref": f"{before.id}.{MADE}"}},
        ):
            return False
        both = [one.links.get(held.name) for one in (before.bound, bound)]
        if held.name in before.bound.args and not all(both):
            return False
        links = [link for link in both if link is not None]
        if links:
            put(before.bound, held, self.scope.linker.together(links) if len(links) > 1 else links[0])
        else:
            before.bound.args[held.name] = bound.args[held.name]
        before.bound.after += [id for id in bound.after if id != before.id and id not in before.bound.after]
        before.span = (before.span[0], span[1])
        return True

    def placed(self, bound: Bound, *, span: tuple[int, int], confidence: float, said: str) -> Step:
        """The bound task as the next subtask, as an earlier turn of the thread left it."""
        step = Step(id=f"s{len(self.steps) + 1}", bound=bound, span=span, by="student", confidence=confidence, said=said)
        self.steps.append(step)
        self.scope.earlier.append(Earlier(id=step.id, bound=bound))
        return step

    def refuse(self, span: tuple[int, int], code: NotDoneCode, reason: str) -> None:
        self.not_done.append(NotDone(span=span, code=code, reason=reason))

    def ask_which(self, bound: Bound, *, span: tuple[int, int], by: Literal["student", "frontier"], confidence: float, near: Sequence[Task]) -> None:
        """The clause as its likeliest task, waiting for the merchant to say whether that is meant."""
        words = self.text[span[0] : span[1]]
        options = [*((task.name, task.summary) for task in near), (NONE, "Something else")]
        bound.asked = [Asked(field=TASK, question=said.which_task(words), options=tuple(options))]
        bound.left, bound.finds, bound.spares = [], [], []
        bound.args = {name: value for name, value in bound.args.items() if not _unplaced(value)}
        self.add(bound, span=span, by=by, confidence=confidence)

    def plan(self, *, took_ms: float, id: str | None = None) -> Plan:
        _contradictions(self)
        _write_order(self.steps)
        self._ask_of_loose()
        self._ask_how_many()
        subtasks: list[Subtask] = []
        questions: list[Question] = []
        for step in self.steps:
            args, problems = validated(step.bound)
            for name, problem in problems:
                step.bound.args.pop(name, None)
                step.bound.ask(
                    name, f"That does not fit: {problem[:1].lower()}{problem[1:]}. {step.bound.task.slot(name).question or 'What should it be?'}"
                )
            if problems:
                args, _ = validated(step.bound)
            subtasks.append(_subtask(step, args))
            questions += [_question(asked, step.id, len(questions) + n) for n, asked in enumerate(step.bound.asked, 1)]
        subtasks += [_undo(change_set, records, span, len(subtasks) + n) for n, (change_set, records, span) in enumerate(self.undone, 1)]
        by = {step.by for step in self.steps} or {"student"}
        return Plan(
            id=id or secrets.token_hex(8), text=self.text, locale=self.locale, subtasks=tuple(subtasks), questions=tuple(questions),
            not_done=tuple(sorted(self.not_done, key=lambda n: n.span)), by="mixed" if len(by) > 1 else by.pop(), took_ms=took_ms,
            as_of=self.as_of, background=tuple(self.background), notes=tuple(dict.fromkeys(self.notes)), replaces=tuple(dict.fromkeys(self.replaces)),
        )  # fmt: skip

    def _ask_how_many(self) -> None:
        """A change to "our best sellers" of which nobody said how many: all that ever sold are among them."""
        ranked = {step.id: step.bound for step in self.steps if is_endless(step.bound)}
        for step in self.steps if ranked else ():
            goods = [slot.name for slot in step.bound.task.slots if slot.record in GOODS and step.changes]
            for value in (step.bound.args.get(name) for name in goods):
                pointed = str(value.get("$ref", "")) if isinstance(value, dict) else ""
                source = ranked.get(pointed.partition(".")[0]) if "[" not in pointed else None
                if source is not None and (top := limit_of(source)) is not None:
                    source.ask(top, HOW_MANY)

    def _ask_of_loose(self) -> None:
        """A change to "those" where those were found without a part of what was said of them: it may reach more than is meant."""
        loose = {step.id: step.left_out for step in self.steps if step.left_out and step.bound.task.effect == "read"}
        for step in self.steps:
            pointed = {str(value["$ref"]).partition(".")[0] for value in step.bound.args.values() if shown(value) and "$ref" in value}
            for words in (loose[id] for id in sorted(pointed & set(loose)) if step.changes):
                step.bound.ask(LEFT, said.not_narrowed(words), [(IGNORE, "Do it without that")])

    def _settle_left(self, step: Step) -> None:
        """A value that no field takes: asked about before a change, told beside an answer."""
        for spot in _apart(step.bound.left):
            words = " ".join(self.text[spot.start : spot.end].split())
            if step.bound.task.effect in ("read", "draft") and not isinstance(spot, Narrowing):
                self.refuse((spot.start, spot.end), "unclear", said.left_out(words))
                step.left_out = step.left_out or words
            elif isinstance(spot, Circumstance):
                told = condition_in(words) if spot.kind == "condition" else words
                step.bound.ask(LEFT, said.circumstance(spot.kind, told), [(IGNORE, "Do it anyway")])
            elif not any(asked.field == LEFT for asked in step.bound.asked):
                question, otherwise = (said.not_narrowed, "Do it without that") if isinstance(spot, Narrowing) else (said.for_what, "Leave it out")
                step.bound.ask(LEFT, question(words), [(IGNORE, otherwise)])


_TOLD = frozenset({"answer", "message"})
"""What a text is to say, of which more may be said later: "tell her it is late ‖ and offer her a discount"."""


def _is_of_the_same(bound: Bound, before: Bound) -> bool:
    """Whether a clause tells more of the one new thing that has a name: "new product: Trivet, 18€, ‖ cost us 7, goes into Kitchen"."""
    names = [slot.name for slot in bound.task.slots if slot.required and slot.types == ("text",)]
    return bound.task.does == "make" and bool(names) and all(bound.args.get(name) in (None, before.args.get(name)) for name in names)


def _said_on(before: Bound, own: dict[str, Any]) -> dict[str, Any]:
    """Both of what a text is to say, where it is said in two parts."""
    said = {name: value for name, value in own.items() if name in _TOLD and before.task.effect == "draft"}
    return {name: f"{first}, and {value}" for name, value in said.items() if (first := before.args.get(name)) not in (None, value)}


_IT = re.compile(r"\b(?:it|this|that)\b", re.I)


def _unplaced(value: Any) -> bool:
    """A reference to a search that has no place in the plan yet."""
    return isinstance(value, dict) and str(value.get("$ref", "-")).partition(" ")[0] == ""


def _names_another(bound: Bound, kind: str) -> bool:
    """Whether the clause names a record of this kind itself, beside the other records it names."""
    others = [Spot(start=link.start, end=link.end) for name, link in bound.links.items() if bound.task.slot(name).record != kind]
    marked = [slot for slot in bound.piece.slots if slot.kind == kind and not points_at(bound.piece.of(slot), kind)]
    return any(not Spot(start=slot.start, end=slot.end).overlaps(other) for slot in marked for other in others)


def _apart(spots: Sequence[Spot]) -> list[Spot]:
    """Each place once: a quoted text within a marked one is the same words."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda s: (s.start, -s.end)):
        if spot.start < spot.end and not any(spot.overlaps(other) for other in kept):
            kept.append(spot)
    return kept


def _subtask(step: Step, args: dict[str, Any]) -> Subtask:
    after = tuple(dict.fromkeys(step.bound.after))
    read = Read(by=step.by, confidence=round(step.confidence, 4))
    return Subtask(
        id=step.id, task=step.bound.task.name, args=args, span=step.span, after=after, effect=step.bound.task.effect, read=read, given=step.given,
        said=step.said,
    )  # fmt: skip


def _undo(change_set: str, records: Sequence[str], span: tuple[int, int], n: int) -> Subtask:
    """Words and code alone decide on it, so it is as sure as they are."""
    args = {"change_set": change_set, **({"records": list(records)} if records else {})}
    return Subtask(id=f"s{n}", task=UNDO, args=args, span=span, effect="write", read=Read(by="student", confidence=1.0))


def _question(asked: Asked, subtask: str, n: int) -> Question:
    options = tuple(Option(value=value, label=label) for value, label in asked.options)
    return Question(id=f"q{n}", subtask=subtask, field=asked.field, question=asked.question, options=options)


def _same_records(step: Step, other: Step) -> bool:
    """Whether two changes may touch one record: by ids, or by pointing at the same earlier answer."""
    pointers = {str(v) for v in step.bound.args.values() if shown(v)} & {str(v) for v in other.bound.args.values() if shown(v)}
    return bool(pointers) or any(_overlap(a, b) for a in step.bound.links.values() for b in other.bound.links.values())


def _overlap(a: Linked, b: Linked) -> bool:
    """Two sizes of one product are not the same record; the product and one of its sizes are."""
    if a.variants is not None and b.variants is not None and set(a.variants).isdisjoint(a.products) and set(b.variants).isdisjoint(b.products):
        return not set(a.variants).isdisjoint(b.variants)
    return not set(a.products).isdisjoint(b.products)


def _write_order(steps: Sequence[Step]) -> None:
    """What is to be changed or written about comes after the changes before that reach it, so that it can be shown as it will be then."""
    for at, step in enumerate(steps):
        if step.bound.task.effect != "read":
            step.bound.after += [s.id for s in steps[:at] if s.changes and s.id not in step.bound.after and _both_done(s, step) and _reaches(s, step)]


def _reaches(change: Step, step: Step) -> bool:
    """Whether a change touches the records of a later step, or makes records be among them: "tag the mugs gift, then cut all tagged gift"."""
    chosen = {value for link in step.bound.links.values() for value in (*link.where.tags, link.where.product_type, link.where.collection)}
    given = {str(one).casefold() for value in change.bound.args.values() for one in (value if isinstance(value, list) else [value])}
    if change.bound.task.does == "make" and (code := change.bound.args.get("code")) and code == step.bound.args.get("code"):
        return True
    return _same_records(change, step) or (step.changes and any(str(one).casefold() in given for one in chosen if one))


def _both_done(step: Step, other: Step) -> bool:
    """Not one of them where a condition holds and the other where it does not."""
    return step.given is None or other.given is None or step.given == other.given


def _contradictions(draft: Draft) -> None:
    """Two changes that give one field of one record two values become one change and a question."""
    for later in list(draft.steps):
        earlier = next((s for s in draft.steps[: draft.steps.index(later)] if s.changes and _contradict(s, later)), None)
        if earlier is None:
            continue
        name = _deciding(earlier, later)[0]
        first, second = earlier.bound.args[name], later.bound.args[name]
        what = next((link.label for link in earlier.bound.links.values()), "it")
        earlier.bound.ask(
            name, said.contradiction(what, spoken(first), spoken(second)), [(spoken(first), spoken(first)), (spoken(second), spoken(second))]
        )
        for differing in _differing(earlier, later):
            del earlier.bound.args[differing]
        draft.steps.remove(later)
        earlier.span = (min(earlier.span[0], later.span[0]), max(earlier.span[1], later.span[1]))
        for step in draft.steps:
            step.bound.after = [earlier.id if id == later.id else id for id in step.bound.after if id != later.id or step is not earlier]


def _contradict(first: Step, second: Step) -> bool:
    if first.given or second.given:
        return False  # only one of them is done
    in_doubt = any(asked.field == TASK for step in (first, second) for asked in step.bound.asked)
    if in_doubt or first.bound.task is not second.bound.task or not _same_records(first, second) or first.bound.task.effect == "read":
        return False
    differing = _deciding(first, second)
    if "action" in differing and set(first.bound.args) != set(second.bound.args):
        return False  # to rename it and to add goods to it are two things, both to be done
    mine, theirs = first.bound.links, second.bound.links
    if any(set(mine[name].products).isdisjoint(theirs[name].products) for name in mine if name in theirs):
        return False  # out of one collection and into another
    choices = [name for name in differing if {"choice", "flag"} & set(first.bound.task.slot(name).types)]
    return bool(differing) and (not choices or len(choices) == len(differing))


def _differing(first: Step, second: Step) -> list[str]:
    records = set(first.bound.links) | set(second.bound.links)
    both = [name for name in first.bound.args if name in second.bound.args and name not in records]
    lists = [name for name in both if isinstance(first.bound.args[name], list)]
    return [name for name in both if name not in lists and first.bound.args[name] != second.bound.args[name]]


def _deciding(first: Step, second: Step) -> list[str]:
    """The differing fields that nothing else decides: the sign of a percentage says its direction too, and two new prices
    contradict each other whichever way each was to go.
    """
    differing = _differing(first, second)
    if new := [name for name in differing if _sets(first, name) and _sets(second, name)]:
        return new
    by_sign = any(isinstance(first.bound.args[name], Percent) and isinstance(second.bound.args[name], Percent) for name in differing)
    return [name for name in differing if not (by_sign and name == "direction")]


def _sets(step: Step, name: str) -> bool:
    """Whether a field's value is what is to be, not by how much it moves."""
    return _NEW.match(step.bound.task.slot(name).description) is not None and not isinstance(step.bound.args[name], Percent)


_NEW = re.compile(r"(?:the\s+)?new\b", re.I)


def spoken(value: Any) -> str:
    """A value as a sentence has it."""
    match value:
        case Money():
            return f"{value.amount} {value.currency}"
        case Selection():
            return value.label or f"{len(value)} records"
        case Period():
            return value.label
        case Percent():
            return str(value)
        case _:
            return str(value)
