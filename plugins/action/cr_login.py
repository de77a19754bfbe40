# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How the controller has a host run `cr_login`: as it has it run any module, after it has added
what the role `registry_login` passes on.

The task of that role says in its own `vars` which of the module's options are which variables:

    _registry_login_credentials: {password: registry_login_password}
    _registry_login_options: {client: registry_login_client}

Those that are set become options, and win over `module_defaults`; those that are not leave the
option to them. An option that a task omits (`default(omit)`) would hide theirs, and Ansible would
compile the template of each for each host. Credentials are the role's alone: one of
`module_defaults` would come beside the one that the role has found.

For other tasks it adds nothing. There are reasons to have it for them. Ansible looks for an action
of a module's name before it takes its own for all modules; where there is none, it looks through
all of its folders again for each host. And packing a module makes so much that Python would look
for garbage again and again, in a process that ends with the task.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import normal

CREDENTIALS = "_registry_login_credentials"
OPTIONS = "_registry_login_options"
Template = Callable[[dict[str, Any]], dict[str, Any]]


def options_of(
    names: Mapping[str, str], variables: Mapping[str, Any], template: Template
) -> dict[str, Any]:
    """The options that are set: `names` has the variable of each, `variables` all of the host's, and
    `template` works out what one holds. What comes to `omit` is not set. Raises `AnsibleError`,
    which names the variable, for one that cannot be worked out."""
    options = {}
    for key, name in names.items():
        if name in variables:
            try:
                options.update(template({key: variables[name]}))
            except AnsibleError as error:
                told = f"{name} cannot be worked out: {error}"
                raise AnsibleError(told) from None
    # Ansible leaves out what is omitted, from ansible-core 2.19 on; before, it has a name for it.
    return _without(variables["omit"], options) if "omit" in variables else options


def _without(omitted: object, value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if each != omitted}
        return {key: _without(omitted, each) for key, each in kept.items()}
    if isinstance(value, list):
        return [_without(omitted, each) for each in value if each != omitted]
    return value


@contextlib.contextmanager
def garbage_left() -> Iterator[None]:
    """Within it, nothing is collected; afterwards as before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class ActionModule(normal.ActionModule):
    """Ansible's own for modules, in check mode and in the background, too."""

    def run(
        self, tmp: object = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        # Of the task itself alone: a variable of the play must not add an option to another task.
        credentials = self._task.vars.get(CREDENTIALS, {})
        for key in credentials:
            self._task.args.pop(key, None)
        names = {**credentials, **self._task.vars.get(OPTIONS, {})}
        passed_on = options_of(names, task_vars or {}, self._templar.template)
        self._task.args.update(passed_on)
        with garbage_left():
            result: dict[str, Any] = super().run(tmp, task_vars)
        return result
