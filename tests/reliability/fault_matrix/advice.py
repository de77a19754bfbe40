# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What messages advise, as a user follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KEY = re.compile(
    r"state: absent, id: (ApiKey-[\w-]+)|is (ApiKey-[\w-]+) of that name, probably"
)
_LOST_KEY = re.compile(r"look for one named (.+?) and remove")
_OLD_TOKEN = re.compile(
    r"state: absent, token_id: ([\w-]+)|state: absent, by its token_id\): ([\w-]+)"
)


def advice_of(text: str, region: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is to be removed before the task is run again, as modules and their options. Pure."""
    absent = {"state": "absent"}
    for found in _KEY.finditer(text):
        yield "cr_apikey", {"id": found[1] or found[2], **absent}
    for found in _LOST_KEY.finditer(text):
        yield "cr_apikey", {"name": found[1], **absent}
    for found in _OLD_TOKEN.finditer(text):
        which = {
            "backend": "registry",
            "region": region,
            "token_id": found[1] or found[2],
        }
        yield "cr_token", {**which, **absent}
