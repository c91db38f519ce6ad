"""The command `storehand`. Exit codes: 0 done, 1 the request failed, 2 wrong usage or config."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script; always ends with SystemExit.

    Args:
        arguments: What follows the command's name; the process's own when None.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    with importing():
        from agent.cli.commands import app_for, run
        from agent.settings import one_thread_for_small_products

        if given[:1] != ["distill"]:  # what trains keeps all its threads
            one_thread_for_small_products()
        app = app_for(given)
    run(app, given)


@contextmanager
def importing() -> Iterator[None]:
    """Import without collecting garbage: what importing makes stays, and looking through it was a sixth of a cold start (bench/gateway.py)."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
