"""How many threads numpy gets, in a process of its own: it looks only once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SEEN = """
import os
from agent.cli import main
try:
    main({arguments})
except SystemExit:
    print(os.environ.get("OPENBLAS_NUM_THREADS"))
"""


@pytest.mark.parametrize(
    ("arguments", "said", "seen"), [(["--version"], None, "1"), (["--version"], "4", "4"), (["distill", "--help"], None, "None")]
)
def test_small_products_get_one_thread_and_training_all(arguments: list[str], said: str | None, seen: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if said is not None:
        environment["OPENBLAS_NUM_THREADS"] = said
    ran = subprocess.run([sys.executable, "-c", SEEN.format(arguments=arguments)], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == seen
