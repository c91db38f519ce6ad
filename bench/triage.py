"""How well `message_triage` sorts messages it was never made for: the Bitext customer-service set, which nothing here is trained on.

    python bench/triage.py ../shared/data/bitext_customer_service/test.csv

Its 27 intents are mapped below; where an intent may be two of ours, both count as right. `place_order` is left out: no label is for it.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from agent.distill.records import Metric
from agent.resources import bundled
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.manifest import read_manifest

ACCOUNT = ("account_or_payment",)
MEANT: Mapping[str, tuple[str, ...]] = {
    "track_order": ("order_status",), "delivery_period": ("order_status", "product_question"),
    "delivery_options": ("order_status", "product_question"),
    "cancel_order": ("change_or_cancel_order",), "change_order": ("change_or_cancel_order",), "change_shipping_address": ("change_or_cancel_order",),
    "check_cancellation_fee": ("change_or_cancel_order",), "set_up_shipping_address": ("change_or_cancel_order", "account_or_payment"),
    "get_refund": ("return_or_refund",), "track_refund": ("return_or_refund",), "check_refund_policy": ("return_or_refund",),
    "complaint": ("complaint",), "review": ("other", "praise", "complaint"), "newsletter_subscription": ("other",),
    "contact_human_agent": ("other",), "contact_customer_service": ("other",), "payment_issue": ACCOUNT, "check_payment_methods": ACCOUNT,
    "get_invoice": ACCOUNT, "check_invoice": ACCOUNT, "recover_password": ACCOUNT, "registration_problems": ACCOUNT, "edit_account": ACCOUNT,
    "create_account": ACCOUNT, "delete_account": ACCOUNT, "switch_account": ACCOUNT,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    rows = [row for row in csv.DictReader(parser.parse_args().file.open(encoding="utf-8")) if row["intent"] in MEANT]
    models = bundled() / "models"
    head = Head(read_manifest(models / "message_triage"), Encoder(read_manifest(models / "encoder")))
    said = [label.label for label in head.label([row["utterance"] for row in rows])]
    right: Counter[str] = Counter(row["intent"] for row, label in zip(rows, said, strict=True) if label in MEANT[row["intent"]])
    there = Counter(row["intent"] for row in rows)
    print(f"all: {Metric(value=right.total() / len(rows), n=len(rows))}")
    for intent, n in there.most_common():
        wrong = Counter(label for row, label in zip(rows, said, strict=True) if row["intent"] == intent and label not in MEANT[intent])
        print(f"{intent}: {Metric(value=right[intent] / n, n=n)}" + (f", mostly {wrong.most_common(2)} otherwise" if wrong else ""))


if __name__ == "__main__":
    main()
