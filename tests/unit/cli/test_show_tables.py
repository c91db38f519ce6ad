"""A table in a narrow terminal: words break into lines, a figure is never cut."""

from __future__ import annotations

import io

from rich.console import Console

from agent.cli.show import show_reply
from agent.records import Part, Plan, Reply, Used
from agent.sdk import Money


def test_an_amount_is_whole_however_narrow_the_terminal_is() -> None:
    rows = [["Haus Taylor & Daughters of Edinburgh", "fionata.taylor@example.com", Money.of("141969.50", "EUR"), "wholesale, newsletter, regular"]]
    table = {"columns": ["Customer", "E-mail", "Spent in all", "Tags"], "rows": rows, "numeric": [False, False, True, False]}
    part = Part(subtask="s1", task="find_customers", kind="answer", text="1 customer.", data={"table": table}, run=())
    plan = Plan(id="p", text="x", locale="en-GB", subtasks=(), questions=(), not_done=(), by="student", took_ms=1.0)
    reply = Reply(
        run_id="run_1", plan=plan, state="done", parts=[part], questions=(), not_done=(), approvals=(), usage=Used(calls=0, cost_usd="0", took_ms=1.0)
    )
    out = io.StringIO()
    show_reply(reply, "en-GB", Console(file=out, width=50))
    assert "€141,969.50" in out.getvalue()
