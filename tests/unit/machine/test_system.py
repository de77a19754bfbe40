# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a system calls itself."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.machine.system import name_of


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"NAME": "Debian GNU/Linux", "VERSION_ID": "13"}, "Debian 13", id="debian"
        ),
        pytest.param({"NAME": "Debian GNU/Linux"}, "Debian", id="debian-unstable"),
        pytest.param(
            {"NAME": "Ubuntu", "VERSION_ID": "24.04"}, "Ubuntu 24.04", id="ubuntu"
        ),
    ],
)
def test_a_system_is_named_without_its_kernel(
    fields: dict[str, str], expected: str
) -> None:
    assert name_of(fields) == expected
