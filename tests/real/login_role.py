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
from dataclasses import dataclass
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
    """How a play ended; C(output) is what the user sees."""

    output: str
    changed: int
    failed: int

    def expect(self, *, changed: int) -> None:
        """AssertionError with the output unless all hosts succeed and so many change."""
        assert not self.failed, f"the play failed:\n{self.output}"
        assert self.changed == changed, f"not changed={changed}:\n{self.output}"

    def expect_failure(self, *words: str) -> None:
        """AssertionError with the output unless it fails, unchanged, and says the words."""
        assert self.failed, f"the play did not fail:\n{self.output}"
        assert not self.changed, f"the play failed after a change:\n{self.output}"
        # Ansible folds long lines.
        said = " ".join(self.output.split())
        for word in words:
            assert word in said, f"nothing is said of {word!r}:\n{self.output}"


@dataclass(frozen=True)
class Running:
    """A play that has been started."""

    process: subprocess.Popen[str]
    variables: Path
    secret: str

    def finish(self) -> Run:
        """Waits for the end. The secret must not be seen, whatever happens."""
        try:
            output, _nothing = self.process.communicate(timeout=120)
        finally:
            self.process.kill()
            self.process.wait()
            self.variables.unlink()
        recap = _RECAP.findall(output)
        assert recap, f"the play did not run:\n{output}"
        if self.secret:
            for seen in (self.secret, _auth_of(self.secret)):
                assert seen not in output, "the secret is in Ansible's output"
        changed, failed = (
            sum(int(line[number]) for line in recap) for number in (0, 1)
        )
        assert (self.process.returncode == 0) == (failed == 0), output
        return Run(output, changed, failed)


@dataclass(frozen=True)
class LoginRole:
    """C(registry_login) on one host, or several, that share the home folder C(home)."""

    collections: Path
    home: Path

    def run(self, **variables: Any) -> Run:
        return self.start(**variables).finish()

    def start(
        self, *, hosts: dict[str, dict[str, Any]] | None = None, **variables: Any
    ) -> Running:
        """C(variables) are the role's, without its prefix; C(hosts) adds some per host."""
        inventory = {
            "all": {
                "vars": {"ansible_connection": "local"},
                "hosts": {
                    name: _prefixed(own)
                    for name, own in (hosts or {"build-host": {}}).items()
                },
            }
        }
        folder = self.home / "plays"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / "play.yml").write_text(json.dumps(_PLAY))
        handle, path = tempfile.mkstemp(prefix="inventory", suffix=".json", dir=folder)
        os.close(handle)
        Path(path).write_text(json.dumps(inventory))
        # The secret comes from a file: a command line is everybody's to read.
        handle, values = tempfile.mkstemp(
            prefix="variables", suffix=".json", dir=folder
        )
        with os.fdopen(handle, "w") as stream:
            json.dump(_prefixed(variables), stream)
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "ansible", "playbook"),
                *("--diff", "-i", path, "-e", f"@{values}"),
                str(folder / "play.yml"),
            ],
            cwd=folder,
            env=self._settings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        secret = str(variables.get("api_key") or variables.get("password") or "")
        return Running(process, Path(values), secret)

    def _settings(self) -> dict[str, str]:
        programs = Path(sys.executable).parent
        return {
            "HOME": str(self.home),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            # Something that the user's credential helpers have no business to see.
            "OF_THE_OPERATOR_ONLY": "1",
        }


def _auth_of(api_key: str) -> str:
    """The API key as it stands in an auth file."""
    return base64.b64encode(f"iamapikey:{api_key}".encode()).decode()


def _prefixed(variables: dict[str, Any]) -> dict[str, Any]:
    return {f"registry_login_{name}": value for name, value in variables.items()}
