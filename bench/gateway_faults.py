"""The fault matrix as a table: what each gateway made of each fault, from the files that the gateway harness's faults.py writes.

python -m bench.gateway serve-faults --port 4010 &
python faults.py http://127.0.0.1:4010/llm/v1/chat/completions portkey
python -m bench.gateway_faults storehand=results_faults_ours.json portkey=results_faults_portkey.json

A cell is what the caller got, the seconds they waited, and the calls to the broken primary; the secondary is healthy throughout.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

KINDS = {False: "whole", True: "stream"}


def cell(found: dict[str, Any]) -> str:
    verdict = found["verdict"].split(":")[0].strip()
    return f"{verdict}, {found['s']:.2f} s, {found['primary_calls']}"


def breaker_cell(found: dict[str, Any]) -> str:
    later = sorted(found["secs"])[len(found["secs"]) // 2]
    return f"{found['ok']} of {found['n']} answered, {found['primary_calls']} calls, {later:.2f} s in the middle"


def rows(results: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """By kind and fault."""
    found = {}
    for each in results:
        fault = each["fault"]
        if fault.startswith("breaker-"):
            found["in a row", fault.removeprefix("breaker-")] = breaker_cell(each)
        else:
            found[KINDS[bool(each["stream"])], fault] = cell(each)
    return found


def main() -> None:
    files = dict(argument.split("=", 1) for argument in sys.argv[1:])
    if not files:
        sys.exit(__doc__)
    found = {name: rows(json.loads(Path(path).read_text(encoding="utf-8"))) for name, path in files.items()}
    print("| | fault | " + " | ".join(found) + " |")
    print("|---" * (len(found) + 2) + "|")
    for kind, fault in next(iter(found.values())):
        print(f"| {kind} | {fault} | " + " | ".join(gateway.get((kind, fault), "-") for gateway in found.values()) + " |")


if __name__ == "__main__":
    main()
