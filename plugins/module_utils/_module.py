# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What every module shares with Ansible: options, and how errors are told."""

from __future__ import annotations

import contextlib

from ansible_collections.icr.access.plugins.module_utils import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible.module_utils.basic import AnsibleModule

CONNECTION_OPTIONS: dict[str, dict] = {
    "visibility": {
        "type": "str",
        "choices": ["public", "private"],
        "default": "public",
    },
    "endpoints": {"type": "dict"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 10},
    "retries": {"type": "int", "default": 3},
}

# For the modules that call IBM Cloud; `_clients` reads them, and the environment.
CLOUD_OPTIONS = {
    "api_key": {"type": "str", "no_log": True},
    "iam_token": {"type": "str", "no_log": True},
    "account_id": {"type": "str"},
    **CONNECTION_OPTIONS,
}
# For those of them that make what others do not see at once; `_waiting` reads them.
WAIT_OPTIONS: dict[str, dict] = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "str", "default": "5m"},
}
ONE_CALLER = ("api_key", "iam_token")


@contextlib.contextmanager
def reporting(module: AnsibleModule) -> Iterator[None]:
    """Turns an error that can be expected into a failed result, and hides what Ansible does not.

    A secret that comes as a list, where a text belongs, becomes a text that shows the list, and
    one where something else belongs is shown in quotation marks: those in it are escaped then,
    and Ansible hides a secret without that only.
    """
    for name, option in module.argument_spec.items():
        secret = module.params[name]
        if option.get("no_log") and secret and isinstance(secret, str):
            module.no_log_values.update((secret, repr(secret)[1:-1]))
    try:
        yield
    except _errors.AccessError as error:
        fail(module, error)


def fail(module: AnsibleModule, error: _errors.AccessError, **result: object) -> None:
    """Ends the module with one line, and with what a playbook may branch on if a service
    had a part in it."""
    fields = error.fields()
    if any(value is not None for value in fields.values()):
        result["error"] = fields
    module.fail_json(msg=str(error), **result)


def finish(
    module: AnsibleModule,
    *,
    changed: bool,
    diff: Mapping[str, object] | None = None,
    **result: object,
) -> None:
    """Ends the module with its result; the diff is part of it when it was asked for."""
    if module._diff and diff is not None:
        result["diff"] = diff
    module.exit_json(changed=changed, **result)
