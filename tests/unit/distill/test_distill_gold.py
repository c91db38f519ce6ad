"""What students are judged by stays as it was written: another gold is another measure, and no old figure can be compared with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[3] / "models"
FROZEN = {
    "message_triage/gold/gold.tsv": "f7b579551dc78a5a0ff38a3fdbb032087f02f83c60e82adb6dc8ecb50936a2b6",
    "personal_data/gold/gold.txt": "0c42daa79a83106def93b06b4803e439b72f6866965ae44daefa1472a74ab812",
    "product_attributes/gold/gold.txt": "818232648bcb77b6268973db24d7c13f368d16b296b149b1ce16c34313124ed2",
    "product_category/gold/gold.tsv": "10e81d5aa24f7b998f6d20c9507d08fc0aecd3adcdb957320184f561b898097f",
    "reader/fresh/requests.txt": "7f02c3e8813ea2d582e4619e46d4aaac86c26db92b1478455e58c3b40f6d4918",
    "reader/gold/requests.jsonl": "4c4bef4baf2178efe92dd4d408862c4871036ee1ba81f69481116a756fd01d61",
    "reader/second/labels.jsonl": "d4704890ca8581a6a72c808bc226821838ce3516b3b15389a67f357c33ff96c9",
    "review_aspects/gold/gold.tsv": "58242e28d4dcde695eefaae8ca8d7901a32a814af27109377a7ef0ea19a880e7",
}


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_gold_is_as_it_was_when_students_were_measured_by_it(name: str) -> None:
    assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() == FROZEN[name]


def test_no_gold_is_left_unfrozen() -> None:
    found = {path.relative_to(MODELS).as_posix() for path in MODELS.glob("*/gold/*") if path.suffix != ".md"}
    assert found == {name for name in FROZEN if "/gold/" in name}
