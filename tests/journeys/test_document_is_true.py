"""The OpenAPI document against a real server: its examples, the client made from it, and schemathesis with all its checks.

STOREHAND_CASES=60 tries some 7,000 cases (seven minutes, one thread); the suite tries a few of every operation.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from test_client import CLIENT, Served, Storehand, serving

from agent.testing.api_examples import recorded
from agent.web.examples import examples

CONFIG = """
[checks.positive_data_acceptance]
# What a schema cannot say is refused with 422: a cursor of another list, a scope that the maker has not, a key used for another body.
expected-statuses = ["2xx", 401, 402, 403, 404, 409, 422, 429, 503]
"""
CASES = os.environ.get("STOREHAND_CASES", "")
EXAMPLES = "python -m agent.testing.api_examples > agent/web/examples.json"
CLIENT_OF = "python clients/python/generate.py openapi.json, with the document of a running server"


@pytest.fixture(scope="module")
def served(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("document") / "data"
    subprocess.run(["cp", "-r", demo_data, data], check=True)
    with serving(data) as made:
        yield made
        made.end(signal.SIGKILL)  # hundreds of runs may be under way, and nobody waits for them


@pytest.fixture(scope="module")
def document(served: Served) -> dict[str, Any]:
    made: dict[str, Any] = httpx.get(f"{served.url}/schema/openapi.json", timeout=60).json()
    return made


def test_every_operation_shows_what_it_takes_and_answers_as_it_really_does(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for where, schema, example in _shown(operation, document["components"]["examples"]):
                assert example is not None, f"{method} {path} has no example of {where}: {EXAMPLES}"
                if schema.get("title") != "ServerSentEvent":
                    faults = [str(each) for each in _validator(document, schema).iter_errors(example)]
                    assert faults == [], f"{method} {path}, {where}: {EXAMPLES}"


def _shown(operation: dict[str, Any], shared: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Of its request and each of its replies: which it is, its schema and its example."""
    contents = {"the request": operation.get("requestBody", {}).get("content", {})}
    contents |= {status: told["content"] for status, told in operation["responses"].items()}
    for where, content in contents.items():
        for told in content.values():
            named = [shared[each["$ref"].rpartition("/")[2]]["value"] for each in told.get("examples", {}).values()]
            yield where, told["schema"], told.get("example", *named) if named else told.get("example")


def _validator(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({**schema, "components": document["components"]})


def test_the_examples_are_what_the_demo_shop_answers(data_folder: Path) -> None:
    """Numbers and ids are another day's; what is in them is the same."""
    now = asyncio.run(recorded(data_folder))
    kept = examples().kept
    tasks = set(now.pop("tasks"))
    assert tasks == kept["tasks"].keys(), EXAMPLES
    assert {name: _members(told) for name, told in now.items()} == {name: _members(kept[name]) for name in kept if name != "tasks"}, EXAMPLES


def _members(told: Any) -> dict[str, list[str]]:
    return {status: sorted(value) if isinstance(value, dict) else [] for status, value in told.items()}


def test_the_client_is_made_from_this_document(document: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("ruff", reason="the house's formatter is not installed: pip install ruff")
    sys.path.insert(0, str(CLIENT))
    from generate import write

    write(document, tmp_path)
    for name in ("models.py", "operations.py"):
        there = (CLIENT / "storehand_client" / name).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == there, f"{name} is not of this document: {CLIENT_OF}"


@pytest.fixture(scope="module")
def key(served: Served, document: dict[str, Any]) -> str:  # the document is made by now, which schemathesis waits ten seconds for
    """Of a shop in which another key has proposed, changed and asked: so there is something to decide on, to undo and to answer."""
    made = served.key("--scopes", "read,ask,approve,admin")
    with Storehand(served.url, made) as owner, Storehand(served.url, owner.create_key("app", scopes=["read", "ask"]).secret) as app:
        digests = [digest for price in range(10, 18) for digest in app.ask(f"put the Blue Ceramic Mug at {price}.50").approvals]
        owner.approve(digests[0])
        assert len(digests) == 8 and app.ask("put the Nonesuch at 12").questions
    return made


@pytest.mark.document
@pytest.mark.parametrize("phases", ["examples,coverage,fuzzing" if CASES else "fuzzing", "stateful"])
def test_no_case_that_schemathesis_thinks_of_finds_the_document_wrong(served: Served, key: str, phases: str, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install schemathesis")
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    # What follows links draws from earlier replies, and hypothesis gives a round of it up, without a fault, as soon as they differ from the round
    # before. So it runs by itself, round after round, for as long as it is given.
    lasting = ["--max-time", "120"] if CASES and phases == "stateful" else []
    ran = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/schema/openapi.json", "-H", f"Authorization: Bearer {key}",
            "--request-timeout", "60", "--max-response-time", "60", "--checks", "all", "--max-examples", CASES or "2", "--phases", phases,
            "--exclude-path", "/v1/providers/check", "--exclude-path-regex", r"^/v1/tasks/(?!change_price|sales_report)[a-z]",
            "--seed", os.environ.get("STOREHAND_SEED", "6"), "--continue-on-failure", "--no-color", *lasting,
        ], cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-8000:]
    print(ran.stdout)  # noqa: T201  # what was tried, with -s
