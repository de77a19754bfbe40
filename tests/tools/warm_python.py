# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A Python that has started already: as `ansible_python_interpreter` of hosts in tests.

Two thirds of what a module takes is Python starting, and importing what comes with it. This is
run in the place of `python`, as `.venv/bin/warm-python`, where `make setup` puts it: it hands its
arguments, folder, environment and open files to `warm_python_server.py`, which runs the module
in a fork of its own, and ends with its exit status. Without a server, it starts one for those who
come after it, and becomes a plain Python. So it does for all that is neither a program on standard
input nor a file.

Not for what looks at processes, or ends them: a module is none of whoever has started it.
"""

# Every line of this is paid for by each module: only what is part of Python itself is imported.
from __future__ import annotations

import marshal
import posix
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

# With the interpreter: another one has another server.
ADDRESS = sys.executable.rpartition("/bin/")[0] + "/warm.socket"
NULL = b"/dev/null"


def ask(arguments: list[str]) -> int:
    """Have the server run it; its exit status. Raises `OSError` when there is no server."""
    connection = socket(AF_UNIX, SOCK_STREAM)
    connection.connect(ADDRESS)
    mask = posix.umask(0)
    posix.umask(mask)
    request = marshal.dumps((arguments, posix.getcwdb(), dict(posix.environ), mask))
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    length = len(request).to_bytes(4, "big")
    connection.sendmsg([length], [(SOL_SOCKET, SCM_RIGHTS, files)])
    connection.sendall(request)
    answer = connection.recv(1)
    return answer[0] if answer else 1


def start_server() -> None:
    """Start one, and do not wait for it. One that is not needed ends by itself."""
    posix.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-m", "warm_python_server", ADDRESS],
        {**posix.environ, b"LC_ALL": b"C.UTF-8"},
        file_actions=[
            (posix.POSIX_SPAWN_OPEN, number, NULL, posix.O_RDWR, 0)
            for number in (0, 1, 2)
        ],
        setsid=True,
    )


def main() -> None:
    arguments = sys.argv[1:]
    if not (arguments and arguments[0].startswith("-")):
        try:
            posix._exit(ask(arguments))
        except OSError:
            start_server()
    posix.execv(sys.executable, [sys.executable, *arguments])


if __name__ == "__main__":
    main()
