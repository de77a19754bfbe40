# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What others on the machine can see of a run while it lasts.

Arguments and environment of all its processes, which are known by the folder that their
environment names, and temporary files that others may read. They are looked at many times a
second.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

INTERVAL = 0.02  # seconds: a module lives ten times as long
# The controller's own, which whoever starts it has chosen, and which local processes inherit.
CHOSEN = b"IC_API_KEY="


class Watch:
    """Watches from entering to leaving. `arguments` and `environments` are of processes, without
    repetitions; `files` are those below `tmp` that others could read, with their content."""

    def __init__(self, folder: Path) -> None:
        self.arguments: set[bytes] = set()
        self.environments: set[bytes] = set()
        self.files: set[tuple[Path, bytes]] = set()
        self._folder = folder
        self._doubtful: set[str] = set()
        self._others: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_often)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        running = {name for name in os.listdir("/proc") if name.isdigit()}
        self._others &= running
        self._doubtful &= running
        for name in running - self._others:
            self._look_at_process(name)
        self._look_into(self._folder / "tmp")

    def _look_often(self) -> None:
        while not self._over.wait(INTERVAL):
            self.look()

    def _look_at_process(self, name: str) -> None:
        try:
            environment = Path("/proc", name, "environ").read_bytes()
            if os.fsencode(self._folder) not in environment:
                # Seen twice it is somebody else's: the first time it may have been on its way.
                (self._others if name in self._doubtful else self._doubtful).add(name)
                return
            arguments = Path("/proc", name, "cmdline").read_bytes()
        except OSError:  # gone, or not ours to see
            return
        self.arguments.add(arguments.replace(b"\0", b" "))
        entries = environment.split(b"\0")
        kept = (entry for entry in entries if not entry.startswith(CHOSEN))
        self.environments.add(b"\n".join(kept))

    def _look_into(self, folder: Path) -> None:
        """Files are open to others where every folder on the way is, too."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    mode = entry.stat(follow_symlinks=False).st_mode
                    if entry.is_dir(follow_symlinks=False):
                        if mode & 0o011:
                            self._look_into(Path(entry.path))
                    elif mode & 0o044 and entry.is_file(follow_symlinks=False):
                        path = Path(entry.path)
                        self.files.add((path, path.read_bytes()))
        except OSError:  # gone
            return
