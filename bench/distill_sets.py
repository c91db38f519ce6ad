"""The public sets as files that a spec can name, and specs as one would write them."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.distill.cache import Cache, StepEvent
from agent.distill.head import Bench, make_head
from agent.distill.items import Item, read_items
from agent.distill.scorecard import HeadScore
from agent.distill.spec import Source, read_spec
from agent.prompts import Prompts
from agent.resources import Resources

LICENCES = {"clinc150": "CC BY 3.0", "banking77": "CC BY 4.0"}
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A student to be made."""

    name: str
    told: str
    """What the table calls it."""
    target: str
    settings: str = ""
    """Lines of [target]."""
    teacher: str = ""
    """Name of the one that labels; people where it is empty."""
    teaching: str = ""
    """Lines of [teacher]."""
    near: str = "refuse"
    gate: str = ""


def write_sets(data: Path, folder: Path, which: str) -> tuple[str, ...]:
    """The set's parts, written as `PART.jsonl`; the names of those besides "train" and "gold"."""
    if which == "clinc150":
        whole = json.loads((data / which / "data_full.json").read_text(encoding="utf-8"))
        parts = {"train": whole["train"], "tune": whole["val"], "gold": whole["test"], "out_of_scope": whole["oos_test"]}
    else:
        parts = {name: _table(data / which / f"{file}.csv") for name, file in (("train", "train"), ("gold", "test"))}
    return write_parts(folder, which, parts)


def write_parts(folder: Path, which: str, parts: Mapping[str, Sequence[Pair]]) -> tuple[str, ...]:
    for name, rows in parts.items():
        lines = (json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
        (folder / f"{which}_{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tuple(name for name in parts if name not in ("train", "gold"))


def _table(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def items(folder: Path, which: str, part: str) -> list[Item]:
    """The texts as the platform reads them: each once."""
    return read_items([Source(file=Path(f"{which}_{part}.jsonl"), licence=LICENCES[which])], folder)


def spec(which: str, wanted: Wanted, parts: Iterable[str]) -> str:
    evals = "".join(f'[[evals.{part}]]\nfile = "{which}_{part}.jsonl"\nlicence = "{LICENCES[which]}"\n' for part in ("gold", *parts))
    told = f'kind = "model"\nfolder = "drafts/{wanted.teacher}"\n{wanted.teaching}' if wanted.teacher else 'kind = "labels"'
    return (
        f'name = "{wanted.name}"\n[[data]]\nfile = "{which}_train.jsonl"\nlicence = "{LICENCES[which]}"\n[teacher]\n{told}\n'
        f'[evals]\nnear = "{wanted.near}"\n{evals}[target]\nkind = "{wanted.target}"\n{wanted.settings}\n[gate]\n{wanted.gate}\n'
        + ("" if wanted.teacher else "accuracy = 0.90\n")
    )


def made(text: str, folder: Path, cache: Cache) -> HeadScore:
    path = folder / "spec.toml"
    path.write_text(text, encoding="utf-8")
    resources = Resources()
    bench = Bench(
        models=resources.models(), data=folder, out=folder / "out", drafts=folder / "drafts", cache=cache, prompts=Prompts(resources)
    )  # fmt: skip
    return asyncio.run(make_head(read_spec(path), bench))


def tell(event: StepEvent) -> None:
    if event.state != "running":
        print(f"  {event.step}: {event.state} {event.took_s:.1f} s", file=sys.stderr, flush=True)
