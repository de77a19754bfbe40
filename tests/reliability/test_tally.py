# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.icr.access.tests.reliability.tally import Tally, table, total


@pytest.fixture
def node() -> Any:
    return SimpleNamespace(user_properties=[("other", 1)])


def test_counts_are_summed_by_row(node: Any) -> None:
    counted = Tally(node)
    counted.count("kills", 3, consistent=2)
    counted.count("kills", consistent=1)
    counted.count("concurrent writers", 50, lost_entries=1)
    assert table(total(node.user_properties)) == [
        "kills                tried      4  consistent 3",
        "concurrent writers   tried     50  lost entries 1  dropped by foreign writers 0",
    ]


def test_end_that_the_table_does_not_know(node: Any) -> None:
    with pytest.raises(ValueError, match="no such end of kills: survived"):
        Tally(node).count("kills", 1, survived=1)
