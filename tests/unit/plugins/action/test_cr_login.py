# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What Ansible takes to run a login, and what becomes of the role's variables."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.plugins.action import normal

from ansible_collections.icr.access.plugins.action import cr_login

# In a process of its own, because Ansible's loader takes over how collections are imported.
LOOK = """
from ansible.plugins.action import normal
from ansible.plugins.loader import action_loader, init_plugin_loader

init_plugin_loader()
found = action_loader.get_with_context("icr.access.cr_login", class_only=True)
assert found.plugin_load_context.resolved, "there is none of this name"
assert found.plugin_load_context.resolved_fqcn == "icr.access.cr_login"
assert issubclass(found.object, normal.ActionModule)
"""
# What ansible-core 2.18 calls what is to be omitted.
OMIT = "__omit_place_holder__1f"
NAMES = {"client": "role_client", "pull": "role_pull"}


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


def as_it_is(held: dict[str, Any]) -> dict[str, Any]:
    return held


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        pytest.param({}, {}, id="none set"),
        pytest.param({"role_client": "podman"}, {"client": "podman"}, id="one set"),
        pytest.param(
            {"role_client": "docker", "role_pull": ["a"], "role_push": ["b"]},
            {"client": "docker", "pull": ["a"]},
            id="one that is not passed on",
        ),
        pytest.param(
            {"role_client": None, "role_pull": []},
            {"client": None, "pull": []},
            id="empty is set",
        ),
        pytest.param(
            {"role_client": OMIT, "role_pull": ["a", OMIT], "omit": OMIT},
            {"pull": ["a"]},
            id="omitted",
        ),
        pytest.param(
            {"role_pull": [{"a": OMIT, "b": {"c": OMIT, "d": None}}], "omit": OMIT},
            {"pull": [{"b": {"d": None}}]},
            id="omitted further inside",
        ),
        pytest.param(
            {"role_client": OMIT}, {"client": OMIT}, id="nothing is omitted by name"
        ),
    ],
)
def test_variables_that_are_set_become_options(
    variables: dict[str, Any], options: dict[str, Any]
) -> None:
    assert cr_login.options_of(NAMES, variables, as_it_is) == options


def test_only_what_is_passed_on_is_worked_out() -> None:
    def template(held: dict[str, Any]) -> dict[str, Any]:
        return {key: f"worked out of {each}" for key, each in held.items()}

    variables = {"role_client": "{{ one }}", "role_push": "{{ two }}"}
    options = cr_login.options_of(NAMES, variables, template)
    assert options == {"client": "worked out of {{ one }}"}


def test_variable_that_cannot_be_worked_out_is_named() -> None:
    def template(held: dict[str, Any]) -> dict[str, Any]:
        raise AnsibleUndefinedVariable("'one' is undefined")

    told = "^role_client cannot be worked out: 'one' is undefined$"
    with pytest.raises(AnsibleError, match=told):
        cr_login.options_of(NAMES, {"role_client": "{{ one }}"}, template)


def ran_with(
    monkeypatch: pytest.MonkeyPatch,
    *,
    task_vars: dict[str, Any],
    **of_task: Any,
) -> dict[str, Any]:
    """The options that Ansible's own action finds; what a task has, `args` and `vars`."""
    action = object.__new__(cr_login.ActionModule)
    action._task = SimpleNamespace(**{"vars": {}, **of_task})
    action._templar = SimpleNamespace(template=as_it_is)
    found: dict[str, Any] = {}

    def run(self: Any, tmp: object, given: dict[str, Any]) -> dict[str, Any]:
        assert given is task_vars
        assert not gc.isenabled()
        found.update(self._task.args)
        return {"changed": True}

    monkeypatch.setattr(normal.ActionModule, "run", run)
    assert action.run(None, task_vars) == {"changed": True}
    return found


def test_other_tasks_have_the_options_that_they_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task_vars = {"role_client": "podman", cr_login.OPTIONS: NAMES}
    options = {"client": "docker", "password": "given"}
    found = ran_with(monkeypatch, args=dict(options), task_vars=task_vars)
    assert found == options


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        pytest.param({}, {"region": "eu-de", "client": "docker"}, id="none set"),
        pytest.param(
            {"role_client": "podman"},
            {"region": "eu-de", "client": "podman"},
            id="one that wins",
        ),
        pytest.param(
            {"role_password": "ours", "role_pull": []},
            {"region": "eu-de", "client": "docker", "password": "ours", "pull": []},
            id="a credential",
        ),
    ],
)
def test_module_defaults_count_for_what_is_not_set_but_for_credentials(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, Any], options: dict[str, Any]
) -> None:
    found = ran_with(
        monkeypatch,
        args={"region": "eu-de", "client": "docker", "password": "of defaults"},
        vars={
            cr_login.OPTIONS: NAMES,
            cr_login.CREDENTIALS: {"password": "role_password"},
        },
        task_vars=variables,
    )
    assert found == options


@pytest.mark.parametrize("was_enabled", [True, False])
def test_garbage_is_left_while_ansible_works_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, was_enabled: bool
) -> None:
    collecting = was_enabled

    def collect(now: bool) -> None:
        nonlocal collecting
        collecting = now

    monkeypatch.setattr(gc, "isenabled", lambda: collecting)
    monkeypatch.setattr(gc, "disable", lambda: collect(False))
    monkeypatch.setattr(gc, "enable", lambda: collect(True))
    with pytest.raises(AnsibleError), cr_login.garbage_left():
        assert not collecting
        raise AnsibleError("unreachable")
    assert collecting is was_enabled


def test_role_takes_each_of_its_variables_to_the_module(checkout: Path) -> None:
    role = checkout / "roles" / "registry_login"
    (task,) = yaml.safe_load((role / "tasks" / "main.yml").read_text())
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())
    credentials = task["vars"][cr_login.CREDENTIALS]
    passed_on = {**task["vars"][cr_login.OPTIONS], **credentials}
    assert set(credentials) == {
        "refresh_token",
        "registry_token",
        "username",
        "password",
    }
    by_task = {"state", "region", "registry", "api_key", "iam_token"}
    assert set(task["icr.access.cr_login"]) == by_task
    assert passed_on.keys().isdisjoint(by_task)
    variables = set(specs["argument_specs"]["main"]["options"])
    others = {"state", "regions", "registries", "api_key", "iam_token", "short_lived"}
    assert set(passed_on.values()) == variables - {
        f"registry_login_{each}" for each in others
    }
    assert {f"registry_login_{each}" for each in passed_on} == set(passed_on.values())
