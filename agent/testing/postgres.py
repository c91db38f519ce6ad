"""A PostgreSQL cluster for the length of a test run, reached through a socket in a folder of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
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
def throw_away_cluster() -> Iterator[str]:
    """The address of a new, empty server's database; the server and its folder end with the context."""
    # Not below pytest's own folder: that is closed to other users, and the server of a test run by root is another user.
    with TemporaryDirectory(prefix="storehand-pg-") as name:
        folder = Path(name)
        if _as_root():
            shutil.chown(folder, SYSTEM_USER)
        user = SYSTEM_USER if _as_root() else getpass.getuser()
        data = folder / "data"
        _run("initdb", "-D", str(data), "-U", user, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{user}@/postgres?host={quote(name, safe='')}"
        finally:
            _run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")


def _as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _run(name: str, *args: str) -> None:
    command = [str(program(name)), *args]
    if _as_root():
        command = ["runuser", "-u", SYSTEM_USER, "--", *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", timeout=60)
