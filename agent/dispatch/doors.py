"""What a handler is given to reach a model with: Labeller, Tagger and Writer, each deciding by the classifier and noting the route."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from agent.dialects.events import Assembly, Restarted, TextDelta
from agent.dialects.messages import Message, Request
from agent.dispatch.classifier import Classifier, Decision
from agent.dispatch.growing import Growing, Texts
from agent.errors import AllProvidersFailed, BadOutput, OverBudget, ProviderError, Unsupported
from agent.ledger.records import Trace
from agent.prompts import Prompts
from agent.records import Route
from agent.sdk import Label, Tagged, Task, Untrusted, Written

Words = str | Untrusted[str]


@dataclass(slots=True)
class Routes:
    """Every decision of one subtask, in order; what the reply shows as `run`."""

    taken: list[Route] = field(default_factory=list)

    def note(self, what: str, decision: Decision) -> None:
        self.taken.append(Route(by=decision.by, what=what, confidence=decision.confidence, why=decision.why))


@dataclass(frozen=True, slots=True)
class RoutedLabeller:
    classifier: Classifier
    prompts: Prompts
    routes: Routes

    async def label(self, head: str, texts: Sequence[Words]) -> list[Label]:
        """
        Raises:
            AllProvidersFailed: There is no student for this head and no provider answered.
        """
        if not texts:
            return []
        words = [text.value if isinstance(text, Untrusted) else text for text in texts]
        if self.classifier.for_label(head).by == "student":
            return await self._by_student(head, words)
        labels = await self._by_frontier(head, words, None)
        self.routes.note(f"label {len(words)} texts: {head}", self.classifier.for_label(head))
        return labels

    async def candidates(self, head: str, texts: Sequence[Words]) -> list[list[Label]]:
        """By the student alone: a frontier model's list of labels has no confidences to go by.

        Raises:
            Unsupported: There is no student for this head.
        """
        if not texts:
            return []
        student = self.classifier.heads.get(head)
        if student is None:
            raise Unsupported(f"no student knows `{head}`; put its model into the folder `models/{head}`.")
        words = [text.value if isinstance(text, Untrusted) else text for text in texts]
        found = await asyncio.to_thread(student.candidates, words)  # with the context: which run it is for
        sure = fmean([some[0].confidence for some in found if some] or [1.0])
        self.routes.note(f"label {len(words)} texts: {head}", Decision("student", f"a student for `{head}` passed its gate", sure))
        return found

    async def _by_student(self, head: str, words: list[str]) -> list[Label]:
        student = self.classifier.heads[head]
        labels = await asyncio.to_thread(student.label, words)  # with the context: which run it is for
        unsure = [i for i, label in enumerate(labels) if self.classifier.for_label(head, label.confidence).by == "frontier"]
        if unsure:
            try:
                better = await self._by_frontier(head, [words[i] for i in unsure], student.labels)
            except (ProviderError, OverBudget):
                better = []  # the student's own answer, unsure as it is, is better than none; its confidence says so
            for i, label in zip(unsure, better, strict=False):
                labels[i] = label
        sure = fmean(label.confidence for label in labels)
        why = f"a student for `{head}` passed its gate" + (f"; {len(unsure)} unsure ones went to the frontier" if unsure else "")
        self.routes.note(f"label {len(words)} texts: {head}", Decision("student", why, sure))
        return labels

    async def _by_frontier(self, head: str, words: list[str], known: Sequence[str] | None) -> list[Label]:
        prompt = self.prompts.render("tasks/label.jinja", head=head, labels=list(known or ()), texts=words)
        schema = {"type": "object", "properties": {"labels": {"type": "array", "items": {"type": "string"}}}, "required": ["labels"]}
        found = await self.classifier.gateway.complete_json(alias="frontier", prompt=prompt, schema=schema, purpose=f"label:{head}")
        labels = found.get("labels")
        if not isinstance(labels, list) or len(labels) != len(words) or (known and not set(labels) <= set(known)):
            raise BadOutput("the labels do not fit the texts")
        return [Label(label=str(label), confidence=1.0, by="frontier") for label in labels]


@dataclass(frozen=True, slots=True)
class RoutedTagger:
    """Tags by a student of that head; there is no frontier road for tags yet, so a head without a student is a clear error."""

    taggers: Mapping[str, Any]
    routes: Routes

    async def tag(self, head: str, text: Words) -> list[Tagged]:
        """
        Raises:
            Unsupported: There is no student for this head.
        """
        student = self.taggers.get(head)
        if student is None:
            raise Unsupported(f"no student tags `{head}`; put its model into the folder `models/{head}`.")
        words = text.value if isinstance(text, Untrusted) else text
        self.routes.note(f"tag: {head}", Decision("student", f"a student for `{head}` passed its gate"))
        found: list[Tagged] = await asyncio.get_running_loop().run_in_executor(None, student.tag, words)
        return found


@dataclass(frozen=True, slots=True)
class RoutedWriter:
    task: Task
    classifier: Classifier
    prompts: Prompts
    routes: Routes
    texts: Texts | None = None
    """Where what is written is told while it is; None where nobody can follow."""

    async def write(self, **facts: Any) -> Written:
        decision = self.classifier.for_writing()
        if decision.by == "frontier":
            try:
                return await self._by_frontier(facts, decision)
            except (ProviderError, OverBudget) as error:
                decision = Decision("template", f"made from the shop's own facts, since {_why(error)}")
        return self._by_template(facts, decision)

    async def plain(self, **facts: Any) -> Written:
        return self._by_template(facts, Decision("template", "what the model wrote was not borne out by the shop's own facts"))

    def _by_template(self, facts: Mapping[str, Any], decision: Decision) -> Written:
        text = self.prompts.render(f"tasks/{self.task.name}.template.jinja", self.task.folder, **facts)
        self.routes.note("write", decision)
        if self.texts is not None:
            self.texts.replaced(facts, text)
        return Written(text=text, by="template")

    async def _by_frontier(self, facts: Mapping[str, Any], decision: Decision) -> Written:
        prompt = self.prompts.render(f"tasks/{self.task.name}.jinja", self.task.folder, **facts)
        alias = "writer" if self.classifier.gateway.has("writer") else "frontier"
        request = Request(messages=[Message("user", prompt)])
        if self.texts is None or self.texts.watched() == "nobody":  # in one piece: a tenth of the work, and the route may hedge
            response = await self.classifier.gateway.complete(request, alias=alias, purpose=self.task.name)
            text, served_by = response.text, f"{response.provider}/{response.model}"
        else:
            text, served_by = await self._told(request, alias, self.texts.begun(facts))
        self.routes.note("write", Decision("frontier", f"{decision.why}; {served_by} answered"))
        return Written(text=text.replace("\0", "").strip(), by="frontier")  # PostgreSQL keeps no NUL

    async def _told(self, request: Request, alias: str, growing: Growing) -> tuple[str, str]:
        """The text and who wrote it, told as it grows. A stream that breaks begins anew elsewhere: a text is never half one model's."""
        said, trace = Assembly(), Trace()
        events = self.classifier.gateway.stream(request, alias=alias, purpose=self.task.name, trace=trace, restart=True)
        whole = False
        try:
            async with aclosing(events):
                async for event in events:
                    said.add(event)
                    if isinstance(event, TextDelta):
                        growing.add(event.text)
                    elif isinstance(event, Restarted):
                        growing.begin()
            whole = True
        finally:
            if whole:
                growing.end()
            else:
                growing.drop()
        return said.text, trace.served_by


def _why(error: ProviderError | OverBudget) -> str:
    """Why nobody wrote, as half a sentence; what a provider itself said is never part of it."""
    if isinstance(error, AllProvidersFailed) and error.attempts:
        count = len(error.attempts)
        return "the only attempt at a provider failed" if count == 1 else f"{count} attempts at a provider failed"
    return str(error).rstrip(".")
