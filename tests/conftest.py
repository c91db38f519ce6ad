"""What every test stands on: no network but loopback, laws that run the same each time, and no skipping where CI promised not to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.stores.embedded.demo import make_demo

settings.register_profile(
    "storehand", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("storehand")

MUST_RUN = ("browser", "postgres", "public_data", "distill", "document", "peers")
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


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo shop in it, made once; copy it before changing anything (see `data_folder`)."""
    folder = tmp_path_factory.mktemp("demo")
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    make_demo(db, today=datetime.now(UTC).date())
    db.write_now(lambda session: None)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return folder


@pytest.fixture
def data_folder(demo_data: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the demo shop."""
    return Path(shutil.copytree(demo_data, tmp_path / "data"))
