# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The role, run as users run it: by ansible-playbook, from the installed package."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) .*failed=(\d+)", re.MULTILINE)
_PLAY = [
    {
        "name": "Log in",
        "hosts": "all",
        "gather_facts": False,
        "roles": ["icr.access.registry_login"],
    }
]


@dataclass(frozen=True)
class Run:
    """How a play ended; `output` is what the user sees."""

    output: str
    changed: int
    failed: int

    def expect(self, *, changed: int) -> None:
        """AssertionError with the output unless all hosts succeed and so many change."""
        assert not self.failed, f"the play failed:\n{self.output}"
        assert self.changed == changed, f"not changed={changed}:\n{self.output}"

    def expect_warning(self, *words: str) -> None:
        """AssertionError with the output unless a warning says the words."""
        said = " ".join(self.output.partition("[WARNING]")[2].split())
        for word in words:
            assert word in said, f"no warning of {word!r}:\n{self.output}"

    def expect_failure(self, *words: str) -> None:
        """AssertionError with the output unless it fails, unchanged, and says the words."""
        assert self.failed, f"the play did not fail:\n{self.output}"
        assert not self.changed, f"the play failed after a change:\n{self.output}"
        # Ansible folds long lines.
        said = " ".join(self.output.split())
        for word in words:
            assert word in said, f"nothing is said of {word!r}:\n{self.output}"


@dataclass(frozen=True)
class Play:
    """Variables of the role, without its prefix: for all hosts, and for each."""

    variables: dict[str, Any] = field(repr=False)
    hosts: dict[str, dict[str, Any]] = field(default_factory=lambda: {"build-host": {}})

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may see, as it is and as it stands in an auth file."""
        user_name = self.variables.get("username", "iamapikey")
        secret = self.variables.get("api_key") or self.variables.get("password")
        if secret is None:
            return ()
        auth = base64.b64encode(f"{user_name}:{secret}".encode())
        return (secret, auth.decode())


@dataclass(frozen=True)
class LoginRole:
    """`registry_login` on one host, or several, that share the home folder `home`.

    `runtime_folder` is what a session's `XDG_RUNTIME_DIR` would be.
    """

    collections: Path
    home: Path
    runtime_folder: Path | None = None

    def run(self, **variables: Any) -> Run:
        return self.run_at_once(Play(variables))[0]

    def run_at_once(self, *plays: Play) -> list[Run]:
        """Starts all of the plays, waits for all, and looks for their secrets in the output."""
        with ExitStack() as started:
            processes = [started.enter_context(self._started(play)) for play in plays]
            outputs = [process.communicate(timeout=120)[0] for process in processes]
        runs = []
        for play, process, output in zip(plays, processes, outputs, strict=True):
            recap = _RECAP.findall(output)
            assert recap, f"the play did not run:\n{output}"
            for secret in play.secrets:
                assert secret not in output, "the secret is in Ansible's output"
            changed, failed = (sum(int(line[n]) for line in recap) for n in (0, 1))
            assert (process.returncode == 0) == (failed == 0), output
            runs.append(Run(output, changed, failed))
        return runs

    @contextmanager
    def _started(self, play: Play) -> Iterator[subprocess.Popen[str]]:
        folder = self.home / "plays"
        folder.mkdir(mode=0o700, exist_ok=True)
        inventory = {
            "all": {
                "vars": {"ansible_connection": "local"},
                "hosts": {name: _prefixed(own) for name, own in play.hosts.items()},
            }
        }
        # The secret comes from a file: a command line is everybody's to read.
        with (
            _file(folder, _PLAY) as play_file,
            _file(folder, inventory) as hosts,
            _file(folder, _prefixed(play.variables)) as variables,
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "ansible", "playbook", "--diff"),
                    *("--inventory", hosts, "--extra-vars", f"@{variables}"),
                    play_file,
                ],
                cwd=folder,
                env=self._settings(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.terminate()

    def _settings(self) -> dict[str, str]:
        programs = Path(sys.executable).parent
        runtime = self.runtime_folder
        return {
            **({"XDG_RUNTIME_DIR": str(runtime)} if runtime else {}),
            "HOME": str(self.home),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            # Something that the user's credential helpers have no business to see.
            "OF_THE_OPERATOR_ONLY": "1",
        }


def _prefixed(variables: dict[str, Any]) -> dict[str, Any]:
    return {f"registry_login_{name}": value for name, value in variables.items()}


@contextmanager
def _file(folder: Path, content: object) -> Iterator[str]:
    """A file with that content as JSON, which only its owner can read."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=folder) as stream:
        json.dump(content, stream)
        stream.flush()
        yield stream.name
