# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What travels to every host for one task: a file too many is paid for on each of them.

Ansible packs whatever a module imports anywhere, in functions too, so an import that looks
harmless can bring a whole library along.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

OURS = "ansible_collections/icr/access/plugins/"
SHARED = {
    "_access_token",
    "_auth_document",
    "_authfile",
    "_challenge",
    "_chosen_registries",
    "_connecting",
    "_credential_helper",
    "_error_body",
    "_errors",
    "_excerpt",
    "_helper_login",
    "_http",
    "_http_answer",
    "_import_once",
    "_import_safely",
    "_login_place",
    "_lost",
    "_module",
    "_named_registry",
    "_named_tuple",
    "_named_user",
    "_podman_files",
    "_proxy",
    "_realm",
    "_region_hosts",
    "_regions",
    "_registries",
    "_registry_dialogue",
    "_registry_host",
    "_registry_login",
    "_registry_permissions",
    "_registry_reasons",
    "_repeating",
    "_repositories",
    "_secret_content",
    "_settings",
    "_tls",
    "_user_process",
    "_users",
    "_verdict",
    "_wire",
}
READING = {"_login_listing", "_login_survey"}
WRITING = {
    "_authfile_edit",
    "_durations",
    "_given_credential",
    "_kept_login",
    "_login_change",
    "_login_diff",
    "_login_objections",
    "_login_plan",
    "_login_report",
    "_login_steps",
    "_login_warnings",
    "_redaction",
    "_secret_file",
    "_secret_option",
    "_verification",
}

# As the controller does it. In a process of its own, because Ansible's loader takes over how
# collections are imported.
BUILD = """
import json, sys
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar

init_plugin_loader()
built = {}
for name in sys.argv[1:]:
    built[name] = modify_module(
        module_name=name,
        module_path=module_loader.find_plugin_with_context(name).plugin_resolved_path,
        module_args={},
        templar=Templar(DataLoader()),
        task_vars={"ansible_python_interpreter": sys.executable},
    ).b_module_data.decode()
json.dump(built, sys.stdout)
"""

Payloads = dict[str, set[str]]


@pytest.fixture(scope="module")
def payloads(collections_path: Path) -> Payloads:
    """The files in the archive that is sent for each module, without empty packages."""
    names = ["icr.access.cr_login", "icr.access.cr_login_info", "ansible.builtin.ping"]
    built = subprocess.run(
        [sys.executable, "-c", BUILD, *names],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path)},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return {name: files_in(text) for name, text in json.loads(built).items()}


def files_in(payload: str) -> set[str]:
    packed = re.search(r"zip_data='([A-Za-z0-9+/=]+)'", payload)
    assert packed, "Ansible packs its modules in another way now"
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed.group(1)))) as archive:
        return {name for name in archive.namelist() if not name.endswith("__init__.py")}


def test_login_sends_its_own_files_and_no_other_of_ours(payloads: Payloads) -> None:
    sent = {name for name in payloads["icr.access.cr_login"] if OURS in name}
    needed = {f"{OURS}module_utils/{name}.py" for name in SHARED | WRITING}
    assert sent == needed | {f"{OURS}modules/cr_login.py"}


def test_login_info_sends_nothing_that_writes(payloads: Payloads) -> None:
    sent = {name for name in payloads["icr.access.cr_login_info"] if OURS in name}
    needed = {f"{OURS}module_utils/{name}.py" for name in SHARED | READING}
    assert sent == needed | {f"{OURS}modules/cr_login_info.py"}


@pytest.mark.parametrize("name", ["cr_login", "cr_login_info"])
def test_of_ansible_only_what_every_module_needs(payloads: Payloads, name: str) -> None:
    sent = {file for file in payloads[f"icr.access.{name}"] if OURS not in file}
    basic = payloads["ansible.builtin.ping"] - {"ansible/modules/ping.py"}
    assert sent == basic
    assert "ansible/module_utils/basic.py" in basic
    assert "ansible/module_utils/urls.py" not in basic
