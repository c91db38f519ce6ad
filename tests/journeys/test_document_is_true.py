"""The OpenAPI document against a real server: schemathesis with all its checks. STOREHAND_CASES=100 tries about 5,000 cases; a few in the suite."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_client import CLIENT, serving

pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install schemathesis")

CONFIG = """
[checks.positive_data_acceptance]
# What a schema cannot say is refused with 422: a cursor of another list, a scope that the maker has not, a key used for another body.
expected-statuses = ["2xx", 401, 402, 403, 404, 409, 422, 429, 503]
"""


def test_no_case_that_schemathesis_thinks_of_finds_the_document_wrong(data_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    cases = os.environ.get("STOREHAND_CASES", "1")
    with serving(data_folder) as served:
        _assert_client_is_of(httpx.get(f"{served.url}/schema/openapi.json").json(), tmp_path)
        key = served.key("--scopes", "read,ask,approve,admin")
        ran = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/schema/openapi.json", "-H", f"Authorization: Bearer {key}",
                "--checks", "all", "--max-examples", cases, "--phases", "fuzzing" if cases == "1" else "examples,coverage,fuzzing",
                "--exclude-path", "/v1/providers/check", "--exclude-path-regex", r"^/v1/tasks/(?!change_price|sales_report)[a-z]",
                "--seed", "6", "--continue-on-failure", "--no-color",
            ], cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        served.end(signal.SIGKILL)  # hundreds of runs may be under way, and nobody waits for them
    assert ran.returncode == 0, ran.stdout[-6000:]


def _assert_client_is_of(document: dict[str, Any], folder: Path) -> None:
    sys.path.insert(0, str(CLIENT))
    from generate import write

    write(document, folder)
    for name in ("models.py", "operations.py"):
        there = (CLIENT / "storehand_client" / name).read_text(encoding="utf-8")
        assert (folder / name).read_text(encoding="utf-8") == there, f"{name} is not of this document: run clients/python/generate.py"
