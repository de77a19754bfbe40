# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Generated auth files: nothing in them is lost, and nothing in them makes us stumble."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_change import change
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    look,
    place_of,
)
from ansible_collections.icr.access.plugins.module_utils._users import current_user
from ansible_collections.icr.access.tests.reliability.auth_file_promises import (
    is_answered_or_refused,
    is_read_back,
    is_read_or_refused,
    others_are_kept,
)
from ansible_collections.icr.access.tests.reliability.auth_files import (
    HOST,
    documents,
    files,
    odd_documents,
)
from ansible_collections.icr.access.tests.reliability.fuzzing import (
    Fuzz,
    any_text,
    check_error,
)

usernames = any_text.filter(lambda text: bool(text) and ":" not in text)
secrets = any_text.filter(bool)


class TestDocuments:
    def test_what_is_rendered_is_read_back(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_read_back, odd_documents, bounded=200, soak=5000)

    def test_wrong_types_anywhere_are_answered_or_refused(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_answered_or_refused, odd_documents, bounded=200, soak=5000)

    def test_logging_in_and_out_keeps_all_others(self, fuzz: Fuzz) -> None:
        fuzz.try_out(
            others_are_kept, documents, usernames, secrets, bounded=250, soak=5000
        )


class TestBytes:
    def test_a_file_is_understood_completely_or_refused(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_read_or_refused, files(), bounded=400, soak=10_000)

    def test_vast_files_too(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_read_or_refused, files(is_vast=True), bounded=6, soak=300)

    def test_bytes_of_any_kind_are_refused_or_read(self, fuzz: Fuzz) -> None:
        fuzz.try_out(is_read_or_refused, st.binary(max_size=60), bounded=100, soak=5000)


@pytest.fixture
def auth_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("os.fsync", lambda _handle: None)
    return tmp_path / "auth.json"


class TestFiles:
    """The same through the file system, as the module does it."""

    def test_the_file_is_changed_and_changed_back_or_left_as_it_was(
        self, fuzz: Fuzz, auth_file: Path
    ) -> None:
        place = place_of(current_user(), "docker", str(auth_file), helpers=False)

        def hold(raw: bytes) -> None:
            auth_file.write_bytes(raw)
            try:
                seen = look(place, [HOST])
                change(place, {HOST: ("iamapikey", "secret")})
            except AuthFileError as error:
                check_error(error)
                assert str(auth_file) in str(error)
                assert auth_file.read_bytes() == raw
                return
            stored = auth_file.read_bytes()
            assert look(place, [HOST]).stored[HOST].login == (
                "iamapikey",
                "secret",
                False,
                True,
            )
            assert not change(place, {HOST: ("iamapikey", "secret")})
            assert auth_file.read_bytes() == stored
            if not seen.stored[HOST].is_found:
                assert change(place, {HOST: None})
                is_as_it_was(raw, auth_file.read_bytes())

        fuzz.try_out(hold, files(), bounded=60, soak=2000)


def is_as_it_was(raw: bytes, changed_back: bytes) -> None:
    """But for the empty `auths` of a file that had none."""
    before: dict[str, Any] = json.loads(raw) if raw.strip() else {}
    after = json.loads(changed_back)
    if not before.get("auths"):
        before["auths"] = {}
    assert json.dumps(after) == json.dumps(before)
