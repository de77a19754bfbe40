# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Tests that try to break it: bounded ones, and with `--soak` everything."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

# The collection becomes importable here as it does for the unit tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
collection = importlib.import_module("tests.unit.conftest")

# Found because of what was imported above.
from ansible_collections.icr.access.tests.reliability.fault_matrix.table import (  # noqa: E402
    print_matrix,
)
from ansible_collections.icr.access.tests.reliability.fuzzing import (  # noqa: E402
    Fuzz,
)
from ansible_collections.icr.access.tests.reliability.tally import (  # noqa: E402
    Tally,
    print_table,
)
from ansible_collections.icr.access.tests.unit.plugins import (  # noqa: E402
    conftest as unit,
)
from ansible_collections.icr.access.tests.unit.plugins.module_utils import (  # noqa: E402
    conftest as servers,
)

no_system_store = collection.no_system_store
run_module = unit.run_module
running_cloud = unit.running_cloud
local_cloud = unit.local_cloud
authority = servers.authority
names = servers.names
no_surroundings = servers.no_surroundings
serve = servers.serve


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak", action="store_true", help="try everything, however long it takes"
    )
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=60.0,
        help="how long a soak looks for new ways in each parser",
    )


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> bool:
    """Whether everything is to be tried, and not only what fits into a minute."""
    return bool(pytestconfig.getoption("--soak"))


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves when data goes to the disk to the system: tests can kill, not cut the power."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Counts what a test tries, for the table at the end."""
    return Tally(request.node)


@pytest.fixture
def fuzz(tally: Tally, soak: bool) -> Fuzz:
    """Tries a promise on generated input."""
    return Fuzz(tally, soak)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    print_matrix(terminalreporter)
    print_table(terminalreporter)
