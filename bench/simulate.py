"""Ten thousand simulated requests over three providers, one of them down and one failing 30% of its calls.

python bench/simulate.py [--requests 10000]
"""

from __future__ import annotations

import argparse
import sys

from agent.testing.outage import simulate

DOWN, FLAKY, WELL = ("down", 1.0), ("flaky", 0.3), ("well", 0.0)
CASES = [
    ("order", False, (DOWN, FLAKY, WELL)),
    ("order", True, (DOWN, FLAKY, WELL)),
    ("order", False, (WELL, FLAKY, DOWN)),
    ("weighted", False, (DOWN, FLAKY, WELL)),
    ("fastest", False, (FLAKY, WELL, DOWN)),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    given = parser.parse_args()
    print("| strategy | targets in order | streamed | answered | calls a request | calls to down / flaky / well | slowest s |")
    print("|---|---|---|---|---|---|---|")
    for strategy, streamed, providers in CASES:
        found = simulate(dict(providers), strategy=strategy, requests=given.requests, streamed=streamed)  # type: ignore[arg-type]  # of a literal
        calls = " / ".join(str(found.calls[name]) for name in ("down", "flaky", "well"))
        print(
            f"| {strategy} | {', '.join(name for name, _ in providers)} | {'yes' if streamed else 'no'} | {found.share:.2%} "
            f"| {found.calls_each:.3f} | {calls} | {found.slowest_s:.1f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
