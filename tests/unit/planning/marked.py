"""Requests marked up by hand as the reader would mark them, so that planning is tested apart from any model.

[change_price: put {product|the blue mug} at {money|12.50}] and [sales_report=0.6: what did {product|it} sell {period|last week}]

Words between clauses that surely ask for nothing: ~it rained all day~
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agent.planning.clauses.plainly import plainly
from agent.planning.language.respelled import Respelled, Slip, respelled
from agent.records.reading import REFUSALS, Between, Clause, Reading, SlotSpan, Thresholds

_CLAUSE = re.compile(r"\[(?P<label>[a-z_]+)(?:=(?P<share>[\d.]+))?(?:/(?P<second>[a-z_]+)=(?P<second_share>[\d.]+))?: (?P<body>.*?)\]")
_PART = re.compile(rf"{_CLAUSE.pattern}|~(?P<idle>.+?)~")
_SLOT = re.compile(r"\{(?P<kind>[a-z]+)\|(?P<words>.*?)\}")


def reading(marked: str, *, readable: float = 0.99) -> Reading:
    """The text without its marks, and what they say."""
    text, clauses, between, at = "", [], [], 0
    for match in _PART.finditer(marked):
        text += marked[at : match.start()]
        at = match.end()
        if match["idle"]:
            between.append(Between(start=len(text), end=len(text) + len(match["idle"]), idle=0.95))
            text += match["idle"]
            continue
        body, slots = _slots(match["body"], len(text))
        share = float(match["share"] or 0.97)
        labels = [(match["label"], share)]
        if match["second"]:
            labels.append((match["second"], float(match["second_share"])))
        clauses.append(Clause(start=len(text), end=len(text) + len(body), labels=tuple(labels), slots=slots))
        text += body
    return Reading(text=text + marked[at:], clauses=tuple(clauses), between=tuple(between), readable=readable)


def _slots(body: str, offset: int) -> tuple[str, tuple[SlotSpan, ...]]:
    text, slots, at = "", [], 0
    for match in _SLOT.finditer(body):
        text += body[at : match.start()]
        at = match.end()
        start = offset + len(text)
        text += match["words"]
        slots.append(SlotSpan(kind=match["kind"], start=start, end=offset + len(text), confidence=0.95))  # type: ignore[arg-type]
    return text + body[at:], tuple(slots)


def _bared(known: Reading, bare: Respelled) -> Reading:
    """The same marks in the text without what is passed over."""

    def place(at: int) -> int:
        return at - sum(min(at, slip.end) - slip.start - (len(slip.meant) if at >= slip.end else 0) for slip in bare.slips if slip.start < at)

    def slots(clause: Clause) -> tuple[SlotSpan, ...]:
        moved = (replace(slot, start=place(slot.start), end=place(slot.end)) for slot in clause.slots)
        return tuple(slot for slot in moved if slot.start < slot.end)

    clauses = tuple(replace(c, start=place(c.start), end=place(c.end), slots=slots(c)) for c in known.clauses if place(c.start) < place(c.end))
    between = tuple(replace(b, start=place(b.start), end=place(b.end)) for b in known.between if place(b.start) < place(b.end))
    return replace(known, text=bare.text, clauses=clauses, between=between)


class HandReader:
    """Reads what was marked by hand before; anything else is one clause it has no idea of."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels, self.thresholds = (*labels, *REFUSALS), Thresholds()
        self._known: dict[str, Reading] = {}

    def teach(self, marked: str, *, readable: float = 0.99) -> str:
        known = reading(marked, readable=readable)
        for opened in (True, False):  # the reader is given what is asked without its courtesies
            bare = plainly(known.text, opened=opened)
            self._known.setdefault(bare.text, _bared(known, bare))
        self._known[known.text] = known
        return known.text

    def read(self, text: str) -> Reading:
        if text in self._known:
            return self._known[text]
        if whole := next((known for known in self._known.values() if text and known.text.endswith(f", so {text}")), None):
            before = Slip(start=0, end=len(whole.text) - len(text), typed=whole.text[: -len(text)], meant="")  # its reason, which is not read with it
            return _bared(whole, respelled(whole.text, [before]))
        return Reading(text=text, clauses=(Clause(start=0, end=len(text), labels=(("unclear", 0.9),), slots=()),), readable=0.99)


class WordEncoder:
    """Texts to vectors of their words, hashed: texts that share words are near, which is all these tests need."""

    def has(self, word: str) -> bool:
        return True

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 384), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                rows[row, sum(ord(c) * (i + 7) for i, c in enumerate(word)) % 384] += 1
        norms: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.maximum(norms, 1e-6)


class Pupils:
    """The students as planning sees them."""

    def __init__(self, labels: Sequence[str], encoder: WordEncoder | None = None) -> None:
        self.reader, self.encoder = HandReader(labels), encoder or WordEncoder()


class ScriptedGateway:
    """Answers in the order given, and remembers what it was asked."""

    def __init__(self, *answers: Mapping[str, object] | Exception) -> None:
        self.answers, self.prompts = list(answers), list[str]()

    def has(self, alias: str) -> bool:
        return True

    async def complete_json(self, *, alias: str, prompt: str, schema: Mapping[str, object], purpose: str) -> Mapping[str, object]:
        self.prompts.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
