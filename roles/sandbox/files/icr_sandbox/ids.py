# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Ids and secrets, random per run unless a seed asks for the same ones again."""

from __future__ import annotations

import random
import string
import uuid

_KEY_ALPHABET = string.ascii_letters + string.digits + "-_"
KEY_LENGTH = 44


class Ids:
    """Source of every id and secret that the sandbox makes.

    With a seed the values are the same in every run, so they are fit for nothing but tests.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked for by the seed

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, digits: int = 32) -> str:
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def digits(self, count: int) -> str:
        return "".join(self._random.choices(string.digits[1:], k=count))

    def api_key_value(self) -> str:
        return "".join(self._random.choices(_KEY_ALPHABET, k=KEY_LENGTH))

    def refresh_token(self) -> str:
        return "".join(self._random.choices(_KEY_ALPHABET, k=96))
