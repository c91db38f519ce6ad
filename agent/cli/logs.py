"""What the library logs while a short command runs, as one line each on standard error. Tracebacks are for `--debug`, and for a server's log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage().rstrip(".")
        if record.exc_info and record.exc_info[0] is not None:
            return f"storehand: {said} ({record.exc_info[0].__name__}). `storehand --debug …` shows where."
        return f"storehand: {said}."


@contextmanager
def one_line_each(*, debug: bool = False) -> Iterator[None]:
    """
    Args:
        debug: Leave logging as it is: Python then prints the traceback too.
    """
    if debug:
        yield
        return
    shown = logging.StreamHandler()
    shown.setLevel(logging.WARNING)
    shown.setFormatter(_OneLine())
    root = logging.getLogger()
    root.addHandler(shown)
    try:
        yield
    finally:
        root.removeHandler(shown)
