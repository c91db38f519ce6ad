"""Several processes that serve one address: a parent that starts them, puts another in the place of one that dies, and ends them all.

The parent serves nothing. It holds the data folder, the listening socket (what it has queued outlives every worker) and what they
share; it is single-threaded and has imported little, so that forking it is sound. A worker knows by a pipe when its parent is gone.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from agent.errors import DefinitionError, StorehandError
from agent.ledger.tallies import SharedTallies, Tallies
from agent.opening import Told, Worker

SOON_S = 10.0
"""A worker that ends within this time of its start has not worked."""
GIVE_UP_AFTER = 5
"""Workers in a row that have not worked."""
KILLED_AFTER_S = 25.0
"""After the wish to end, longer than a worker takes to let its requests and its work go."""

Work = Callable[[Worker, Callable[[], None]], None]
"""What a worker does, until it is told to end; it calls the second once it takes requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the parent holds for all workers."""

    listener: socket.socket
    tallies: Tallies
    asked: Sequence[socket.socket]
    """Of each worker, where the others ask for its metrics."""
    alive: tuple[int, int]
    """The pipe that ends with the parent: what is read, and what only the parent has open to write."""

    def worker(self, number: int) -> Worker:
        others = tuple(str(asked.getsockname()) for place, asked in enumerate(self.asked) if place != number)
        return Worker(
            number=number, listener=self.listener, parent=self.alive[0], tallies=self.tallies, asked=self.asked[number], others=others
        )  # fmt: skip


@contextmanager
def sharing(listener: socket.socket, count: int) -> Iterator[Shared]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="storehand-")))  # a socket's path may have 108 bytes: not in the data folder
        tallies = stack.enter_context(closing(SharedTallies()))
        asked = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(count)]
        for number, one in enumerate(asked):
            one.bind(str(folder / str(number)))
            one.listen()
        alive = os.pipe()
        stack.callback(os.close, alive[0])
        stack.callback(os.close, alive[1])
        yield Shared(listener=listener, tallies=tallies, asked=asked, alive=alive)


@dataclass(slots=True, kw_only=True)
class _Child:
    number: int
    report: int
    """The pipe on which it says that it takes requests."""
    since: float
    ready: bool = False


@dataclass(slots=True, kw_only=True)
class Overseer:
    """Starts the first worker, and once that takes requests the others: what only one has to do at a start is done by then."""

    count: int
    work: Work
    shared: Shared
    ready: Callable[[], None]
    """Called once, when all take requests."""
    told: Told
    debug: bool = False
    """Whether what nobody foresaw is told with its traceback."""
    longest_wait_s: float = 5.0
    """Before a worker is started in the place of one that did not work; the first one is not waited for."""
    clock: Callable[[], float] = time.monotonic
    _children: dict[int, _Child] = field(default_factory=dict)
    _due: list[tuple[float, int]] = field(default_factory=list)
    """When to start which worker."""
    _watched: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _announced: bool = False
    _kill_at: float | None = None
    """When those that do not end are killed; None as long as nobody wishes an end."""
    _failed: int = 0
    """Workers in a row that have not worked."""
    _code: int = 0

    def run(self) -> int:
        """Until all workers have ended, by a signal or for good. Returns the exit code."""
        with self._watched, _signals() as signals:
            self._watched.register(signals, selectors.EVENT_READ)
            self._start(0)
            while self._children or self._due:
                for key, _ in self._watched.select(self._wait_s()):
                    if key.fd == signals:
                        self._heed(os.read(signals, 64))
                    elif key.data.report >= 0:  # else the signal before it in this round told of the child's end
                        self._reported(key.data)
                self._do_what_is_due()
        return self._code

    def _wait_s(self) -> float | None:
        moments = [when for when, _ in self._due] + ([self._kill_at] if self._kill_at is not None else [])
        return max(0.0, min(moments) - self.clock()) if moments else None

    def _do_what_is_due(self) -> None:
        now = self.clock()
        for when, number in [each for each in self._due if each[0] <= now]:
            self._due.remove((when, number))
            self._start(number)
        if self._kill_at is not None and now >= self._kill_at:
            self._send(signal.SIGKILL)
            self._kill_at = now + KILLED_AFTER_S

    # starting

    def _start(self, number: int) -> None:
        report, says = os.pipe()
        # Until the child has signals of its own it must not take any: it would write to the pipe on which the parent hears of them.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)
        try:
            if (pid := os.fork()) == 0:
                self._be(number, says, [report, self.shared.alive[1], *(child.report for child in self._children.values() if child.report >= 0)])
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
        os.close(says)
        child = self._children[pid] = _Child(number=number, report=report, since=self.clock())
        self._watched.register(report, selectors.EVENT_READ, child)

    def _be(self, number: int, says: int, not_its: Sequence[int]) -> NoReturn:
        """What the child does. It never comes back into what the parent was doing when it forked."""
        code = 1
        try:
            _signals_of_a_worker()
            self._watched.close()
            for fd in not_its:
                os.close(fd)
            self.work(self.shared.worker(number), lambda: _say(says))
            code = 0
        except StorehandError as error:
            self.told(f"storehand: {error}")
            code = 2 if isinstance(error, DefinitionError) else 1
        except Exception as error:
            self.told(traceback.format_exc() if self.debug else f"storehand: Something in Storehand broke ({type(error).__name__}).")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reported(self, child: _Child) -> None:
        child.ready = bool(os.read(child.report, 1))
        self._heard(child)
        if not child.ready or self._kill_at is not None:
            return
        known = {each.number for each in self._children.values()} | {number for _, number in self._due}
        for number in sorted(set(range(self.count)) - known):
            self._start(number)
        if not self._announced and sum(each.ready for each in self._children.values()) == self.count:
            self._announced = True
            self.ready()

    def _heard(self, child: _Child) -> None:
        if child.report >= 0:
            self._watched.unregister(child.report)
            os.close(child.report)
            child.report = -1

    # ending

    def _heed(self, numbers: bytes) -> None:
        for number in numbers:
            if number != signal.SIGCHLD:
                self._end(signal.SIGTERM if self._kill_at is None else signal.SIGQUIT)
        for pid, child in list(self._children.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._children[pid]
                self._heard(child)
                self._ended(child, os.waitstatus_to_exitcode(status))

    def _ended(self, child: _Child, code: int) -> None:
        if self._kill_at is not None:
            if code not in (0, -signal.SIGTERM):
                self._code = self._code or 1
            return
        if code == 2 and not child.ready:  # a setting is wrong, which it has said: the next one would say the same
            return self._fail(2)
        self._failed = 0 if child.ready and self.clock() - child.since >= SOON_S else self._failed + 1
        if self._failed >= GIVE_UP_AFTER:
            self.told(f"storehand: {GIVE_UP_AFTER} workers in a row ended at once; the last one {_how(code)}. What they said above is the reason.")
            return self._fail(1)
        self.told(f"storehand: Worker {child.number} {_how(code)}; another takes its place.")
        wait_s = 0.0 if self._failed < 2 else min(0.25 * 2**self._failed, self.longest_wait_s)
        self._due.append((self.clock() + wait_s, child.number))

    def _fail(self, code: int) -> None:
        self._code = code
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        self._due.clear()
        self._kill_at = self._kill_at or self.clock() + KILLED_AFTER_S
        self._send(how)

    def _send(self, how: signal.Signals) -> None:
        for pid in self._children:
            os.kill(pid, how)


_HEEDED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@contextmanager
def _signals() -> Iterator[int]:
    """A pipe from which the numbers of signals are read."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    before = {number: signal.signal(number, lambda number, frame: None) for number in _HEEDED}
    signal.set_wakeup_fd(writes)
    try:
        yield reads
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reads)
        os.close(writes)


def _signals_of_a_worker() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal it reaches every process, and the parent passes it on as SIGTERM
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)


def _say(pipe: int) -> None:
    with suppress(BrokenPipeError):
        os.write(pipe, b"!")
    os.close(pipe)


def _how(code: int) -> str:
    return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with {code}"
