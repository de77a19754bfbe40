# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Showing that secrets differ without showing them."""

from __future__ import annotations

import hashlib
import hmac
import os


class Fingerprints:
    """Fingerprints that can be compared within one run and with nothing else.

    The key is random and never leaves the process, so that a fingerprint in a log tells
    nothing, not even to somebody who can guess the secret.
    """

    def __init__(self) -> None:
        self._key = os.urandom(32)

    def of(self, secret: str | None) -> str | None:
        """Eight hexadecimal digits; None where there is no secret."""
        if secret is None:
            return None
        raw = secret.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, raw, hashlib.sha256).hexdigest()[:8]
