# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Reading, locking and replacing files that hold secrets.

The locks are real: another open file description holds one as another process would.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _secret_content
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._secret_content import (
    Content,
    explained,
    list_drafts,
    read,
    real_path,
)
from ansible_collections.icr.access.plugins.module_utils._secret_file import (
    check_replaceable,
    locked,
    make_directory,
    remove_drafts,
    replace,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "config.json"


@pytest.fixture
def existing(path: Path) -> Path:
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.chmod(0o600)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_handles() -> int:
    return len(os.listdir("/proc/self/fd"))


class TestExplained:
    def test_system_error_names_the_file_and_the_reason(self) -> None:
        with pytest.raises(AuthFileError) as caught, explained("/x", "read"):
            raise PermissionError(errno.EACCES, "Permission denied")
        assert str(caught.value) == "/x cannot be read: Permission denied."

    def test_error_without_reason_names_its_kind(self) -> None:
        with pytest.raises(AuthFileError) as caught, explained("/x", "read"):
            raise TimeoutError
        assert str(caught.value) == "/x cannot be read: TimeoutError."


class TestRealPath:
    def test_plain_file_is_itself(self, existing: Path) -> None:
        assert real_path(str(existing)) == str(existing)

    @pytest.mark.parametrize("target", ["folder/config.json", "missing.json"])
    def test_relative_link_leads_to_its_target_there_or_not(
        self, existing: Path, tmp_path: Path, target: str
    ) -> None:
        link = tmp_path / "link"
        link.symlink_to(target)
        assert real_path(str(link)) == str(tmp_path / target)
        assert real_path(str(link), str(tmp_path)) == str(tmp_path / target)

    def test_link_out_of_the_home_is_refused(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / "config.json").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(AuthFileError, match="outside"):
            real_path(str(home / "config.json"), str(home))

    def test_linked_folder_out_of_the_home_is_refused(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (home / ".docker").symlink_to(tmp_path)
        with pytest.raises(AuthFileError, match="outside"):
            real_path(str(home / ".docker" / "config.json"), str(home))

    def test_home_whose_name_begins_alike_is_another_one(self, tmp_path: Path) -> None:
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "link").symlink_to(tmp_path / "home-of-another" / "x")
        with pytest.raises(AuthFileError, match="outside"):
            real_path(str(tmp_path / "home" / "link"), str(tmp_path / "home"))

    def test_home_that_is_a_link_itself_is_a_home(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "home").symlink_to("real")
        found = real_path(str(tmp_path / "home" / "x"), str(tmp_path / "home"))
        assert found == str(tmp_path / "real" / "x")


class TestRead:
    def test_missing_file_is_none(self, path: Path) -> None:
        assert read(str(path)) is None

    def test_content_mode_and_owner(self, existing: Path) -> None:
        existing.chmod(0o640)
        expected = Content(b"old", 0o640, os.getuid(), existing.stat().st_gid)
        assert read(str(existing)) == expected

    def test_content_is_not_in_its_representation(self, existing: Path) -> None:
        assert "old" not in repr(read(str(existing)))

    def test_directory_is_refused_and_leaves_nothing_open(self, tmp_path: Path) -> None:
        before = open_handles()
        with pytest.raises(AuthFileError, match="is a directory, not a file"):
            read(str(tmp_path))
        assert open_handles() == before

    def test_pipe_is_refused_and_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(AuthFileError, match="not a regular file"):
            read(str(tmp_path / "pipe"))

    def test_socket_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path has to be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("s")
            with pytest.raises(AuthFileError, match="cannot be read"):
                read(str(tmp_path / "s"))

    def test_file_in_place_of_its_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(AuthFileError, match="Not a directory"):
            read(str(tmp_path / "file" / "config.json"))

    def test_link_to_itself_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("link")
        with pytest.raises(AuthFileError, match="cannot be read"):
            read(str(tmp_path / "link"))

    def test_unreadable_file_is_refused(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # root may read anything, so the system's answer is made up
        monkeypatch.setattr(os, "open", failing(errno.EACCES))
        with pytest.raises(
            AuthFileError, match=r"cannot be read: Permission denied\.$"
        ):
            read(str(existing))

    def test_file_without_end_is_refused(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_secret_content, "LARGEST", 8)
        existing.write_bytes(b"12345678")
        assert read(str(existing)) is not None
        existing.write_bytes(b"123456789")
        with pytest.raises(AuthFileError, match="is larger than"):
            read(str(existing))


class TestDrafts:
    """What a process leaves that is killed between writing the draft and the rename."""

    @pytest.fixture
    def draft(self, existing: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        def stop(_handle: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", stop)
        with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
            killed.setattr(os, "unlink", lambda _path: None)
            replace(str(existing), b"s3cret", read(str(existing)))
        (found,) = list_drafts(str(existing))
        return found

    def test_draft_is_found_and_removed(self, existing: Path, draft: str) -> None:
        assert Path(draft).read_bytes() == b"s3cret"
        assert remove_drafts(str(existing))
        assert os.listdir(existing.parent) == [existing.name]
        assert not remove_drafts(str(existing))

    def test_other_files_are_no_drafts_of_this_one(self, existing: Path) -> None:
        for name in (".config.json.swp", ".other.json.icr-x", "config.json.icr-x"):
            (existing.parent / name).touch()
        assert list_drafts(str(existing)) == []

    def test_draft_that_somebody_else_removes_first_is_gone(
        self, existing: Path, draft: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unlink = os.unlink

        def removed_twice(path: str) -> None:
            unlink(path)
            unlink(path)

        monkeypatch.setattr(os, "unlink", removed_twice)
        assert remove_drafts(str(existing))
        assert os.listdir(existing.parent) == [existing.name]

    def test_folder_that_is_missing_has_none(self, tmp_path: Path) -> None:
        assert list_drafts(str(tmp_path / "missing" / "config.json")) == []


class TestCheckReplaceable:
    def test_new_file_in_folders_still_to_be_made_is_possible(
        self, tmp_path: Path
    ) -> None:
        check_replaceable(str(tmp_path / "a" / "b" / "c"), None)
        assert list(tmp_path.iterdir()) == []

    def test_own_file_is_possible(self, existing: Path) -> None:
        check_replaceable(str(existing), read(str(existing)))

    @pytest.mark.parametrize("below", ["file", "file/folder"])
    def test_file_among_its_folders_is_refused(
        self, tmp_path: Path, below: str
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(AuthFileError, match="file is not a directory"):
            check_replaceable(str(tmp_path / below / "config.json"), None)

    def test_dangling_link_among_its_folders_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("missing")
        with pytest.raises(AuthFileError, match="link is not a directory"):
            check_replaceable(str(tmp_path / "link" / "config.json"), None)

    def test_folder_that_we_may_not_write_to_is_refused(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_given: False)
        with pytest.raises(AuthFileError, match="folder is not writable"):
            check_replaceable(str(existing), read(str(existing)))

    @pytest.mark.parametrize(
        ("ours", "owner", "is_refused"),
        [(0, 0, False), (0, 7, False), (7, 7, False), (7, 0, True), (7, 8, True)],
    )
    def test_file_of_somebody_else_is_for_root_only(
        self,
        existing: Path,
        monkeypatch: pytest.MonkeyPatch,
        ours: int,
        owner: int,
        is_refused: bool,
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: ours)
        current = Content(b"old", 0o644, owner, 0)
        if is_refused:
            with pytest.raises(AuthFileError, match=f"user with id {owner}"):
                check_replaceable(str(existing), current)
        else:
            check_replaceable(str(existing), current)


class TestReplace:
    def test_new_file_is_private(self, path: Path) -> None:
        path.parent.mkdir()
        assert replace(str(path), b"new", None)
        assert path.read_bytes() == b"new"
        assert mode_of(path) == 0o600
        assert path.stat().st_uid == os.geteuid()

    @pytest.mark.parametrize("mode", [0o600, 0o644, 0o400, 0o777])
    def test_existing_file_becomes_private_whatever_it_was(
        self, existing: Path, mode: int
    ) -> None:
        existing.chmod(mode)
        assert replace(str(existing), b"new", read(str(existing)))
        assert existing.read_bytes() == b"new"
        assert mode_of(existing) == 0o600

    def test_draft_is_private_and_in_the_same_folder(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[tuple[str, int]] = []
        rename = os.rename

        def watching(draft: str, target: str) -> None:
            seen.append((os.path.dirname(draft), mode_of(Path(draft))))
            rename(draft, target)

        monkeypatch.setattr(os, "rename", watching)
        replace(str(existing), b"new", read(str(existing)))
        assert seen == [(str(existing.parent), 0o600)]
        assert os.listdir(existing.parent) == ["config.json"]

    def test_hard_link_keeps_the_old_content(self, existing: Path) -> None:
        other = existing.parent / "other"
        os.link(existing, other)
        replace(str(existing), b"new", read(str(existing)))
        assert other.read_bytes() == b"old"
        assert existing.read_bytes() == b"new"

    @pytest.mark.parametrize(
        "interfere",
        [
            lambda path: path.write_bytes(b"foreign"),
            lambda path: path.unlink(),
            lambda path: path.chmod(0o644),
        ],
        ids=["content", "removed", "mode"],
    )
    def test_file_changed_in_the_meantime_is_left_to_whoever_changed_it(
        self, existing: Path, interfere: Callable[[Path], object]
    ) -> None:
        current = read(str(existing))
        interfere(existing)
        foreign = read(str(existing))
        assert not replace(str(existing), b"new", current)
        assert read(str(existing)) == foreign
        assert [name for name in os.listdir(existing.parent) if name[0] == "."] == []

    def test_file_made_in_the_meantime_is_left(self, existing: Path) -> None:
        assert not replace(str(existing), b"new", None)
        assert existing.read_bytes() == b"old"

    @pytest.mark.parametrize(
        ("function", "number"),
        [
            ("fsync", errno.ENOSPC),
            ("fsync", errno.EDQUOT),
            ("fchmod", errno.EPERM),
            ("rename", errno.EROFS),
        ],
    )
    def test_failure_leaves_the_old_file_and_no_draft(
        self,
        existing: Path,
        monkeypatch: pytest.MonkeyPatch,
        function: str,
        number: int,
    ) -> None:
        monkeypatch.setattr(os, function, failing(number))
        with pytest.raises(AuthFileError, match="cannot be written"):
            replace(str(existing), b"new", read(str(existing)))
        assert existing.read_bytes() == b"old"
        assert os.listdir(existing.parent) == ["config.json"]

    def test_folder_that_takes_no_draft_is_an_error(self, path: Path) -> None:
        with pytest.raises(AuthFileError, match="cannot be written: No such file"):
            replace(str(path), b"new", None)

    def test_root_gives_the_file_back_to_its_owner(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[tuple[int, int]] = []
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(
            os, "fchown", lambda _handle, uid, gid: given.append((uid, gid))
        )
        current = read(str(existing))
        assert current is not None
        replace(str(existing), b"new", current)
        assert given == [(current.uid, current.gid)]

    def test_others_have_no_owner_to_give(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 7)
        monkeypatch.setattr(os, "fchown", failing(errno.EPERM))
        assert replace(str(existing), b"new", read(str(existing)))

    def test_folder_that_cannot_be_synced_does_not_undo_the_rename(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fsync = os.fsync

        def only_files(handle: int) -> None:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "Invalid argument")
            fsync(handle)

        monkeypatch.setattr(os, "fsync", only_files)
        assert replace(str(existing), b"new", read(str(existing)))
        assert existing.read_bytes() == b"new"

    def test_folder_that_cannot_be_opened_does_not_undo_the_rename(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "open", failing_for(existing.parent, errno.EMFILE))
        assert replace(str(existing), b"new", read(str(existing)))
        assert existing.read_bytes() == b"new"

    def test_finish_sees_the_whole_draft_and_can_refuse_it(
        self, existing: Path
    ) -> None:
        seen: list[bytes] = []

        def refuse(handle: int) -> None:
            seen.append(os.pread(handle, 99, 0))
            raise AuthFileError("no")

        with pytest.raises(AuthFileError, match="no"):
            replace(str(existing), b"new", read(str(existing)), refuse)
        assert seen == [b"new"]
        assert existing.read_bytes() == b"old"
        assert os.listdir(existing.parent) == ["config.json"]

    def test_nothing_stays_open(self, existing: Path) -> None:
        before = open_handles()
        replace(str(existing), b"new", read(str(existing)))
        assert open_handles() == before


class TestMakeDirectory:
    def test_every_missing_folder_is_private(self, tmp_path: Path) -> None:
        make_directory(str(tmp_path / "a" / "b" / "config.json"))
        assert mode_of(tmp_path / "a") == 0o700
        assert mode_of(tmp_path / "a" / "b") == 0o700

    def test_existing_folder_stays_as_it_is(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        make_directory(str(tmp_path / "config.json"))
        assert mode_of(tmp_path) == 0o755

    def test_folder_made_by_somebody_else_at_the_same_time_is_fine(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mkdir = os.mkdir

        def made_twice(path: str, mode: int) -> None:
            mkdir(path, mode)
            mkdir(path, mode)

        monkeypatch.setattr(os, "mkdir", made_twice)
        make_directory(str(tmp_path / "a" / "b" / "config.json"))
        assert (tmp_path / "a" / "b").is_dir()

    def test_failure_names_the_file(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "mkdir", failing(errno.EACCES))
        with pytest.raises(AuthFileError, match="cannot be written"):
            make_directory(str(path))


def failing(number: int) -> Callable[..., None]:
    def fail(*_given: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def failing_for(folder: Path, number: int) -> Callable[..., int]:
    """`os.open` that does not open this folder."""
    open_file = os.open

    def fail(path: str, *given: int) -> int:
        if path == str(folder):
            raise OSError(number, os.strerror(number))
        return open_file(path, *given)

    return fail


@pytest.fixture
def foreign_lock(existing: Path) -> Iterator[int]:
    """The lock of the folder, held by another open file description."""
    handle = os.open(existing.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield handle
    os.close(handle)


def no_sleep(_seconds: float) -> None:
    raise AssertionError("nobody holds the lock, so there is nothing to wait for")


class TestLocked:
    def test_free_lock_is_taken_at_once_and_given_back(self, existing: Path) -> None:
        handle = os.open(existing.parent, os.O_RDONLY)
        with locked(str(existing), sleep=no_sleep), pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)

    def test_lock_needs_no_file_of_its_own(self, existing: Path) -> None:
        with locked(str(existing), sleep=no_sleep):
            assert os.listdir(existing.parent) == ["config.json"]

    def test_lock_that_comes_free_is_taken(
        self, existing: Path, foreign_lock: int
    ) -> None:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                fcntl.flock(foreign_lock, fcntl.LOCK_UN)

        with locked(str(existing), sleep=sleep):
            assert len(waits) == 3

    def test_lock_held_too_long_is_an_error(
        self, existing: Path, foreign_lock: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [0.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])

        def sleep(seconds: float) -> None:
            now[0] += 1

        before = open_handles()
        with pytest.raises(
            AuthFileError, match="another process has held its lock"
        ), locked(str(existing), sleep=sleep):
            raise AssertionError("the lock is not ours")
        assert now[0] == 30
        assert open_handles() == before

    def test_lock_is_given_back_after_a_failure(self, existing: Path) -> None:
        with pytest.raises(KeyError), locked(str(existing), sleep=no_sleep):
            raise KeyError
        with locked(str(existing), sleep=no_sleep):
            pass

    def test_lock_goes_with_a_killed_holder(self, existing: Path) -> None:
        holder = subprocess.Popen(
            [
                sys.executable,
                "-ISc",
                "import fcntl, os, sys\n"
                "handle = os.open(sys.argv[1], os.O_RDONLY)\n"
                "fcntl.flock(handle, fcntl.LOCK_EX)\n"
                "print('held', flush=True)\n"
                "sys.stdin.read()\n",
                str(existing.parent),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            waits: list[float] = []

            def sleep(seconds: float) -> None:
                waits.append(seconds)
                holder.send_signal(signal.SIGKILL)
                holder.wait()

            with locked(str(existing), sleep=sleep):
                assert len(waits) == 1

    def test_lock_that_cannot_be_given_back_is_no_error(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        close = os.close

        def complain(handle: int) -> None:
            close(handle)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as broken, locked(str(existing), sleep=no_sleep):
            broken.setattr(os, "close", complain)
        with locked(str(existing), sleep=no_sleep):
            pass

    def test_missing_folder_is_an_error(self, path: Path) -> None:
        with pytest.raises(
            AuthFileError, match="cannot be locked: No such file"
        ), locked(str(path), sleep=no_sleep):
            raise AssertionError("there is nothing to lock")

    @pytest.mark.parametrize("number", [errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP])
    def test_file_beside_it_serves_where_folders_cannot_be_locked(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        monkeypatch.setattr(fcntl, "flock", only_for_files(number))
        beside = existing.parent / ".config.json.lock"
        with locked(str(existing), sleep=no_sleep):
            assert mode_of(beside) == 0o600
            handle = os.open(beside, os.O_RDWR)
            with pytest.raises(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(handle)

    def test_file_beside_it_is_not_followed_elsewhere(
        self, existing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fcntl, "flock", only_for_files(errno.EBADF))
        (existing.parent / ".config.json.lock").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(AuthFileError, match="cannot be locked"), locked(
            str(existing), sleep=no_sleep
        ):
            raise AssertionError("the lock leads elsewhere")
        assert not (tmp_path / "elsewhere").exists()

    def test_trial_that_cannot_be_ended_leaves_no_lock(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flock = fcntl.flock

        def no_end(handle: int, operation: int) -> None:
            if operation == fcntl.LOCK_UN:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            flock(handle, operation)

        before = open_handles()
        with monkeypatch.context() as broken:
            broken.setattr(fcntl, "flock", no_end)
            with pytest.raises(AuthFileError, match="cannot be locked"), locked(
                str(existing), sleep=no_sleep
            ):
                raise AssertionError("the lock is not ours")
        assert open_handles() == before

    def test_other_failure_to_lock_is_an_error(
        self, existing: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fcntl, "flock", failing(errno.EIO))
        before = open_handles()
        with pytest.raises(
            AuthFileError, match="cannot be locked: Input/output error"
        ), locked(str(existing), sleep=no_sleep):
            raise AssertionError("the lock is not ours")
        assert open_handles() == before


def only_for_files(number: int) -> Callable[[int, int], None]:
    flock = fcntl.flock

    def lock(handle: int, operation: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        flock(handle, operation)

    return lock
