# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Skopeo, the client that stands for all of them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

# What a registry's refusals look like, by whether it knows who asks.
UNKNOWN = "unauthorized|authentication required|unable to retrieve auth token"
DENIED = "denied"


@dataclass(frozen=True)
class Outcome:
    """How a call ended; `said` is all of its output."""

    call: str
    succeeded: bool
    said: str

    def expect_success(self) -> None:
        """AssertionError with what was called and said unless it succeeded."""
        assert self.succeeded, f"failed: {self.call}\n{self.said}"

    def expect_refusal(self, words: str) -> None:
        """AssertionError with what was called and said unless it was refused like that."""
        assert not self.succeeded, f"was not refused: {self.call}\n{self.said}"
        assert re.search(words, self.said), (
            f"was not refused by {words!r}: {self.call}\n{self.said}"
        )


@dataclass(frozen=True)
class Skopeo:
    """Skopeo as root with an auth file, or with the files that it finds by itself: as another
    user, or as root where a session has the runtime folder `runtime_folder`."""

    home: Path
    auth_file: Path | None = None
    user: str | None = None
    ca_folder: Path | None = None
    runtime_folder: Path | None = None

    def push(self, layout: Path, name: str) -> Outcome:
        return self._copy(f"oci:{layout}:latest", f"docker://{name}:latest", "dest")

    def pull(self, name: str, layout: Path) -> Outcome:
        return self._copy(f"docker://{name}:latest", f"oci:{layout}:latest", "src")

    def log_in(self, host: str, user_name: str, secret: str) -> Outcome:
        """As a person would, by hand."""
        return self._run(
            *("login", "--username", user_name, "--password-stdin"),
            *(*self._trust(), *self._auth(), host),
            given=secret,
        )

    def stored_user_name(self, host: str) -> Outcome:
        return self._run("login", "--get-login", *self._auth(), host)

    def _copy(self, source: str, target: str, side: str) -> Outcome:
        return self._run(
            *("copy", "--preserve-digests", *self._trust(f"{side}-"), *self._auth()),
            *(source, target),
        )

    def _auth(self) -> list[str]:
        return ["--authfile", str(self.auth_file)] if self.auth_file else []

    def _trust(self, side: str = "") -> list[str]:
        if self.ca_folder is not None:
            return [f"--{side}cert-dir", str(self.ca_folder)]
        return [f"--{side}tls-verify=false"]

    def _run(self, *arguments: str, given: str = "") -> Outcome:
        command = ["skopeo", *arguments]
        call = shlex.join(command)
        if self.user is not None:
            command = ["su", "-", self.user, "-c", call]
        settings = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        if self.runtime_folder is not None:
            settings["XDG_RUNTIME_DIR"] = str(self.runtime_folder)
        done = subprocess.run(
            command,
            cwd="/",
            env=settings,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return Outcome(call, done.returncode == 0, done.stdout.strip())
