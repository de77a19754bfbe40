# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Fingerprints in place of secrets."""

from __future__ import annotations

import hashlib
import re

from ansible_collections.icr.access.plugins.module_utils._redaction import Fingerprints


class TestFingerprints:
    def test_fingerprint_is_eight_hexadecimal_digits(self) -> None:
        assert re.fullmatch("[0-9a-f]{8}", Fingerprints().of("secret") or "")

    def test_no_secret_has_no_fingerprint(self) -> None:
        assert Fingerprints().of(None) is None

    def test_same_secret_has_the_same_one_within_a_run(self) -> None:
        fingerprints = Fingerprints()
        assert fingerprints.of("secret") == fingerprints.of("secret")

    def test_other_secret_has_another_one(self) -> None:
        fingerprints = Fingerprints()
        assert len({fingerprints.of(f"secret{n}") for n in range(20)}) == 20

    def test_other_run_has_another_one(self) -> None:
        assert len({Fingerprints().of("secret") for _run in range(20)}) == 20

    def test_fingerprint_is_no_plain_hash_that_could_be_looked_up(self) -> None:
        assert Fingerprints().of("secret") != hashlib.sha256(b"secret").hexdigest()[:8]

    def test_secret_that_is_no_text_has_one_too(self) -> None:
        assert Fingerprints().of("\udcff") is not None
