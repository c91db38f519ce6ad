"""A PostgreSQL cluster for the length of a test run, reached through a socket in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PROGRAMS = ("initdb", "pg_ctl")
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps them, one folder for each version, off the PATH."""
SYSTEM_USER = "postgres"


def program(name: str) -> str | None:
    found = shutil.which(name)
    return found or next((str(path) for path in sorted(DEBIAN.glob(f"*/bin/{name}"), reverse=True)), None)


def missing_programs() -> Sequence[str]:
    """What a cluster needs and this machine has not; empty when it can be made."""
    missing = [name for name in PROGRAMS if program(name) is None]
    # The server refuses to run as root; it is then run as Debian's own user for it.
    return missing or (["runuser"] if _as_root() and shutil.which("runuser") is None else [])


@contextmanager
def throw_away_cluster(folder: Path) -> Iterator[str]:
    """The address of a new, empty server's database; the server ends with the context.

    Args:
        folder: Empty; everything of the cluster goes here.
    """
    data, sockets = folder / "data", folder / "s"
    sockets.mkdir()
    if _as_root():
        for path in (folder, sockets):
            shutil.chown(path, SYSTEM_USER)
        _let_through(folder)
    user = SYSTEM_USER if _as_root() else getpass.getuser()
    _run("initdb", "-D", str(data), "-U", user, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-c listen_addresses='' -k {sockets} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    _run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://{user}@/postgres?host={quote(str(sockets), safe='')}"
    finally:
        _run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _run(name: str, *args: str) -> None:
    command = [str(program(name)), *args]
    if _as_root():
        command = ["runuser", "-u", SYSTEM_USER, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", timeout=60)


def _let_through(folder: Path) -> None:
    """pytest keeps its folders to their owner; the server's user must be able to walk down to its own."""
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and len(parent.parts) > 2:
            parent.chmod(parent.stat().st_mode | 0o011)
