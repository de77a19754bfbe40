# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How errors are told to Ansible, and which options are shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.icr.access.plugins.doc_fragments import connection
from ansible_collections.icr.access.plugins.module_utils._errors import (
    ApiError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._module import (
    CONNECTION_OPTIONS,
    fail,
    reporting,
)


class FakeModule:
    """Keeps what it fails with, and ends the module as Ansible does."""

    def __init__(self) -> None:
        self.failures: list[dict[str, Any]] = []
        self.argument_spec = {"api_key": {"no_log": True}, "password": {"no_log": True}}
        self.argument_spec["region"] = {}
        self.params = {"api_key": "['a key']", "password": None, "region": "eu-de"}
        self.no_log_values = {"a key"}

    def fail_json(self, **result: Any) -> None:
        self.failures.append(result)
        raise SystemExit(1)


class TestReporting:
    def test_success_is_not_touched(self) -> None:
        module = FakeModule()
        with reporting(module):
            pass
        assert module.failures == []

    def test_secret_is_hidden_as_it_was_understood(self) -> None:
        module = FakeModule()
        with reporting(module):
            pass
        assert module.no_log_values == {"a key", "['a key']"}

    def test_and_as_a_message_quotes_it(self) -> None:
        module = FakeModule()
        module.params["api_key"] = """both ' and \\" marks"""
        with reporting(module):
            pass
        assert any(value in repr(module.params) for value in module.no_log_values)

    def test_expected_error_becomes_one_line_and_fields_to_branch_on(self) -> None:
        module = FakeModule()
        error = ApiError(
            "It says\n no.",
            url="https://user@host/path?query=1",
            status=409,
            code="taken",
            trace_id="t-1",
        )
        with pytest.raises(SystemExit), reporting(module):
            raise error
        assert module.failures == [
            {
                "msg": "It says no.",
                "error": {
                    "url": "https://host/path",
                    "status": 409,
                    "code": "taken",
                    "trace_id": "t-1",
                },
            }
        ]

    def test_error_without_service_has_no_fields(self) -> None:
        module = FakeModule()
        with pytest.raises(SystemExit), reporting(module):
            raise InputError("No.")
        assert module.failures == [{"msg": "No."}]

    def test_slip_of_ours_is_not_hidden(self) -> None:
        module = FakeModule()
        with pytest.raises(ZeroDivisionError), reporting(module):
            raise ZeroDivisionError
        assert module.failures == []


class TestFail:
    def test_result_goes_beside_the_message(self) -> None:
        module = FakeModule()
        with pytest.raises(SystemExit):
            fail(module, InputError("No."), registries=[])
        assert module.failures == [{"msg": "No.", "registries": []}]


class TestConnectionOptions:
    def test_options_are_the_documented_ones(self) -> None:
        fragment = connection.ModuleDocFragment.DOCUMENTATION
        documented = yaml.safe_load(fragment)["options"]
        assert {
            name: (option["type"], option.get("default"), option.get("choices"))
            for name, option in documented.items()
        } == {
            name: (option["type"], option.get("default"), option.get("choices"))
            for name, option in CONNECTION_OPTIONS.items()
        }

    def test_options_can_be_set_once_for_every_module_of_the_hosts(
        self, checkout: Path
    ) -> None:
        runtime = yaml.safe_load((checkout / "meta" / "runtime.yml").read_text())
        modules = runtime["action_groups"]["icr_hosts"]
        assert {"cr_login", "cr_login_info"} <= set(modules)
