# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What docs/automation_controller.md says, with Ansible's own tools."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import CHECKOUT, Command

PAGE = CHECKOUT / "docs" / "automation_controller.md"
LOGIN = """
- name: Log in
  hosts: build_hosts
  gather_facts: false
  roles:
    - role: icr.access.registry_login
      vars:
        registry_login_regions: [eu-de]
"""


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """The files on the page, by name."""
    blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE.read_text(), re.S | re.M)
    return dict(blocks)


@pytest.fixture(scope="module")
def context(
    files: dict[str, str], command: Command, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What ansible-builder makes of the file on the page."""
    folder = tmp_path_factory.mktemp("environment")
    file = folder / "execution-environment.yml"
    file.write_text(files[file.name])
    made = folder / "context"
    command("ansible-builder", "create", "--file", str(file), "--context", str(made))
    return made


@pytest.fixture
def cloud(installed: Path, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the sandbox of the installed collection tells of itself."""
    root = installed / "ansible_collections/icr/access/roles/sandbox/files"
    file = tmp_path / "endpoints.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "icr_sandbox", "--endpoints-file", str(file)],
        cwd=root,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield json.loads(file.read_text())
    finally:
        process.terminate()
        process.communicate()


def test_context_has_the_collection(context: Path) -> None:
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text())
    assert wanted == {"collections": [{"name": "icr.access"}]}


def test_environment_gets_one_library_and_nothing_more(
    context: Path, installed: Path
) -> None:
    script = context / "_build" / "scripts" / "introspect.py"
    told = subprocess.run(
        [sys.executable, str(script), "introspect", str(installed)],
        capture_output=True,
        text=True,
        check=True,
    )
    needs = yaml.safe_load(told.stdout)
    assert [line.split(" ")[0] for line in needs["python"]] == ["requests"]
    assert needs["system"] == []


def test_credential_type_hands_over_the_key(files: dict[str, str]) -> None:
    (field,) = yaml.safe_load(files["input.yml"])["fields"]
    assert field["secret"] is True
    assert yaml.safe_load(files["injector.yml"]) == {
        "env": {"IC_API_KEY": f"{{{{ {field['id']} }}}}"}
    }


def test_runner_logs_in_with_the_key_of_the_environment(
    command: Command, installed: Path, cloud: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "runner"
    for name in ("env", "inventory", "project"):
        (folder / name).mkdir(parents=True)
    (folder / "env" / "envvars").write_text(
        json.dumps({"IC_API_KEY": cloud["api_key"]})
    )
    config = tmp_path / "config.json"
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "registry_login_endpoints": cloud["endpoints"],
        "registry_login_config_path": str(config),
    }
    hosts = {"build_hosts": {"hosts": {"build-1": {}}, "vars": variables}}
    (folder / "inventory" / "hosts.json").write_text(json.dumps(hosts))
    (folder / "project" / "login.yml").write_text(LOGIN)
    told = command(
        *("ansible-runner", "run", str(folder), "--playbook", "login.yml"),
        collections=installed,
    )
    assert re.search(r"build-1 .*changed=1 .*failed=0", told)
    assert len(json.loads(config.read_text())["auths"]) == 1
    artifacts = "".join(
        path.read_text(errors="replace")
        for path in (folder / "artifacts").rglob("*")
        if path.is_file()
    )
    assert "build-1" in artifacts
    # the one file that tells the environment of the job
    shown = artifacts.replace(f'"IC_API_KEY": "{cloud["api_key"]}"', "")
    assert cloud["api_key"] not in shown
