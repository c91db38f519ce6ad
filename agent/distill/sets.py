"""A spec's texts by what they are for, and the proof that training and gold are apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from agent.distill.altered import altered
from agent.distill.cache import Arrays, Cache, Says
from agent.distill.folder import digest
from agent.distill.items import Item, parted, read_items
from agent.distill.overlap import near_any
from agent.distill.spec import HumanLabels, Spec
from agent.distill.vectors import Vectors
from agent.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    train: Sequence[Item]
    gold: Sequence[Item]
    tune: Sequence[Item]
    outside: Sequence[str]
    gold_from: str
    """"of a file of their own", or "kept back from the same files"."""
    near: Sequence[str] = ()
    """Training texts that nearly say what a gold text says."""


def read_sets(spec: Spec, base: Path) -> Sets:
    """
    Raises:
        SettingsError: See `read_items`; or gold is without labels.
    """
    data = read_items(spec.data, base)
    if isinstance(spec.teacher, HumanLabels) and spec.teacher.file is not None:
        said = {item.text: item.label for item in read_items([spec.teacher.file], base)}
        data = [Item(item.text, said[item.text]) for item in data if said.get(item.text) is not None]
    if isinstance(spec.teacher, HumanLabels) and any(item.label is None for item in data):
        raise SettingsError(
            "the data have no labels; write `label` for their files, name a file of labels under [teacher], or another kind of teacher."
        )
    gold = read_items(spec.evals.gold, base) if spec.evals.gold else None
    train, gold = (data, gold) if gold is not None else parted(data, spec.evals.gold_share, spec.seed)
    if not gold:
        raise SettingsError("gold holds no text, so nothing could be said of a student; fill its file, or keep back more of the data (`gold_share`).")
    if any(item.label is None for item in gold):
        raise SettingsError("gold has no labels; people's labels are what everything is measured against. Write `label` for its files.")
    return Sets(
        train=train, gold=gold, tune=read_items(spec.evals.tune, base), outside=[item.text for item in read_items(spec.evals.out_of_scope, base)],
        gold_from="of a file of their own" if spec.evals.gold else "kept back from the same files, by a draw that each text decides alone",
    )  # fmt: skip


def apart(sets: Sets, near: Literal["refuse", "leave_out"], cache: Cache, vectors: Vectors, encoder: str) -> Sets:
    """The same sets, with the training texts near gold named, and left out where that is wanted. Tuning texts near gold are left out always.

    Raises:
        SettingsError: Nothing is left to train on.
    """
    train, gold, tune = ([item.text for item in some] for some in (sets.train, sets.gold, sets.tune))
    inputs = {"encoder": encoder, "texts": digest(json.dumps([train, gold, tune]).encode())}

    def embed(says: Says) -> Arrays:
        return {"n": np.array(len(vectors.of([*train, *gold, *tune], says)))}

    def compare(says: Says) -> Arrays:
        known = vectors.of(gold)
        return {"train": near_any(vectors.of(train), known), "tune": near_any(vectors.of(tune), known)}

    cache.arrays("embed", inputs, embed)
    found = cache.arrays("apart", inputs, compare, code=("agent.distill.sets", "agent.distill.overlap"), after=("embed",))
    close = [item.text for item, is_near in zip(sets.train, found["train"], strict=True) if is_near]
    kept = [item for item, is_near in zip(sets.train, found["train"], strict=True) if not is_near]
    if close and near == "leave_out" and not kept:
        raise SettingsError(f"every one of the {len(close)} training texts nearly says what a gold text says; gold has to be other texts.")
    return replace(
        sets, near=close, train=kept if near == "leave_out" else sets.train,
        tune=[item for item, is_near in zip(sets.tune, found["tune"], strict=True) if not is_near],
    )  # fmt: skip


def new_texts(sets: Sets, copies: int, seed: int, cache: Cache, vectors: Vectors, encoder: str) -> dict[str, int]:
    """Altered copies of the training texts, with the places of those; without what nearly says what a gold or tuning text says."""
    made = altered([item.text for item in sets.train], copies, seed)
    texts = list(made)
    known = [item.text for item in (*sets.gold, *sets.tune)]

    def compare(says: Says) -> Arrays:
        return {"near": near_any(vectors.of(texts, says), vectors.of(known))}

    inputs = {"encoder": encoder, "texts": digest(json.dumps([texts, known]).encode())}
    found = cache.arrays("alter", inputs, compare, code=("agent.distill.sets", "agent.distill.overlap"), after=("apart",))
    return {text: made[text] for text, is_near in zip(texts, found["near"], strict=True) if not is_near}
