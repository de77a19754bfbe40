# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A host of its own for each test of a module: homes, helpers and registries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _named_user,
    _user_process,
    _users,
)
from ansible_collections.icr.access.plugins.module_utils._excerpt import forms_of
from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    RegistryLogin,
)
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.plugins.modules import cr_login
from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.login_files import (
    NEW,
    OLD,
    STALE,
    Login,
)
from ansible_collections.icr.access.tests.unit.plugins.modules.stand_in_registries import (
    Registries,
)

_SETTINGS = ("DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
# An id that has no folders under /run on any host where these tests run.
_UID = 4_000_000_001


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Registries:
    stand_in = Registries()
    monkeypatch.setattr(
        RegistryLogin, "verify_all", lambda _self, jobs: stand_in.verify_all(jobs)
    )
    return stand_in


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of whoever runs the module; nothing outside it is looked at."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
    find = _users.current_user
    monkeypatch.setattr(
        _users, "current_user", lambda: find()._replace(name="me", uid=_UID)
    )
    return folder


@pytest.fixture
def config(home: Path) -> Path:
    """The file of the client docker, not there yet."""
    return home / ".docker" / "config.json"


@pytest.fixture
def users(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The homes of alice and bob, whom a child process need not become."""
    homes = {name: home.parent / name for name in ("alice", "bob")}
    for folder in homes.values():
        folder.mkdir()
    known = {
        name: User(name, _UID + number, _UID + number, str(folder), {}, False)
        for number, (name, folder) in enumerate(homes.items(), start=1)
    }
    monkeypatch.setattr(_named_user, "get_user", known.__getitem__)
    monkeypatch.setattr(_user_process, "_become", lambda user: None)
    return homes


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCredentialHelper:
    """`docker-credential-fake`, which works."""
    return FakeCredentialHelper(tmp_path, "fake", monkeypatch)


@pytest.fixture
def login(run_module: Callable[..., dict[str, Any]]) -> Login:
    """Run cr_login; the result without its invocation, searched for secrets."""

    def run(
        *, check_mode: bool = False, diff: bool = False, **options: Any
    ) -> dict[str, Any]:
        result = run_module(cr_login.main, options, check_mode=check_mode, diff=diff)
        text = json.dumps(result)
        found = [
            form
            for secret in (NEW, OLD, STALE)
            for form in forms_of(secret)
            if form in text
        ]
        assert found == []
        del result["invocation"]
        return result

    return run
