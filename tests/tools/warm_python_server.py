# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Run what `warm_python.py` asks for, in forks of a process that has imported what modules do.

That is Python's own library and `requests`, but nothing of Ansible's or of ours: that comes with
each module, and is imported anew by each. Prints a line when it can be asked. Ends when nobody
has asked for a while, or when there is another server. Usage: warm_python_server.py SOCKET
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import marshal
import os
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType

# Seconds without a request after which a server ends.
IDLE = 20
IMPORTED = "import ansible.module_utils.basic, requests, sys; print(*sys.modules)"
NOT_OURS = ("ansible", "__main__")


def import_what_modules_import() -> None:
    """Of what an Ansible module imports, all that is not Ansible's own."""
    listing = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    ).stdout
    for name in listing.split():
        if not name.startswith(NOT_OURS):
            # Some make their names up.
            with suppress(ImportError):
                importlib.import_module(name)


def serve(listener: socket.socket, address: Path) -> None:
    """Run one fork for each request, until there are no more."""
    listener.listen(64)
    listener.settimeout(IDLE)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    # Forks are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with suppress(TimeoutError):
        while True:
            serve_one(listener)
    # Whoever has come until here is served, and nobody comes any more.
    address.unlink()
    listener.settimeout(0)
    with suppress(BlockingIOError):
        while True:
            serve_one(listener)


def serve_one(listener: socket.socket) -> None:
    """Take the next request, and fork for it. Raises `OSError` when there is none in time."""
    connection, _address = listener.accept()
    with connection:
        if os.fork() == 0:
            listener.close()
            connection.settimeout(None)
            status = 1
            try:
                status = answer(connection)
            finally:
                with suppress(OSError):
                    connection.sendall(bytes([status]))
                os._exit(status)


def answer(connection: socket.socket) -> int:
    """Become what was asked for, and run it; the exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    length, files, _flags, _address = socket.recv_fds(connection, 4, 3)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    request = b""
    while len(request) < int.from_bytes(length, "big"):
        request += connection.recv(65536)
    arguments, folder, environment, mask = marshal.loads(request)  # noqa: S302 - from this user
    os.chdir(folder)
    os.umask(mask)
    os.environb.clear()
    os.environb.update(environment)
    status = run(arguments)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def run(arguments: list[str]) -> int:
    """Run a file, or what is on standard input, as Python runs its main program."""
    if arguments:
        path, source = arguments[0], Path(arguments[0]).read_bytes()
        sys.path.insert(0, str(Path(path).parent))
    else:
        path = "<stdin>"
        sys.path.insert(0, "")
        with open(0, "rb", closefd=False) as program:
            source = program.read()
    sys.argv = arguments or [""]
    main_module = ModuleType("__main__")
    sys.modules["__main__"] = main_module
    try:
        exec(compile(source, path, "exec"), main_module.__dict__)  # noqa: S102 - asked for
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    address = Path(sys.argv[1])
    with (
        address.with_suffix(".lock").open("w") as lock,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        # First of all: where this fails, as with a long path, every client starts a server.
        address.unlink(missing_ok=True)
        listener.bind(str(address))
        address.chmod(0o600)
        os.chdir("/")
        import_what_modules_import()
        gc.freeze()
        serve(listener, address)


if __name__ == "__main__":
    main()
