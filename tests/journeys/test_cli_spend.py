"""Keys, usage, budgets and providers at the command line, as a shell sees them."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import os
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agent.cli import main
from agent.db.engine import Database, sqlite_url
from agent.dialects.messages import Usage
from agent.gateway import Attempt, Spender
from agent.ledger.budgets import Budgets
from agent.ledger.keys import Keys
from agent.ledger.usage import Books

CONFIG = """
[providers.acme]
base_url = "http://127.0.0.1:9/v1"

[aliases.frontier]
targets = ["acme/big-1"]
"""
Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def storehand(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    """Exit code, standard output and standard error of a command on an installation with one shop."""
    config = tmp_path / "storehand.toml"
    config.write_text(CONFIG, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(config), "--data", str(tmp_path / "data"), "--shop", "mine", *arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    assert run("shops", "create", "mine")[0] == 0
    return run


def database(tmp_path: Path) -> Database:
    return Database(sqlite_url(tmp_path / "data" / "storehand.db"))


def test_a_key_is_made_within_bounds_rotated_and_revoked(storehand: Shell, tmp_path: Path) -> None:
    _, first, noted = storehand(
        "keys", "create", "--name", "erp", "--scopes", "llm", "--models", "fast,acme/big-1", "--budget", "20", "--expires-days", "9"
    )
    assert "Nothing is configured as fast yet" in noted and "acme" not in noted
    _, listed, _ = storehand("keys", "list")
    id = re.findall(r"key_[0-9a-f]{16}", listed)[0]
    assert "acme/big-1,fast" in listed and "$20" in listed and first.strip() not in listed
    code, second, told = storehand("keys", "rotate", id, "--overlap-hours", "2")
    assert code == 0 and second != first and "The old secret is good until" in told

    async def good() -> list[str]:
        keys = Keys(db)
        return [(await keys.verify(secret.strip())).id for secret in (first, second)]

    db = database(tmp_path)
    assert asyncio.run(good()) == [id, id]
    db.close()
    assert storehand("keys", "revoke", id)[:2] == (0, "erp is revoked.\n")
    assert storehand("keys", "rotate", id)[0] == 1


def test_usage_is_shown_by_what_is_asked_and_as_csv(storehand: Shell, tmp_path: Path) -> None:
    db = database(tmp_path)
    at, tokens = datetime(2026, 11, 20, tzinfo=UTC), Usage(input=9, output=3, reasoning=2)

    async def spend() -> None:
        books = Books(db, Budgets(db))
        who = Spender(shop="shop_1", run="run_1", task="sales_report", principal="per_1")
        books.record(Attempt(alias="a", provider="acme", model="big-1", purpose="t", at=at, usage=tokens, cost_usd=Decimal("0.25"), spender=who))
        await books.flush()

    asyncio.run(spend())
    db.close()
    _, table, _ = storehand("usage", "show", "--by", "task", "--csv")
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["task"], row["calls"], row["US dollars"], row["reasoning"]) == ("sales_report", "1", "0.25", "2")
    assert "In all 1 calls, 0 failovers survived, $0.25." in storehand("usage", "show")[1]
    assert "In all 0 calls" in storehand("usage", "show", "--from", "2026-11-21")[1]
    assert "run_1" in storehand("usage", "runs", "--order", "reasoning")[1]
    storehand("providers", "commit", "acme", "--usd", "1", "--from", "2026-11-01")
    _, commitments, _ = storehand("providers", "commitments")
    assert re.search(r"acme\s+usd\s+1\s+0\.25\s+0\.75", commitments), commitments


def test_limits_are_set_shown_and_taken_away(storehand: Shell) -> None:
    assert storehand("budgets", "set", "5", "--scope", "task", "--subject", "sales_report", "--period", "day")[0] == 0
    assert re.search(r"task\s+sales_report\s+day\s+5\s+0", storehand("budgets", "list")[1])
    storehand("budgets", "set", "none", "--scope", "task", "--subject", "sales_report", "--period", "day")
    assert "sales_report" not in storehand("budgets", "list")[1]
    assert storehand("budgets", "set", "5", "--scope", "task", "--subject", "distill:route")[0] == 0, "what a teacher may spend"


def test_a_check_of_a_dead_provider_ends_with_one_and_is_remembered(storehand: Shell) -> None:
    assert "never" in storehand("providers", "list")[1]
    code, table, _ = storehand("providers", "check")
    assert code == 1 and "unreachable" in table
    assert "unreachable" in storehand("providers", "list")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("usage", "show", "--by", "weather"),
        ("usage", "show", "--from", "yesterday"),
        ("budgets", "set", "much"),
        ("budgets", "set", "5", "--scope", "key"),
        ("providers", "commit", "acme"),
        ("keys", "create", "--name", "x", "--budget", "NaN"),
    ],
)
def test_wrong_usage_ends_with_two(storehand: Shell, arguments: tuple[str, ...]) -> None:
    code, out, err = storehand(*arguments)
    assert code == 2 and out == "" and "Error: " in err


def test_a_stand_in_whose_port_is_taken_says_so(storehand: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = f"storehand: Nothing can listen on port {port} ({os.strerror(errno.EADDRINUSE)}); name another one with --port.\n"
        assert storehand("providers", "stand-in", "--port", port) == (2, "", told)
