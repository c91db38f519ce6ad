"""What every test stands on: no network but loopback, laws that run the same each time, and no skipping where CI promised not to."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("storehand", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("storehand")

MUST_RUN = ("browser", "postgres", "public_data", "distill")
"""Markers of tests that skip where something is absent. STOREHAND_MUST_RUN names those that may not skip here."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield
    must = set(os.environ.get("STOREHAND_MUST_RUN", "").split(","))
    if report.skipped and not hasattr(report, "wasxfail") and must.intersection(mark.name for mark in item.iter_markers() if mark.name in MUST_RUN):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where it must run: {reason}"
    return report
