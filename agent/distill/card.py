"""The reader's card: what it is, how it was made, how well it does, where it fails. The figures come from the scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.distill.records import Scorecard

_TEXT = """# reader

Reads a merchant's request: cuts it into clauses, says what each asks for ({tasks} tasks, and `out_of_scope`, `not_supported`, `unclear`) and marks the words
that matter (products, amounts, periods and the other kinds in `agent/records/reading.py`), each with a confidence.

It is layers 3 to 6 of all-MiniLM-L6-v2 (Apache-2.0), trained further on the states that the frozen `encoder` gives after its second layer, with linear heads on
the first token of each word (clause, slot) and on the mean over a clause (label). Int8, one text at a time. `language.npz` tells whether the text is English, from letter n-grams.

## Data

{wordings} hand-written wordings with slot markup in `data/`, filled from lists of products, people, places, amounts and dates of many kinds of shop, joined
by connectors, lists or nothing, and roughened with typing errors: {examples} requests were drawn (seed {seed}). One wording in ten was kept from training. {near} drawn examples
whose embedding has a cosine above .95 with a text or part of the gold set were left out. Nobody's requests were used: the wordings are ours, and so are their gaps.

## Figures

`storehand distill reader` prints them; all are of the exported int8 files. Held out: requests composed of wordings kept from training. Gold: requests
written by someone else before any training text; tasks that the reader was not trained for count as `not_supported`; empty texts, emoji and other languages left out.

| set | figure | value | n | 95% interval |
|---|---|---|---|---|
{rows}

`split`: clauses as many and each overlapping its own by half; `whole`: split and every label right; `boundaries`: same first and last word;
`label`: of all true clauses; `slots`: F1, same kind and same words; `slots_overlapping`: same kind, words overlap; `calibration_error`: mean gap between confidence and accuracy.

Confused on gold (truth > answer): {confused}.

## Where it fails

- English only: `readable` is low for other languages, and what is read there means nothing.
- A held-out figure is about our own way of writing; the gold figures are the honest ones, and real merchants may be farther away still.
- "It" and "them" are not resolved here; a clause such as "the red one too" is only told apart and given the task of what came before.
- Shop matters no wording mentions may be taken for the nearest task; long product names, quoted text and unusual money formats are where spans break.
- It was trained on requests of up to eight clauses; longer ones are read in overlapping windows of 256 tokens, beyond about 1,580 tokens the rest is not read.
"""


def reader_card(score: Scorecard, about: Mapping[str, Any], labels: Sequence[str]) -> str:
    rows = []
    for which, metrics in score.metrics.items():
        for name, metric in metrics.items():
            low, high = metric.interval
            rows.append(f"| {which.replace('_', ' ')} | {name} | {metric.value:.3f} | {metric.n} | {low:.3f} to {high:.3f} |")
    confused = "; ".join(f"{pair} {count}" for pair, count in list(score.confused.items())[:12]) or "not measured"
    return _TEXT.format(
        tasks=len(labels) - 3, wordings=about["wordings"], examples=about["examples"], seed=about["seed"], near=about["near_gold_left_out"],
        rows="\n".join(rows), confused=confused,
    )  # fmt: skip
