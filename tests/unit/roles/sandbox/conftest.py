# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A world per test, in process; the path to the package, wherever the tests run from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[4] / "roles" / "sandbox" / "files"
if str(PACKAGE) not in sys.path:
    sys.path.insert(0, str(PACKAGE))

# Found because of the line above.
from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import (  # noqa: E402
    START,
    Cloud,
)
from icr_sandbox import app as app_module  # noqa: E402 - after the path to it
from icr_sandbox.clock import Clock  # noqa: E402
from icr_sandbox.jwt import SigningKey  # noqa: E402


@pytest.fixture(scope="session")
def signing_keys() -> Callable[[], SigningKey]:
    """Keys made once: finding one takes longer than most tests."""
    kept = [SigningKey(), SigningKey()]
    turns = iter(range(1_000_000))
    return lambda: kept[next(turns) % 2]


@pytest.fixture
def cloud(
    monkeypatch: pytest.MonkeyPatch, signing_keys: Callable[[], SigningKey]
) -> Cloud:
    """A fresh sandbox whose clock stands still at START until it is moved."""
    monkeypatch.setattr(app_module, "SigningKey", signing_keys)
    clock = Clock(lambda: START)
    return Cloud(app_module.App(seed=1, clock=clock))


@pytest.fixture(scope="session")
def package() -> Path:
    """The folder to run `python -m icr_sandbox` from."""
    return PACKAGE
