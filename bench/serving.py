"""A real server in a process of its own, pinned to one core, for the benchmarks; the client takes the other core."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import httpx

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.stores.embedded.demo import make_demo

SERVER_CORE, CLIENT_CORE = 0, 1


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    key: str
    pid: int
    first_answer_s: float

    def cpu_s(self) -> float:
        """Processor time it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024


def compiled() -> None:
    """Bytecode of our own modules, which pip leaves with every installation.

    A checkout has none where PYTHONDONTWRITEBYTECODE is set, and would compile seven hundred files at each start: 0.9 s of processor time.
    """
    for package in ("agent", "tasks"):
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        compileall.compile_dir(Path(spec.origin).parent, quiet=2)


def demo_folder(where: Path) -> Path:
    db = Database(sqlite_url(where / "storehand.db"))
    upgrade(db)
    make_demo(db, today=datetime.now(UTC).date())
    db.close()
    return where


@contextmanager
def served(folder: Path, *, config: str | None = None) -> Iterator[Served]:
    """`storehand serve` on a copy of the folder.

    Args:
        config: Text of the config file.
    """
    storehand = [sys.executable, "-c", "from agent.cli import main; main()"]
    compiled()
    with tempfile.TemporaryDirectory() as copy:
        data = shutil.copytree(folder, Path(copy) / "data")
        keys = [*storehand, "keys", "create", "--name", "bench", "--scopes", "read,ask,approve", "--data", str(data), "--shop", "demo"]
        key = subprocess.run(keys, capture_output=True, text=True, check=True).stdout.strip()
        environment = dict(os.environ)
        if config is not None:
            (data / "storehand.toml").write_text(config, encoding="utf-8")
            environment["STOREHAND_CONFIG"] = str(data / "storehand.toml")
        port = _free_port()
        began = time.perf_counter()
        process = subprocess.Popen(
            [*storehand, "serve", "--data", str(data), "--port", str(port)], stderr=subprocess.DEVNULL, env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _until_answered(url, process)
            yield Served(url, key, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(20)


def _until_answered(url: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            httpx.get(f"{url}/readyz", timeout=1).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.01)
    raise SystemExit(f"the server ended with {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
