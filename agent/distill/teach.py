"""A teacher behind the gateway: each text is put to it several times, and what most answers say is the label.

Every answer is kept the moment it comes, so a teacher that dies half way has cost nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection
from typing import Protocol

from agent.dialects.messages import Message, Request, Response
from agent.distill.cache import Says, open_table, text_key
from agent.distill.folder import writing
from agent.distill.spec import GatewayTeacher
from agent.distill.vectors import silent
from agent.errors import AllProvidersFailed, BadOutput, ContentFiltered, OverBudget, ProviderError, RunError, SettingsError, SpendError
from agent.ledger.records import Spender, Trace
from agent.prompts import Prompts
from agent.providers.router import Pool

PURPOSE = "distill"
EARLY = 20
"""Answers after which a teacher of nonsense is given up, rather than paid for to the end."""
_MOST_OUTPUT = 256
_TABLE = "answers (key TEXT PRIMARY KEY, label TEXT, why TEXT NOT NULL, usd REAL, took_s REAL NOT NULL) WITHOUT ROWID"


class Asked(Protocol):
    """What is needed of the gateway."""

    def pool(self, alias: str) -> Pool | None: ...

    async def complete(
        self, request: Request, *, alias: str, purpose: str, spender: Spender | None = None, trace: Trace | None = None
    ) -> Response: ...  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    label: str | None
    """None where it said nothing that can be used."""
    why: str = ""
    """"nonsense" or "refused" where there is no label."""
    usd: float | None = None
    took_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What a teacher said of each text, and what that cost."""

    labels: Sequence[str | None]
    """None where it disagreed with itself, or said nothing usable."""
    disagreed: int
    unusable: int
    """Answers without a label."""
    usd: float
    """All answers together, those kept from earlier runs too."""
    usd_per_answer: float | None
    p50_ms: float
    p95_ms: float


@dataclass(slots=True)
class Teacher:
    """One labelling. `ask` goes on with what is not answered yet."""

    spec: GatewayTeacher
    labels: Sequence[str]
    gateway: Asked
    prompts: Prompts
    folder: Path
    spender: Spender
    says: Says = silent
    asked: int = 0
    """Answers that were not there before."""
    _answers: dict[str, Answer] = field(default_factory=dict)
    _bad: Counter[str] = field(default_factory=Counter)
    """Answers that hold no label, by why."""
    _spent: float = 0.0
    _dearest: float = 0.0
    _flying: int = 0
    _failure: Exception | None = None

    async def ask(self, texts: Sequence[str]) -> Taught:
        """
        Raises:
            RunError: It gave up, died or may not be paid further; what it said so far is kept.
            SettingsError: There is no such alias.
        """
        pool = self.gateway.pool(self.spec.alias)
        if pool is None:
            raise SettingsError(f"the gateway has no alias `{self.spec.alias}`, which the spec names as the teacher; see docs/guide/config.md.")
        names = ",".join(target.name for target in pool.targets)
        prompts = [self._prompt(text) for text in texts]
        keys = [[self._key(names, prompt, sample) for sample in range(self.spec.samples)] for prompt in prompts]
        path = self.folder / "answers.db"
        with closing(open_table(path, _TABLE)) as table:
            for key, answer in _known(table, [key for some in keys for key in some]).items():
                self._note(key, answer)
            todo = deque((key, prompt) for some, prompt in zip(keys, prompts, strict=True) for key in some if key not in self._answers)
            await asyncio.gather(*(self._work(todo, table, len(texts)) for _ in range(self.spec.at_once)))
            if isinstance(self._failure, SettingsError):
                raise self._failure
            if self._failure is not None:
                raise self._gave_up(texts, keys, table) from self._failure
        return self._vote(keys)

    def _key(self, names: str, prompt: str, sample: int) -> str:
        return text_key(names, prompt, json.dumps(list(self.labels)), str(sample))

    def _prompt(self, text: str) -> str:
        return self.prompts.render("distill/label.jinja", labels=list(self.labels), about=self.spec.about, text=text)

    async def _work(self, todo: deque[tuple[str, str]], table: Connection, texts: int) -> None:
        while todo and self._failure is None:
            key, prompt = todo.popleft()
            try:
                self._may_pay()
                self._flying += 1
                try:
                    answer = await self._answer(prompt)
                finally:
                    self._flying -= 1
                self._note(key, answer)
                self.asked += 1
                with writing(self.folder / "answers.db"):
                    row = (key, answer.label, answer.why, answer.usd, answer.took_s)
                    table.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", row)
                    table.commit()
                self.says(len(self._answers), texts * self.spec.samples)
                self._may_go_on()
            except (ProviderError, SpendError, RunError, SettingsError) as error:
                self._failure = self._failure or error

    def _note(self, key: str, answer: Answer) -> None:
        self._answers[key] = answer
        self._spent += answer.usd or 0.0
        self._dearest = max(self._dearest, answer.usd or 0.0)
        if answer.label is None:
            self._bad[answer.why] += 1

    async def _answer(self, prompt: str) -> Answer:
        trace, begun = Trace(), time.monotonic()
        request = Request(
            messages=[Message("user", prompt)], schema=_schema(self.labels), schema_name="label",
            max_output=_MOST_OUTPUT, temperature=0.7 if self.spec.samples > 1 else 0.0,
        )  # fmt: skip
        label, why = None, ""
        try:
            response = await self.gateway.complete(request, alias=self.spec.alias, purpose=PURPOSE, spender=self.spender, trace=trace)
            label = _label(response.text, self.labels)
            why = "" if label else "nonsense"
        except ContentFiltered:
            why = "refused"
        except BadOutput:
            why = "nonsense"
        except AllProvidersFailed as error:
            # A target that answers, but never with what was asked, is no outage.
            if not error.attempts or not all(isinstance(cause, BadOutput) for cause in error.attempts):
                raise
            why = "nonsense"
        usd = float(trace.cost_usd) if trace.cost_usd is not None else None
        return Answer(label=label, why=why, usd=usd, took_s=time.monotonic() - begun)

    def _may_pay(self) -> None:
        limit = self.spec.budget_usd
        if limit is not None and self._spent + self._dearest * (self._flying + 1) > float(limit):
            raise OverBudget(f"`budget_usd` = {limit} of the spec is used up")

    def _may_go_on(self) -> None:
        n, bad = len(self._answers), self._bad.total()
        if n >= EARLY and bad / n > self.spec.most_unusable:
            told = ", ".join(f"{count} {kind}" for kind, count in self._bad.most_common())
            raise RunError(f"{bad} of its {n} answers hold none of the labels ({told}); say in `about` what they mean, or name another teacher")

    def _gave_up(self, texts: Sequence[str], keys: Sequence[Sequence[str]], table: Connection) -> RunError:
        """What cannot be used is forgotten, so that the next run may ask again."""
        bad = [(key,) for key, answer in self._answers.items() if answer.label is None]
        table.executemany("DELETE FROM answers WHERE key = ?", bad)
        table.commit()
        whole = sum(all(key in self._answers for key in some) for some in keys)
        return RunError(
            f"the teacher `{self.spec.alias}` stopped after {whole} of {len(texts)} texts: {str(self._failure).rstrip('.')}. "
            "What it labelled is kept; the same command goes on from there."
        )

    def _vote(self, keys: Sequence[Sequence[str]]) -> Taught:
        said = [[self._answers[key] for key in some] for some in keys]
        labels = [_winner([answer.label for answer in some], self.spec.quorum) for some in said]
        every = [answer for some in said for answer in some]
        costs = [answer.usd for answer in every if answer.usd is not None]
        took = sorted(answer.took_s * 1000 for answer in every)
        return Taught(
            labels=labels, disagreed=sum(won is None and any(a.label for a in some) for won, some in zip(labels, said, strict=True)),
            unusable=sum(answer.label is None for answer in every), usd=sum(costs), usd_per_answer=statistics.mean(costs) if costs else None,
            p50_ms=took[len(took) // 2] if took else 0.0, p95_ms=took[int(len(took) * 0.95)] if took else 0.0,
        )  # fmt: skip


def _winner(votes: Sequence[str | None], quorum: int) -> str | None:
    """The label that enough votes name; None when two do, or none does."""
    counts = Counter(vote for vote in votes if vote is not None).most_common(2)
    if not counts or counts[0][1] < quorum or (len(counts) > 1 and counts[1][1] == counts[0][1]):
        return None
    return counts[0][0]


def _label(text: str, labels: Sequence[str]) -> str | None:
    try:
        found = json.loads(text)["label"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if found in labels else None


def _schema(labels: Sequence[str]) -> dict[str, object]:
    return {
        "type": "object", "properties": {"label": {"type": "string", "enum": list(labels)}}, "required": ["label"], "additionalProperties": False,
    }  # fmt: skip


def _known(table: Connection, keys: Sequence[str]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        rows = table.execute(f"SELECT key, label, why, usd, took_s FROM answers WHERE key IN ({','.join('?' * len(some))})", some)
        found |= {key: Answer(label=label, why=why, usd=usd, took_s=took) for key, label, why, usd, took in rows}
    return found
