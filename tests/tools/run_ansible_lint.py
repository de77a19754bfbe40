# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Run ansible-lint, and let ansible-core check the syntax of all playbooks at once.

ansible-lint starts ansible-playbook anew for each playbook and role, half a hundred times: half
of what it takes. Here one start looks at all of them. When that one finds anything, each is
checked on its own after all, so that ansible-lint says what and where. Its rules and its options
are its own: the usage is that of ansible-lint.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

# Private to ansible-lint, which has no option for this.
from ansiblelint.__main__ import _run_cli_entrypoint
from ansiblelint.runner import Runner

CHECK = ["ansible-playbook", "--syntax-check"]
ROLES = """
- name: Look at all roles
  hosts: localhost
  tasks:
"""
ROLE = """
    - ansible.builtin.import_role:
        name: {path}
"""
check_each = Runner._run_syntax_check_phase


def are_all_right(
    playbooks: list[Path], roles: list[Path], environment: dict[str, str]
) -> bool:
    """Whether ansible-core can read these playbooks and folders of roles."""
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(ROLES + "".join(ROLE.format(path=path) for path in roles))
        file.flush()
        names = [str(path) for path in playbooks]
        done = subprocess.run(
            [*CHECK, *names, *([file.name] if roles else [])],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def check_all(runner: Runner, matches: list[Any]) -> list[Any]:
    """In the place of `check_each`: the files that were looked at; what is wrong with them is
    added to `matches`."""
    files: list[Any] = runner._collect_syntax_check_files()
    playbooks = [file.path for file in files if file.kind == "playbook"]
    roles = [file.path.absolute() for file in files if file.kind == "role"]
    # It says where the mocks of .ansible-lint are.
    environment = {
        **runner.app.runtime.environ,
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False",
    }
    if are_all_right(playbooks, roles, environment):
        return files
    return list(check_each(runner, matches))


if __name__ == "__main__":
    # A checker does not want methods replaced, which is what this is about.
    Runner._run_syntax_check_phase = check_all  # type: ignore[method-assign, assignment]
    _run_cli_entrypoint()
