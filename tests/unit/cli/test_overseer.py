"""The parent of several workers: what it does when they end."""

from __future__ import annotations

import subprocess
import sys

PARENT = """
import os, socket, sys
from agent.cli.workers import Overseer, sharing
from agent.errors import SettingsError

def work(worker, ready):
    {work}

with socket.create_server(("127.0.0.1", 0)) as listener, sharing(listener, 2) as shared:
    tell = lambda text: print(text, file=sys.stderr, flush=True)
    sys.exit(Overseer(count=2, work=work, shared=shared, ready=lambda: tell("all are ready"), told=tell, longest_wait_s=0.0).run())
"""


def ran(work: str) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, "-c", PARENT.format(work=work)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr.splitlines()


def test_workers_that_end_at_once_again_and_again_are_given_up() -> None:
    code, said = ran("os._exit(3)")
    assert code == 1
    assert said[:4] == ["storehand: Worker 0 ended with 3; another takes its place."] * 4
    assert said[4].startswith("storehand: 5 workers in a row ended at once; the last one ended with 3.") and len(said) == 5


def test_what_an_operator_has_to_mend_is_not_tried_again() -> None:
    assert ran("raise SettingsError('This is wrong.')") == (2, ["storehand: This is wrong."])


def test_what_nobody_foresaw_is_a_sentence_and_no_traceback() -> None:
    code, said = ran("raise ZeroDivisionError")
    assert code == 1 and said[0] == "storehand: Something in Storehand broke (ZeroDivisionError)." and not any("Traceback" in line for line in said)


def test_the_others_are_started_once_the_first_takes_requests_and_all_end_on_a_signal() -> None:
    waits = "ready(); worker.number and os.kill(os.getppid(), 15); os.read(worker.parent, 1)"
    code, said = ran(waits)
    assert code == 0 and said in ([], ["all are ready"]), "the wish to end may come before the news that the second is ready"
