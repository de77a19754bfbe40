# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The users that a task names, by a passwd database of three."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _named_user
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._named_user import get_user
from ansible_collections.icr.access.plugins.module_utils._users import (
    User,
    current_user,
)


@pytest.mark.usefixtures("known_users")
class TestGetUser:
    def test_unknown_name_is_an_error(self) -> None:
        with pytest.raises(InputError, match="no user 'nobody-here' on this host"):
            get_user("nobody-here")

    def test_own_name_is_ourselves(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 7001)
        monkeypatch.setattr(_named_user, "_owner_of", lambda _path: 7001)
        assert get_user("builder") == current_user()
        assert get_user("builder").is_self

    def test_own_name_with_the_home_of_somebody_else_has_the_home_of_passwd(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 7001)
        monkeypatch.setattr(_named_user, "_owner_of", lambda _path: 1234)
        monkeypatch.setenv("DOCKER_CONFIG", "/home/stranger/.docker")
        found = get_user("builder")
        assert (found.home, found.settings) == (pwd.getpwnam("builder").pw_dir, {})
        assert found.is_self

    def test_name_that_cannot_be_one_is_unknown(self) -> None:
        with pytest.raises(InputError, match="There is no user"):
            get_user("a\0b")

    def test_somebody_else_is_for_root_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 7001)
        with pytest.raises(InputError, match=r"deployer .* as builder: .*become: true"):
            get_user("deployer")

    @pytest.mark.parametrize("has_runtime", [True, False])
    def test_root_gets_the_passwd_home_and_none_of_its_own_settings(
        self, monkeypatch: pytest.MonkeyPatch, has_runtime: bool
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(os.path, "isdir", lambda path: has_runtime)
        monkeypatch.setenv("DOCKER_CONFIG", "/srv/admin/docker")
        settings = {"XDG_RUNTIME_DIR": "/run/user/7001"} if has_runtime else {}
        expected = User("builder", 7001, 7002, "/home/builder", settings, False)
        assert get_user("builder") == expected
