# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What Ansible takes to run a login."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# In a process of its own, because Ansible's loader takes over how collections are imported.
LOOK = """
from ansible.plugins.action import normal
from ansible.plugins.loader import action_loader, init_plugin_loader

init_plugin_loader()
found = action_loader.get_with_context("icr.access.cr_login", class_only=True)
assert found.plugin_load_context.resolved, "there is none of this name"
assert found.plugin_load_context.resolved_fqcn == "icr.access.cr_login"
assert found.object.run is normal.ActionModule.run
"""


def test_login_is_run_as_any_module_under_a_name_that_ansible_finds(
    collections_path: Path,
) -> None:
    looked = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (looked.returncode, looked.stderr) == (0, "")
