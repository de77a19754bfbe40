# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Run a module's main() in this process, the way Ansible would start it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils import _internal
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args

from ansible_collections.icr.access.tests.unit.plugins.local_cloud import (
    LocalCloud,
    serving_cloud,
)

Result = dict[str, Any]
RunModule = Callable[..., Result]


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str]) -> RunModule:
    """`run_module(main, options, check_mode=False, diff=False)` gives the whole result.

    A failed module does not raise: its result has `failed` true, as in a playbook.
    """

    def run(
        main: Callable[[], None],
        options: Mapping[str, Any],
        *,
        check_mode: bool = False,
        diff: bool = False,
    ) -> Result:
        capsys.readouterr()
        arguments = {
            **options,
            "_ansible_check_mode": check_mode,
            "_ansible_diff": diff,
            "_ansible_remote_tmp": "~/.ansible/tmp",
            "_ansible_keep_remote_files": False,
        }
        with ExitStack() as process:
            # A module that Ansible starts is on a host, even where another test has turned
            # this process into a controller, and finds no warnings of an earlier one.
            process.enter_context(mock.patch.object(_internal, "is_controller", False))
            for kept in (warnings._global_warnings, warnings._global_deprecations):
                process.enter_context(mock.patch.dict(kept, clear=True))
            process.enter_context(patch_module_args(arguments))
            process.enter_context(pytest.raises(SystemExit))
            main()
        result: Result = json.loads(capsys.readouterr().out)
        return result

    return run


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloud]:
    """One local IBM Cloud for all tests of a process."""
    with serving_cloud() as cloud:
        yield cloud


@pytest.fixture
def local_cloud(running_cloud: LocalCloud) -> LocalCloud:
    """The local IBM Cloud as it is at its start; its owner and the owner's key stay the same."""
    assert running_cloud.control("POST", "/reset").status == 204
    return running_cloud
