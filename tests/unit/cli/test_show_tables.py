"""A table in a narrow terminal: words break into lines, a figure is never cut."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from agent.cli.show import show_reply
from agent.records import Part, Plan, Reply, Used
from agent.sdk import Money


def told(table: Mapping[str, Any], width: int) -> str:
    part = Part(subtask="s1", task="find_customers", kind="answer", text="1 customer.", data={"table": table}, run=())
    plan = Plan(id="p", text="x", locale="en-GB", subtasks=(), questions=(), not_done=(), by="student", took_ms=1.0)
    reply = Reply(
        run_id="run_1", plan=plan, state="done", parts=[part], questions=(), not_done=(), approvals=(), usage=Used(calls=0, cost_usd="0", took_ms=1.0)
    )
    out = io.StringIO()
    show_reply(reply, "en-GB", Console(file=out, width=width))
    return out.getvalue()


def test_figures_that_do_not_fit_beside_each_other_stand_beneath_with_their_names_again() -> None:
    figures = [Money.of(f"{n}1969.50", "EUR") for n in range(1, 9)]
    table = {"columns": ["Product", *(f"Figure {n}" for n in range(1, 9))], "rows": [["Wool Blanket", *figures]], "numeric": [False, *[True] * 8]}
    narrow, wide = told(table, 60), told(table, 200)
    assert [narrow.count(f"€{n}1,969.50") for n in range(1, 9)] == [1] * 8
    assert narrow.count("Wool Blanket") > 1 and wide.count("Wool Blanket") == 1
    assert max(map(len, narrow.splitlines())) <= 60


def test_an_amount_is_whole_however_narrow_the_terminal_is() -> None:
    rows = [["Haus Taylor & Daughters of Edinburgh", "fionata.taylor@example.com", Money.of("141969.50", "EUR"), "wholesale, newsletter, regular"]]
    table = {"columns": ["Customer", "E-mail", "Spent in all", "Tags"], "rows": rows, "numeric": [False, False, True, False]}
    assert "€141,969.50" in told(table, 50)


def test_a_run_that_ended_early_says_why() -> None:
    plan = Plan(id="p", text="x", locale="en-GB", subtasks=(), questions=(), not_done=(), by="student", took_ms=1.0)
    used = Used(calls=0, cost_usd="0", took_ms=1.0)
    why = "The request took longer than 8 seconds and was stopped; what is shown was done."
    reply = Reply(run_id="run_1", plan=plan, state="failed", parts=[], questions=(), not_done=(), approvals=(), usage=used, error=why)
    out = io.StringIO()
    show_reply(reply, "en-GB", Console(file=out, width=200))
    assert f"! {why}" in out.getvalue()
