# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_login and access tokens, which are kept while they serve as well as the new one."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    NEW,
    US,
    Login,
    auths_of,
    entry,
    mode_of,
    write,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)


def token(left: int = 3600, identity: str = "IBMid-1", account: str = "acc") -> str:
    claims = {
        "iam_id": identity,
        "account": {"bss": account},
        "exp": int(time.time()) + left,
        "secret": NEW,
    }
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


class TestShortLived:
    @pytest.fixture
    def bearer(self, login: Login, registries: Registries) -> Callable[..., Any]:
        def run(new: str, **options: Any) -> dict[str, Any]:
            return login(region="us-south", iam_token=new, **options)

        return run

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    @pytest.mark.parametrize("verify", ["always", "on_change", "never"])
    def test_token_that_serves_as_well_is_kept_once_it_has_proved_itself(
        self,
        bearer: Callable[..., Any],
        registries: Registries,
        config: Path,
        verify: str,
        check_mode: bool,
    ) -> None:
        old, new = token(3000), token(3600)
        raw = write(config, {"auths": {US: entry(old, "iambearer")}})
        result = bearer(new, verify=verify, check_mode=check_mode)
        assert not result["changed"]
        assert config.read_bytes() == raw
        asked = [job.credential.secret for job in registries.asked]
        assert asked == ([] if verify == "never" else [old])

    @pytest.mark.parametrize(
        ("old", "options"),
        [
            (token(1700), {}),
            (token(3000), {"renew_before": "55m"}),
            (token(identity="IBMid-2"), {}),
            (token(account="other"), {}),
            ("opaque", {}),
        ],
        ids=["expiring", "renew-before", "identity", "account", "opaque"],
    )
    def test_token_that_serves_no_more_is_replaced(
        self,
        bearer: Callable[..., Any],
        registries: Registries,
        config: Path,
        old: str,
        options: dict[str, str],
    ) -> None:
        write(config, {"auths": {US: entry(old, "iambearer")}})
        new = token(3600)
        assert bearer(new, **options)["changed"]
        assert auths_of(config) == {US: entry(new, "iambearer")}
        assert [job.credential.secret for job in registries.asked] == [new]

    @pytest.mark.parametrize("check_mode", [True, False], ids=["check", "real"])
    def test_kept_token_that_is_refused_is_replaced(
        self,
        bearer: Callable[..., Any],
        registries: Registries,
        config: Path,
        check_mode: bool,
    ) -> None:
        old, new = token(3000), token(3600)
        write(config, {"auths": {US: entry(old, "iambearer")}})
        registries.said[old] = Verdict(False, "It refuses.")
        result = bearer(new, check_mode=check_mode)
        assert result["changed"]
        assert result["registries"][0]["verified"] is True
        stored = old if check_mode else new
        assert auths_of(config) == {US: entry(stored, "iambearer")}
        assert [job.credential.secret for job in registries.asked] == [old, new]

    def test_both_refused_is_a_failure(
        self, bearer: Callable[..., Any], registries: Registries, config: Path
    ) -> None:
        raw = write(config, {"auths": {US: entry(token(3000), "iambearer")}})
        registries.said[US] = Verdict(False, "It refuses.")
        result = bearer(token(3600))
        assert result["msg"] == "Nothing was written. us.icr.io: It refuses."
        assert config.read_bytes() == raw

    def test_kept_token_of_an_unreachable_registry_is_a_failure(
        self, bearer: Callable[..., Any], registries: Registries, config: Path
    ) -> None:
        write(config, {"auths": {US: entry(token(3000), "iambearer")}})
        registries.said[US] = TransportError("It is unreachable.")
        assert bearer(token(3600))["failed"]
        assert len(registries.asked) == 1

    def test_kept_token_in_an_open_file_is_mended(
        self, bearer: Callable[..., Any], config: Path
    ) -> None:
        old = token(3000)
        write(config, {"auths": {US: entry(old, "iambearer")}}, 0o644)
        assert bearer(token(3600))["changed"]
        assert auths_of(config) == {US: entry(old, "iambearer")}
        assert mode_of(config) == 0o600
