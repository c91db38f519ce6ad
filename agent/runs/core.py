"""DBOS core, held to what we want of it: our own engine (WAL, NORMAL: a checkpoint costs 1 ms instead of 15), JSON and never pickles, a
name of its own for every process, a pinned version, no server, port or console. Its calls block: they are made in threads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

VERSION = "work-1"
"""Pinned: DBOS leaves work of another version alone, so this changes only when old payloads can no longer be read."""
WORKFLOW = "storehand.work"
THREADS = 64
"""How much work is under way at once; more waits its turn."""
FORGOTTEN_AT_ONCE = 1000
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

Body = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Does the work of an id, a name and a payload, in a thread of DBOS's."""


class LeftForAnother(BaseException):
    """Passes through DBOS without being written down as the work's outcome, so that the work stays pending."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What DBOS has on record of a piece of work."""

    status: str
    output: Any


class Core:
    def __init__(self, system: Path, executor: str, body: Body) -> None:
        self._system, self._executor, self._body = system, executor, body

    def launch(self) -> None:
        # A handler that is there already keeps DBOS from writing to the console; errors still reach whoever listens to the root.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        from dbos import DBOS, DBOSConfig
        from dbos import DBOSPortableJSONSerializer as Json  # half a second to import, so not before it is needed

        def work(id: str, name: str, payload: dict[str, Any]) -> dict[str, Any]:
            return self._body(id, name, payload)

        self._engine = _system_engine(self._system)
        config = DBOSConfig(
            name="storehand",
            system_database_engine=self._engine,
            serializer=Json(),
            executor_id=self._executor,
            application_version=VERSION,
            log_level="ERROR",
            max_executor_threads=THREADS,
            scheduler_polling_interval_sec=3600.0,
            notification_listener_polling_interval_sec=0.25,  # not used, but leaving waits for one
            run_migrations=True,
        )
        try:
            DBOS(config=config)
            self._workflow = DBOS.workflow(name=WORKFLOW)(work)
            DBOS.launch()
        except BaseException:
            self.destroy()
            raise

    def destroy(self) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)
        # A thread that waits for an outcome asks for it every second for ever, and the interpreter waits for the thread: the next time it asks
        # it is told to leave. DBOS (3.4, read 2026-11-22) has no word for it.
        event.listen(self._engine, "do_connect", _no_more)
        self._engine.dispose()

    def begin(self, id: str, name: str, payload: dict[str, Any]) -> None:
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(id):
            DBOS.start_workflow(self._workflow, id, name, payload)

    def cancel(self, id: str) -> None:
        from dbos import DBOS

        DBOS.cancel_workflow(id)

    def look_up(self, id: str) -> Recorded | None:
        from dbos import DBOS

        found = DBOS.list_workflows(workflow_ids=[id], load_input=False)
        return Recorded(str(found[0].status), found[0].output) if found else None

    def pending(self) -> dict[str, str | None]:
        """Id of work that was begun and has no outcome, to the process it is with."""
        from dbos import DBOS

        found = DBOS.list_workflows(status="PENDING", name=WORKFLOW, load_input=False, load_output=False)
        return {w.workflow_id: w.executor_id for w in found}

    def resume(self, ids: Sequence[str]) -> None:
        """Put work back into the queue that every process draws from."""
        from dbos import DBOS

        DBOS.resume_workflows(list(ids))

    def forget_before(self, moment: datetime) -> None:
        from dbos import DBOS

        found = DBOS.list_workflows(
            status=list(ENDED), name=WORKFLOW, end_time=moment.isoformat(), limit=FORGOTTEN_AT_ONCE, load_input=False, load_output=False
        )
        if found:
            DBOS.delete_workflows([w.workflow_id for w in found])


def _no_more(*_: Any) -> None:
    raise LeftForAnother


def _system_engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"  # as DBOS opens its own: writers wait for each other instead of failing half way
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
