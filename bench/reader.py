"""What reading a request costs beside one full pass of the encoder, in one thread.

python -m bench.reader
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from agent.resources import Resources
from agent.students import load_students

REQUESTS = {
    13: "Put the blue mug at 12.50 and tell me what sold last week",
    40: (
        "Put the blue mug at 12.50, show me what it sold last month and which customers bought it, then tag them vip and restock the plates "
        "by 20 and write a new description for the linen summer dress please thanks"
    ),
}
ROUNDS, RUNS = 5, 200


def median_ms(call: Callable[[], object]) -> float:
    """Median over rounds of the median call, in CPU time of this thread, so that neighbours on the machine count less."""
    for _ in range(20):
        call()
    return statistics.median(statistics.median(_timed(call) for _ in range(RUNS)) for _ in range(ROUNDS))


def _timed(call: Callable[[], object]) -> float:
    begun = time.thread_time()
    call()
    return (time.thread_time() - begun) * 1000


def main() -> None:
    students = load_students(Resources().models())
    print("| words | encoder pass ms | read ms | ratio |")
    print("|---|---|---|---|")
    for words, text in REQUESTS.items():
        full = median_ms(lambda text=text: students.encoder.embed([text]))  # type: ignore[misc]
        read = median_ms(lambda text=text: students.reader.read(text))  # type: ignore[misc]
        print(f"| {words} | {full:.2f} | {read:.2f} | {read / full:.2f} |")


if __name__ == "__main__":
    main()
