"""Bar charts of the panel: what is written under them has room on any screen."""

from __future__ import annotations

import pytest

from agent.web.panel.charts import Series, bar_chart

WEEKS = [f"{day} Sept 2026" for day in range(10, 24)]


@pytest.mark.parametrize(("labels", "spare"), [(WEEKS, [False, True, False, True]), (["Jan", "Feb", "Mar", "Apr"], [False] * 4), (["2026"], [False])])
def test_every_second_of_long_marks_can_be_done_without_on_a_phone(labels: list[str], spare: list[bool]) -> None:
    chart = bar_chart(labels, [Series(kind="student", label="Net sales", values=[1.0] * len(labels))], str)
    assert [mark.spare for mark in chart.marks] == spare
