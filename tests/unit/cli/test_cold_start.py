"""What a command does not need is not imported: starting is quick because little is loaded, and this is what keeps it so."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer
import typer.main

from agent.cli import importing
from agent.cli.commands import app_for
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import newest_revision, upgrade

HEAVY = (
    "onnxruntime",
    "numpy",
    "tokenizers",
    "dbos",
    "alembic",
    "genai_prices",
    "dateparser",
    "agent.students",
    "agent.bootstrap",
    "agent.web.panel",
    "agent.sdk",
    "litestar",
    "aiohttp",
    "babel",
    "jinja2",
)
"""What the gateway alone does without."""
LATER = ("aiohttp", "alembic", "dbos", "pydantic.v1", "genai_prices", "dateparser", "agent.distill", "agent.testing", "hypothesis", "pytest")
"""What the whole service imports when it is needed, or never."""
EVERYTHING = """
from types import SimpleNamespace
from agent.cli.commands import app_for
app_for(["serve"])
import agent.bootstrap
from agent.registry import discover
discover(plugins=False)
from agent.web.app import create_app
create_app(SimpleNamespace(), SimpleNamespace(keys=None, people=None, sessions=None))
"""


def imported(program: str) -> set[str]:
    """The modules a new process has imported after the program."""
    ran = subprocess.run([sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_serving_the_gateway_alone_imports_no_model_and_no_engine_of_runs() -> None:
    found = imported("from agent.cli.commands import app_for\napp_for(['serve'])\nimport agent.proxying")
    assert found.isdisjoint(HEAVY)
    assert "agent.web.proxy" in found


def test_serving_everything_imports_no_more_than_its_first_answers_need() -> None:
    found = imported(EVERYTHING)
    assert found.isdisjoint(LATER)
    assert {"onnxruntime", "agent.web.panel.desk", "tasks.change_price.handler"} <= found


def test_every_record_is_where_it_is_looked_for() -> None:
    """They are imported when they are asked for, so a name that leads nowhere would show only then."""
    import agent.records

    assert [name for name in agent.records.__all__ if not hasattr(agent.records, name)] == []
    with pytest.raises(AttributeError, match="Nonsense"):
        agent.records.Nonsense  # type: ignore[attr-defined]  # noqa: B018  # that is the point


def test_a_gateway_that_answers_has_still_not_imported_them(tmp_path: Path) -> None:
    """The whole command, on a database that is up to date: what it has mapped is what it has loaded."""
    db = Database(sqlite_url(tmp_path / "storehand.db"))
    upgrade(db)
    db.close()
    arguments = ["serve", "--parts", "llm", "--data", str(tmp_path), "--port", "0"]
    program = f"import sys\nsys.argv = ['storehand']\nfrom agent.cli import main\ntry:\n    main({arguments!r})\nfinally:\n    print(*sys.modules)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None and server.stdout is not None
        assert "listens" in server.stderr.readline()
        server.send_signal(signal.SIGTERM)
        found = set(server.stdout.read().split())
    assert found.isdisjoint(HEAVY)
    assert "agent.gateway.opened" in found


@pytest.mark.parametrize("arguments", [["keys", "list"], ["shops", "list"], ["serve"]])
def test_a_command_of_an_operator_waits_for_no_model(arguments: list[str]) -> None:
    assert imported(f"from agent.cli.commands import app_for\napp_for({arguments!r})").isdisjoint({"onnxruntime", "dbos"})


def names_of(app: typer.Typer) -> set[str]:
    group = typer.main.get_command(app)
    return set(group.list_commands(click.Context(group)))  # type: ignore[attr-defined]  # an app with a callback is a group


def test_every_command_is_there_when_none_is_named_and_found_when_it_is() -> None:
    every = names_of(app_for(["--help"]))
    assert {"serve", "demo", "ask", "plan", "approve", "reject", "undo", "import", "shops", "users", "keys", "config"} <= every
    assert {"providers", "tasks", "eval", "distill"} <= every
    assert [name for name in every if name not in names_of(app_for([name]))] == []


def test_garbage_is_collected_again_after_importing() -> None:
    with importing():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_schema_that_is_up_to_date_is_seen_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "storehand.db"
    db = Database(sqlite_url(path))
    upgrade(db)
    db.close()
    program = f"from agent.db.engine import Database\nfrom agent.db.upgrade import upgrade\nupgrade(Database('sqlite:///{path}'))"
    assert "alembic" not in imported(program)


def test_the_newest_revision_is_the_one_alembic_would_go_to(tmp_path: Path) -> None:
    from alembic.script import ScriptDirectory

    from agent.db.upgrade import config

    db = Database(sqlite_url(tmp_path / "storehand.db"))
    with db.engine.connect() as connection:
        assert ScriptDirectory.from_config(config(connection)).get_heads() == [newest_revision()]
    db.close()
