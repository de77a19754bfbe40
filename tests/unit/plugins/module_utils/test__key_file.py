# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _secret_file
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AuthFileError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._key_file import (
    FileStep,
    KeyFile,
    value_in,
)
from ansible_collections.icr.access.plugins.module_utils._secret_content import (
    Content,
    list_drafts,
)
from ansible_collections.icr.access.plugins.module_utils._sole_run import sole_run

VALUE = "v" * 44


def options(dest: object, **more: object) -> Mapping[str, object]:
    given = {"dest": None if dest is None else str(dest)}
    return {"owner": None, "group": None, "mode": None, **given, **more}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def key_file(path: Path) -> KeyFile:
    return KeyFile(str(path))


class TestOf:
    def test_no_dest_is_none(self) -> None:
        assert KeyFile.of(options(None)) is None

    @pytest.mark.parametrize("option", ["owner", "group", "mode"])
    def test_rights_without_dest_are_refused(self, option: str) -> None:
        with pytest.raises(InputError, match=f"{option} is about the file that dest"):
            KeyFile.of(options(None, **{option: "1"}))

    def test_links_are_followed(self, tmp_path: Path, path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to("key")
        assert KeyFile.of(options(link)) == KeyFile(str(path), 0o600, None, None)

    @pytest.mark.parametrize(
        ("given", "mode"),
        [
            (None, 0o600),
            ("0600", 0o600),
            ("600", 0o600),
            ("0o640", 0o640),
            (0o600, 0o600),
            (0o400, 0o400),
            ("0644", 0o644),
            ("0660", 0o660),
        ],
    )
    def test_mode(self, path: Path, given: object, mode: int) -> None:
        made = KeyFile.of(options(path, mode=given))
        assert made is not None
        assert made.mode == mode

    @pytest.mark.parametrize(
        "given",
        [
            *(600, 640, 644, 660, 400, 440, 444, True, -1),
            *("0700", "0200", "0620", "0000", "4600", "u=rw", "", "0o", "99"),
            [],
        ],
    )
    def test_mode_that_is_none(self, path: Path, given: object) -> None:
        with pytest.raises(InputError, match="mode must be an octal number in quotes"):
            KeyFile.of(options(path, mode=given))

    def test_owner_and_group_by_number_or_name(self, path: Path) -> None:
        made = KeyFile.of(options(path, owner="root", group="17"))
        assert made is not None
        assert (made.uid, made.gid) == (0, 17)

    @pytest.mark.parametrize(
        ("option", "kind"), [("owner", "user"), ("group", "group")]
    )
    def test_unknown_owner_or_group_is_told(
        self, path: Path, option: str, kind: str
    ) -> None:
        with pytest.raises(
            InputError, match=f"{option} names nobody-such.*such {kind}"
        ):
            KeyFile.of(options(path, **{option: "nobody-such"}))

    @pytest.mark.parametrize("option", ["owner", "group"])
    @pytest.mark.parametrize("number", [str(2**32 - 1), "9" * 5000])
    def test_number_that_no_system_has_is_told(
        self, path: Path, option: str, number: str
    ) -> None:
        with pytest.raises(InputError, match=f"{option} must be between 0 and"):
            KeyFile.of(options(path, **{option: number}))
        made = KeyFile.of(options(path, **{option: str(2**32 - 2)}))
        assert made is not None

    @pytest.mark.parametrize("option", ["owner", "group"])
    def test_name_that_can_be_none_is_told(self, path: Path, option: str) -> None:
        with pytest.raises(InputError, match="there is no such"):
            KeyFile.of(options(path, **{option: "a\0b"}))


class TestLook:
    def test_missing_file_is_none(self, key_file: KeyFile) -> None:
        assert key_file.look() is None

    def test_missing_folder_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(AuthFileError, match="there is no folder"):
            KeyFile(str(tmp_path / "no" / "key")).look()
        assert list(tmp_path.iterdir()) == []

    def test_folder_in_its_place_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(AuthFileError, match="is a directory"):
            KeyFile(str(tmp_path)).look()


class TestProveWritable:
    def test_leaves_nothing_behind(self, key_file: KeyFile, tmp_path: Path) -> None:
        key_file.prove_writable()
        assert list(tmp_path.iterdir()) == []

    def test_leaves_the_old_file_alone(self, key_file: KeyFile, path: Path) -> None:
        path.write_text("old")
        key_file.prove_writable()
        assert path.read_text() == "old"

    @pytest.mark.parametrize("call", ["write", "fsync", "fchmod"])
    def test_finds_what_will_fail(
        self,
        key_file: KeyFile,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        call: str,
    ) -> None:
        def fail(*_details: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, call, fail)
        with pytest.raises(AuthFileError, match="No space left on device"):
            key_file.prove_writable()
        assert list(tmp_path.iterdir()) == []

    def test_finds_an_owner_that_is_not_permitted(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_details: object) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "fchown", refuse)
        with pytest.raises(AuthFileError, match="given to that owner and group"):
            KeyFile(str(path), uid=os.geteuid() + 1).prove_writable()


class TestWrite:
    def test_holds_the_value_and_nothing_else(
        self, key_file: KeyFile, path: Path
    ) -> None:
        key_file.write(VALUE, None)
        assert (path.read_text(), mode_of(path)) == (VALUE, 0o600)

    def test_old_content_and_open_mode_go(self, key_file: KeyFile, path: Path) -> None:
        path.write_text("old")
        path.chmod(0o644)
        key_file.write(VALUE, key_file.look())
        assert (path.read_text(), mode_of(path)) == (VALUE, 0o600)

    def test_mode_is_the_one_that_was_asked_for(self, path: Path) -> None:
        KeyFile(str(path), mode=0o640).write(VALUE, None)
        assert mode_of(path) == 0o640

    @pytest.mark.parametrize("call", ["fchmod", "fchown"])
    def test_rights_that_cannot_be_given_leave_the_old_file(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, call: str
    ) -> None:
        path.write_text("old")
        key_file = KeyFile(str(path), mode=0o640, uid=os.geteuid() + 1)
        old = key_file.look()

        def refuse(*details: int) -> None:
            if details[1] in (0o640, os.geteuid() + 1):
                raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "fchown", lambda *_: None)
        monkeypatch.setattr(os, call, refuse)
        with pytest.raises(AuthFileError, match="given"):
            key_file.write(VALUE, old)
        assert key_file.look() == old
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("was_there", [False, True])
    def test_file_that_another_run_has_written_since_is_left_to_it(
        self, key_file: KeyFile, path: Path, was_there: bool
    ) -> None:
        if was_there:
            path.write_text("old")
        old = key_file.look()
        key_file.write("another value", old)
        with pytest.raises(AuthFileError, match="has been changed since"):
            key_file.write(VALUE, old)
        assert path.read_text() == "another value"

    @pytest.mark.parametrize("step", ["prove_writable", "write"])
    def test_what_a_killed_run_has_left_goes(
        self, key_file: KeyFile, path: Path, step: str
    ) -> None:
        (path.parent / ".key.icr-0a1b2c").write_text(VALUE)
        if step == "write":
            key_file.write(VALUE, None)
        else:
            key_file.prove_writable()
        assert [each for each in path.parent.iterdir() if each != path] == []

    def test_what_is_proven_is_a_draft_to_whoever_looks_for_those(
        self, key_file: KeyFile, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found: list[str] = []
        monkeypatch.setattr(
            os, "fsync", lambda _handle: found.extend(list_drafts(str(path)))
        )
        key_file.prove_writable()
        assert len(found) == 1

    def test_other_runs_wait_where_folders_have_no_locks_too(
        self, key_file: KeyFile, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flock = fcntl.flock

        def only_files(handle: int, operation: int) -> None:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(errno.EBADF, "Bad file descriptor")
            flock(handle, operation)

        monkeypatch.setattr(fcntl, "flock", only_files)
        monkeypatch.setattr(_secret_file, "_LOCK_WAIT", 0.0)
        with sole_run(str(path), "rotating a key"):
            key_file.write(VALUE, None)
        assert path.read_text() == VALUE


class TestMend:
    def test_mode(self, key_file: KeyFile, path: Path) -> None:
        path.write_text(VALUE)
        path.chmod(0o644)
        key_file.mend()
        assert (path.read_text(), mode_of(path)) == (VALUE, 0o600)

    def test_link_that_came_in_between_is_not_followed(
        self, key_file: KeyFile, path: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other"
        other.write_text("x")
        other.chmod(0o644)
        path.symlink_to(other)
        with pytest.raises(AuthFileError, match="cannot be opened"):
            key_file.mend()
        assert mode_of(other) == 0o644


class TestFileStep:
    @pytest.mark.parametrize(
        ("step", "is_change", "holds_key"),
        [
            pytest.param({}, False, True, id="all is well"),
            pytest.param({"mode": 0o644}, True, True, id="too open"),
            pytest.param({"uid": 12}, True, True, id="another owner"),
            pytest.param({"gid": 12}, True, True, id="another group"),
            pytest.param({"value": VALUE}, True, False, id="another value"),
            pytest.param({"is_for_new_key": True}, True, False, id="new key"),
        ],
    )
    def test_table(
        self, step: dict[str, object], is_change: bool, holds_key: bool
    ) -> None:
        given = {"mode": 0o600, "uid": 10, "gid": 11}
        # A row of the table holds values of several types.
        content = Content(b"x", **{**given, **_only(step, given)})  # type: ignore[arg-type]
        rest = {name: value for name, value in step.items() if name not in given}
        key_file = KeyFile("/f", 0o600, uid=10, gid=11)
        # A row of the table holds values of several types.
        made = FileStep(key_file, content, **rest)  # type: ignore[arg-type]
        assert made.is_change is is_change
        assert made.before()["holds_key"] is holds_key
        assert made.after() == {
            "path": "/f",
            "exists": True,
            "holds_key": True,
            "mode": "0600",
            "owner": 10,
            "group": 11,
        }

    def test_owner_that_nobody_asked_for_is_no_drift(self) -> None:
        content = Content(b"x", 0o600, 10, 11)
        assert not FileStep(KeyFile("/f"), content).is_change

    def test_missing_file_is_shown_as_such(self) -> None:
        step = FileStep(KeyFile("/f"), None, value=VALUE)
        assert step.before() == {"path": "/f", "exists": False}
        assert (step.is_change, step.after()["owner"]) == (True, os.geteuid())

    def test_value_is_not_shown(self) -> None:
        step = FileStep(KeyFile("/f"), None, value=VALUE)
        assert VALUE not in f"{step}{step.before()}{step.after()}"

    @pytest.mark.parametrize("step", [{"value": VALUE}, {"is_for_new_key": True}])
    def test_folder_that_cannot_be_written_is_told(
        self,
        key_file: KeyFile,
        monkeypatch: pytest.MonkeyPatch,
        step: dict[str, object],
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        FileStep(key_file, None).check()
        with pytest.raises(AuthFileError, match="not writable"):
            # A row of the table holds values of several types.
            FileStep(key_file, None, **step).check()  # type: ignore[arg-type]

    def test_apply_writes_what_is_to_be_written(
        self, key_file: KeyFile, path: Path
    ) -> None:
        FileStep(key_file, None, value=VALUE).apply()
        assert path.read_text() == VALUE

    def test_apply_mends_what_has_drifted(self, key_file: KeyFile, path: Path) -> None:
        path.write_text(VALUE)
        path.chmod(0o640)
        FileStep(key_file, key_file.look()).apply()
        assert mode_of(path) == 0o600


class TestValueIn:
    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            (VALUE.encode(), VALUE),
            (f" {VALUE}\n".encode(), VALUE),
            (b"", None),
            (b"\n", None),
            (b"two words", None),
            (b"two\nlines", None),
            (b"\x00" * 44, None),
            ("schl\u00fcssel".encode(), None),
            (b"\xff" * 44, None),
            (b"x" * 1025, None),
        ],
    )
    def test_table(self, raw: bytes, value: str | None) -> None:
        assert value_in(Content(raw, 0o600, 0, 0)) == value

    def test_no_file_holds_none(self) -> None:
        assert value_in(None) is None


def _only(step: dict[str, object], names: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in step.items() if name in names}
