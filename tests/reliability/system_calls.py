# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The system calls that Python code makes on files, one after the other: before each of them
something can happen. No tracer and no right to trace is needed for that."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest import mock

_CALLS = (
    *("open", "close", "read", "write", "fsync", "fchmod", "fchown", "chmod", "chown"),
    *("stat", "lstat", "fstat", "readlink", "access", "listdir", "scandir", "mkdir"),
    *("rename", "replace", "unlink", "remove", "rmdir", "link", "symlink", "truncate"),
)
_REAL: dict[str, Callable[..., Any]] = {
    **{name: getattr(os, name) for name in _CALLS},
    "flock": fcntl.flock,
}
# What the system may answer to calls that would change something on the disk.
_WRITES = {"mkdir", "rename", "write", "fsync"}
_CHANGES = {"mkdir", "rename", "unlink", "fchmod", "fchown", "creating open"}
_OPENS = {"open", "creating open", "listdir"}
FAULTS: dict[int, set[str]] = {
    errno.ENOSPC: {"creating open", *_WRITES},
    errno.EDQUOT: {"creating open", *_WRITES},
    errno.EROFS: {*_CHANGES, "write"},
    errno.EIO: {*_CHANGES, *_OPENS, "read", "write", "fsync", "close"},
    errno.EMFILE: _OPENS,
    errno.EACCES: {*_CHANGES, *_OPENS},
    errno.ESTALE: {*_CHANGES, *_OPENS, "read", "write", "fsync"},
    errno.ENOLCK: {"flock"},
}


class Call(NamedTuple):
    """One call, about to be made: `number` counts from 1, `kind` is its name, for an `open` that
    may make a file "creating open"."""

    number: int
    kind: str
    arguments: tuple[Any, ...]


# What happens before a call: nothing, the end of the process, an OSError; or other arguments
# are given, with which the call is made instead.
Event = Callable[[Call], tuple[Any, ...] | None]


@contextmanager
def intercepted(event: Event) -> Iterator[None]:
    """Has `event` happen before each call that anybody in this process makes meanwhile."""
    number = 0

    def around(name: str) -> Callable[..., Any]:
        # As they are now: a test may have put something in their place.
        call_now = fcntl.flock if name == "flock" else getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal number
            number += 1
            given = event(Call(number, _kind(name, arguments), arguments))
            return call_now(*(arguments if given is None else given), **options)

        return call

    with ExitStack() as patches:
        for name in _CALLS:
            patches.enter_context(mock.patch.object(os, name, around(name)))
        patches.enter_context(mock.patch.object(fcntl, "flock", around("flock")))
        patches.enter_context(mock.patch.object(os, "fdopen", _fdopen))
        yield


def count_calls(task: Callable[[], object]) -> list[Call]:
    """The calls that a task makes when nothing happens to it."""
    calls: list[Call] = []
    with intercepted(calls.append):
        task()
    return calls


def killed_before(number: int) -> Event:
    """The process dies before that call, and of nothing that it could notice."""

    def event(call: Call) -> None:
        if call.number == number:
            _die()

    return event


def killed_within(number: int, length: int) -> Event:
    """The process dies when that call, a `write`, has written so many bytes."""

    def event(call: Call) -> None:
        if call.number == number:
            handle, data = call.arguments
            _REAL["write"](handle, bytes(data)[:length])
            _die()

    return event


def failing_at(number: int, code: int, *, for_good: bool = False) -> Event:
    """That call fails; `for_good`: each later one of the kinds that fail so, too. A `write`
    that fails has written half of its bytes before."""

    def event(call: Call) -> None:
        is_hit = call.number == number or (for_good and call.number > number)
        if is_hit and call.kind in FAULTS[code]:
            if call.kind == "write":
                handle, data = call.arguments
                _REAL["write"](handle, bytes(data)[: len(data) // 2])
            if call.kind == "close":
                _REAL["close"](*call.arguments)
            raise OSError(code, os.strerror(code))

    return event


def writing_slowly(length: int) -> Event:
    """Each `write` takes no more than so many bytes at a time."""

    def event(call: Call) -> tuple[Any, ...] | None:
        if call.kind != "write":
            return None
        handle, data = call.arguments
        return handle, bytes(data)[:length]

    return event


def interrupted_by(number: int, action: Callable[[], object]) -> Event:
    """Somebody else does something before that call; what they call is not counted."""
    is_over = False

    def event(call: Call) -> None:
        nonlocal is_over
        if call.number == number and not is_over:
            is_over = True
            action()

    return event


def _kind(name: str, arguments: tuple[Any, ...]) -> str:
    if name == "open" and len(arguments) > 1 and arguments[1] & os.O_CREAT:
        return "creating open"
    return name


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Stream(io.RawIOBase):
    """A stream whose calls are those of `os`: Python's own streams make them unseen."""

    def __init__(self, handle: int, is_owner: bool) -> None:
        self._handle, self._is_owner = handle, is_owner

    def fileno(self) -> int:
        return self._handle

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = os.read(self._handle, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        return os.write(self._handle, bytes(data))

    def close(self) -> None:
        if not self.closed:
            super().close()
            if self._is_owner:
                os.close(self._handle)


def _fdopen(handle: int, mode: str, closefd: bool = True) -> Any:
    stream = _Stream(handle, closefd)
    return io.BufferedWriter(stream) if "w" in mode else io.BufferedReader(stream)
