# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Docker, Podman and Skopeo, which log in over and over, all of them in one file."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

# Without an engine Docker's client asks the registry by itself.
_SETTINGS = {"PATH": os.environ["PATH"], "DOCKER_HOST": "unix:///nonexistent"}


@dataclass
class ForeignLogins:
    """What came of it: the logins of each client, what failed, and how often the file was found
    to be valid meanwhile."""

    auth_file: Path
    podman_folder: str  # with a short name, as Podman wants it
    logins: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    looks: int = 0

    @property
    def names(self) -> set[str]:
        return set(self._commands)

    @property
    def _commands(self) -> dict[str, list[str]]:
        containers = ["--tls-verify=false", "--authfile", str(self.auth_file)]
        return {
            "docker": ["docker", "--config", str(self.auth_file.parent), "login"],
            "podman": ["podman", *self._podman_folders, "login", *containers],
            "skopeo": ["skopeo", "login", *containers],
        }

    @property
    def _podman_folders(self) -> list[str]:
        """Its own, so that it makes none that other users' clients cannot look into."""
        return [
            *("--storage-driver", "vfs"),
            *("--root", f"{self.podman_folder}/storage"),
            *("--runroot", f"{self.podman_folder}/run"),
            *("--tmpdir", f"{self.podman_folder}/tmp"),
        ]

    def log_in(self, name: str, host: str) -> None:
        """One login by that client."""
        done = subprocess.run(
            [*self._commands[name], "--username", "person", "--password-stdin", host],
            env={**_SETTINGS, "HOME": str(self.auth_file.parent.parent)},
            input="secret-of-a-person",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self.logins[name] += 1
        if done.returncode:
            self.failures.append(f"{name}: {done.stdout.strip()}")

    def look(self) -> None:
        """Reads the file, which has to be valid."""
        try:
            json.loads(self.auth_file.read_bytes())["auths"]
        except (OSError, ValueError, KeyError) as error:
            self.failures.append(f"the file is not valid: {error!r}")
        self.looks += 1


@contextmanager
def logging_in(hosts: Sequence[str], auth_file: Path) -> Iterator[ForeignLogins]:
    """Has each of the clients log in to its share of the registries, over and over, for as long as
    this lasts, and the file be read all the time."""
    is_over = threading.Event()

    def repeat(steps: Iterator[Callable[[], object]]) -> None:
        while not is_over.is_set():
            next(steps)()

    def logins(name: str, share: Sequence[str]) -> Iterator[Callable[[], object]]:
        for host in cycle(share):
            yield partial(clients.log_in, name, host)

    with tempfile.TemporaryDirectory(prefix="podman-") as folder:
        clients = ForeignLogins(auth_file, folder)
        names = sorted(clients.names)
        threads = [
            threading.Thread(
                target=repeat, args=(logins(name, hosts[number :: len(names)]),)
            )
            for number, name in enumerate(names)
        ]
        threads.append(threading.Thread(target=repeat, args=(cycle([clients.look]),)))
        for thread in threads:
            thread.start()
        try:
            yield clients
        finally:
            is_over.set()
            for thread in threads:
                thread.join()
