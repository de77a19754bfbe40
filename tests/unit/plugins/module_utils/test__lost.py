# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How a missing answer is told, where the words depend on a number."""

from __future__ import annotations

import socket

import pytest

from ansible_collections.icr.access.plugins.module_utils._lost import lost


@pytest.mark.parametrize(
    ("timeout", "words"),
    [(1.0, "within 1 second."), (10.0, "within 10 seconds."), (0.5, "0.5 seconds.")],
)
def test_how_long_was_waited(timeout: float, words: str) -> None:
    assert words in str(lost(socket.timeout("timed out"), "us.icr.io:443", timeout))
