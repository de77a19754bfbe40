# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A credential helper that works, or fails in a way that a test chooses."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

# -I and -S: it starts twice as fast without looking at the environment and site-packages.
_PROGRAM = """#!{python} -IS
import json, os, pathlib, signal, sys

folder = pathlib.Path({folder!r})
given = sys.stdin.read()
verb = sys.argv[1]
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps([sys.argv[1:], given, sorted(os.environ)]) + "\\n")
mode = (folder / "mode").read_text()
logins = json.loads((folder / "logins").read_text())
found = logins.get(given, {{}})
if mode == "fails":
    sys.exit("the vault is sealed")
if mode == "repeats what it is given and fails":
    sys.exit("could not store " + given)
if mode == "answers and fails":
    print(json.dumps(found))
    sys.exit("the agent went away")
if mode == "answers nonsense":
    print("hello")
    sys.exit()
if mode.startswith("answers "):
    print(mode[len("answers "):])
    sys.exit()
if mode == "waits for a person":
    signal.pause()
if verb == "get":
    if not found and mode == "is that of pass":
        found = {{"ServerURL": given, "Username": "", "Secret": ""}}
    if not found:
        sys.exit("credentials not found in native keychain")
    print(json.dumps(found))
elif verb == "list":
    if mode == "cannot list":
        sys.exit("not implemented")
    print(json.dumps({{key: login["Username"] for key, login in logins.items()}}))
elif mode != "forgets":
    if verb == "store":
        login = json.loads(given)
        kept = logins.get(login["ServerURL"], login)
        if mode != "prefers the first user name" or kept["Username"] == login["Username"]:
            logins[login["ServerURL"]] = login
    elif logins.pop(given, None) is None:
        sys.exit("credentials not found in native keychain")
    (folder / "logins").write_text(json.dumps(logins))
"""


class FakeCredentialHelper:
    """`docker-credential-NAME` on PATH, with a memory of its own.

    `mode` is "works", "is that of pass", "prefers the first user name", "cannot list", "fails",
    "answers nonsense", "answers TEXT", "answers and fails", "forgets", "repeats what it is given
    and fails" or "waits for a person".
    """

    def __init__(
        self, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.name = name
        self._folder = folder / f"helper-{name}"
        self._folder.mkdir()
        self.program = self._folder / f"docker-credential-{name}"
        self.program.write_text(
            _PROGRAM.format(python=sys.executable, folder=str(self._folder))
        )
        self.program.chmod(0o755)
        self.be("works")
        self.keep({})
        monkeypatch.setenv("PATH", str(self._folder), prepend=":")

    def be(self, mode: str) -> None:
        (self._folder / "mode").write_text(mode)

    def keep(self, logins: dict[str, tuple[str, str]]) -> None:
        """Let these be the logins, and forget all calls."""
        kept = {
            key: {"ServerURL": key, "Username": username, "Secret": secret}
            for key, (username, secret) in logins.items()
        }
        (self._folder / "logins").write_text(json.dumps(kept))
        (self._folder / "calls").write_text("")

    @property
    def logins(self) -> dict[str, tuple[str, str]]:
        """What it keeps, by key."""
        kept: dict[str, dict[str, str]] = json.loads(
            (self._folder / "logins").read_text()
        )
        return {
            key: (login["Username"], login["Secret"]) for key, login in kept.items()
        }

    @property
    def calls(self) -> list[tuple[list[str], str]]:
        """Arguments and standard input of each call."""
        return [(arguments, given) for arguments, given, _names in self._recorded()]

    @property
    def verbs(self) -> list[str]:
        return [arguments[0] for arguments, _given in self.calls]

    @property
    def environments(self) -> list[list[str]]:
        """The names of the environment variables of each call."""
        return [names for _arguments, _given, names in self._recorded()]

    def _recorded(self) -> list[list[Any]]:
        lines = (self._folder / "calls").read_text().splitlines()
        return [json.loads(line) for line in lines]
