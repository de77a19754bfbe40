# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What cr_login documents is what it does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.icr.access.plugins.doc_fragments import connection
from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict
from ansible_collections.icr.access.plugins.modules import cr_login
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    NEW,
    US,
    Login,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)

DOCUMENTED = {
    **yaml.safe_load(cr_login.DOCUMENTATION)["options"],
    **yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"],
}


class TestDocumentation:
    @pytest.mark.parametrize("name", sorted({*DOCUMENTED, *cr_login.OPTIONS}))
    def test_option_is_what_its_documentation_says(self, name: str) -> None:
        documented, option = DOCUMENTED[name], cr_login.OPTIONS[name]
        for key in ("type", "elements", "choices", "default"):
            assert option.get(key) == documented.get(key)

    def test_every_secret_is_kept_out_of_logs(self) -> None:
        secret = {"api_key", "iam_token", "refresh_token", "registry_token", "password"}
        assert {
            name for name, o in cr_login.OPTIONS.items() if o.get("no_log")
        } == secret

    def test_every_key_of_the_result_is_documented(
        self, login: Login, registries: Registries, config: Path
    ) -> None:
        documented = yaml.safe_load(cr_login.RETURN)
        result = login(region="us-south", api_key=NEW)
        (found,) = result["registries"]
        assert set(found) == set(documented["registries"]["contains"])
        registries.said[US] = Verdict(False, "It refuses.", status=401)
        failure = login(region="us-south", api_key=NEW)
        assert set(failure["error"]) == set(documented["error"]["contains"])

    def test_examples_have_no_option_that_does_not_exist(self) -> None:
        for task in yaml.safe_load(cr_login.EXAMPLES):
            assert set(task["icr.access.cr_login"]) <= set(cr_login.OPTIONS)
