"""How well `product_category` and `product_attributes` do: on the gold written here, and attributes also on sets that nothing here is trained on.

    python -m bench.category ../shared/data/extractgpt_attributes

OA-Mine and AE-110k (Brinkmann, Baumann and Bizer, arXiv 2310.12537) tell attributes of their own names; those below mean a kind that the student
knows, the rest is left out. A value is right where the student marks the same words for that kind. A kind counts for a product where the set tells
an attribute of it for that product, "n/a" included: for other kinds nobody looked. Published beside them: GPT-4, 85% on average over all attributes
of both sets, with descriptions and demonstrations (abstract of the paper); for categories Shopify tells of 85% of proposals that merchants accept,
from images and texts together (shopify.engineering/evolution-product-classification, 2025): another measure, on other products.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from agent.distill.attributes import LETTERS, measured
from agent.distill.category import figures_of
from agent.distill.marked import read_marked
from agent.distill.titles import read_titles
from agent.resources import bundled
from agent.sdk.model import Tagged
from agent.students.encoder import Encoder
from agent.students.goods_spans import VALUES, AttributeTagger, by_rules, lists_of
from agent.students.heads_tree import TreeHead
from agent.students.manifest import read_manifest

MEANT: Mapping[str, str] = {
    "Brand": "brand", "Brand Name": "brand", "Color": "color", "Frame Color": "color", "Material": "material", "Fabric Type": "material",
    "Body Material": "material", "Fingerboard Material": "material", "Frame Material": "material", "Back / Side Material": "material",
    "Pattern": "pattern", "Gender": "audience", "Age": "audience", "Age range": "audience", "Flavor": "flavor", "Scent": "flavor", "Size": "size",
    "Net content": "measure", "Volume": "measure", "Weight": "measure", "Length": "measure", "Pack size": "count",
}  # fmt: skip

Tags = Callable[[str], Sequence[Tagged]]


def _values(told: Mapping[str, Mapping[str, object]]) -> tuple[set[str], set[tuple[str, str]]]:
    """Kinds that were looked for, and what was found of them."""
    kinds = {MEANT[name] for name in told if name in MEANT}
    return kinds, {(MEANT[name], value.casefold()) for name, values in told.items() if name in MEANT for value in values if value != "n/a"}


def elsewhere(file: Path, tags: Tags) -> tuple[int, int, int]:
    """Right, said, there."""
    right = said = there = 0
    for line in file.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        kinds, truth = _values(one["target_scores"])
        found = {(tag.kind, one["input"][tag.start : tag.end].casefold()) for tag in tags(one["input"]) if tag.kind in kinds}
        right, said, there = right + len(found & truth), said + len(found), there + len(truth)
    return right, said, there


def _f1(right: int, said: int, there: int) -> str:
    return f"F1 {2 * right / max(1, said + there):.1%} (precision {right / max(1, said):.1%}, recall {right / max(1, there):.1%}, {there} values)"


def _taken(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Median milliseconds of one text."""
    times = []
    for text in texts:
        start = time.perf_counter()
        work(text)
        times.append((time.perf_counter() - start) * 1000)
    return median(times)


def _print_categories(models: Path, encoder: Encoder) -> None:
    manifest = read_manifest(models / "product_category")
    head, gold = TreeHead(manifest, encoder), read_titles(models / "product_category" / "gold" / "gold.tsv")
    shares = np.concatenate([head.probabilities([one.text]) for one in gold])
    print(f"product_category, {len(gold)} gold titles under {len({one.node for one in gold})} nodes:")
    for name, figure in figures_of(shares, head.trained, gold, manifest.thresholds["alone"]).items():
        print(f"  {name} {figure}")
    print(f"  {_taken(lambda text: head.candidates([text]), [one.text for one in gold]):.1f} ms a title (median, one at a time)")


def _print_attributes(models: Path, encoder: Encoder, sets: Path | None) -> None:
    manifest = read_manifest(models / "product_attributes")
    tagger, gold = AttributeTagger(manifest, encoder), read_marked(models / "product_attributes" / "gold" / "gold.txt", LETTERS)
    lists = lists_of(manifest.bytes_of(VALUES).decode())
    ways: Mapping[str, Tags] = {"student": tagger.tag, "lists and forms alone": lambda text: by_rules(encoder, text, lists)}
    for name, tags in ways.items():
        print(f"product_attributes, {len(gold)} gold texts, {name}:")
        for figure, value in measured(tags, gold, manifest.thresholds["alone"]).items():
            print(f"  {figure} {value}")
        for file in sorted(sets.glob("*/test.jsonl")) if sets is not None else ():
            print(f"  {file.parent.name}: {_f1(*elsewhere(file, tags))}")
    print(f"  {_taken(tagger.tag, [one.text for one in gold]):.1f} ms a text (median, one at a time)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="?", type=Path, help="the folder with oa-mine and ae-110k")
    models, encoder = bundled() / "models", Encoder(read_manifest(bundled() / "models" / "encoder"))
    sets = parser.parse_args().sets
    _print_categories(models, encoder)
    _print_attributes(models, encoder, sets)


if __name__ == "__main__":
    main()
