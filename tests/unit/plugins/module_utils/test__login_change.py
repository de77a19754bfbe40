# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Changing what is kept in a place."""

from __future__ import annotations

import base64
import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import (
    _secret_file,
    _user_process,
)
from ansible_collections.icr.access.plugins.module_utils._errors import AuthFileError
from ansible_collections.icr.access.plugins.module_utils._login_change import (
    change,
    check_changeable,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    look,
)
from ansible_collections.icr.access.plugins.module_utils._secret_file import locked
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.tests.unit.plugins.fake_credential_helper import (
    FakeCredentialHelper,
)

HOST = "us.icr.io"
OTHER = "de.icr.io"
LOGIN = ("iamapikey", "s3cret")
AUTH = base64.b64encode(b"iamapikey:s3cret").decode()
OURS = {"auth": AUTH}


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCredentialHelper:
    return FakeCredentialHelper(tmp_path, "fake", monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".docker" / "config.json"


@pytest.fixture
def place(path: Path) -> Place:
    path.parent.parent.mkdir()
    user = User("me", 7001, 7001, str(path.parent.parent), {}, True)
    return Place(user, "docker", str(path))


def write(path: Path, document: object, mode: int = 0o600) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    path.chmod(mode)
    return path.read_bytes()


def document_of(path: Path) -> Any:
    return json.loads(path.read_text())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestLogIn:
    def test_missing_file_is_made_private_in_private_folders(
        self, place: Place, path: Path
    ) -> None:
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {HOST: OURS}}
        assert mode_of(path) == 0o600
        assert mode_of(path.parent) == 0o700
        assert os.listdir(path.parent) == ["config.json"]

    def test_empty_file_is_filled(self, place: Place, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {HOST: OURS}}

    def test_everything_else_survives_in_its_order(
        self, place: Place, path: Path
    ) -> None:
        document: dict[str, Any] = {
            "z": [1, {"y": None}],
            "auths": {OTHER: {"auth": "x", "odd": True}, "us.icr.io/ns": {}},
            "a": "é",
        }
        write(path, document)
        assert change(place, {HOST: LOGIN})
        document["auths"][HOST] = OURS
        assert path.read_text() == json.dumps(document, indent="\t", ensure_ascii=False)

    def test_several_registries_are_one_write(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        renames: list[int] = []
        every_time(monkeypatch, os, "rename", lambda: renames.append(1))
        assert change(place, {HOST: LOGIN, OTHER: LOGIN})
        assert document_of(path) == {"auths": {HOST: OURS, OTHER: OURS}}
        assert len(renames) == 1

    @pytest.mark.parametrize("client", ["docker", "podman"])
    def test_repeat_changes_nothing(
        self, place: Place, path: Path, client: str
    ) -> None:
        place = place._replace(client=client)
        change(place, {HOST: LOGIN})
        before = path.stat()
        assert not change(place, {HOST: LOGIN})
        assert path.stat() == before

    def test_login_that_is_there_in_another_layout_is_left_as_it_is(
        self, place: Place, path: Path
    ) -> None:
        raw = write(path, {"auths": {HOST: {"auth": AUTH, "email": "x"}}})
        assert not change(place, {HOST: LOGIN})
        assert path.read_bytes() == raw

    @pytest.mark.parametrize(
        "auths",
        [
            {HOST: {"auth": "b2xkOm9sZA=="}},
            {HOST: {**OURS, "identitytoken": "stale"}},
            {HOST: {"identitytoken": "stale"}},
            {HOST: {"username": "iamapikey", "password": "s3cret"}},
            {HOST: {}},
            {HOST: None},
            {"https://us.icr.io": OURS},
            {HOST: OURS, "https://us.icr.io/v1/": {"auth": "x"}},
        ],
        ids=json.dumps,
    )
    def test_whatever_else_was_there_for_it_gives_way(
        self, place: Place, path: Path, auths: dict[str, Any]
    ) -> None:
        write(path, {"auths": auths})
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {HOST: OURS}}

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o400, 0o700])
    def test_file_that_is_not_private_is_mended_with_the_same_content(
        self, place: Place, path: Path, mode: int
    ) -> None:
        raw = write(path, {"auths": {HOST: OURS}}, mode)
        assert change(place, {HOST: LOGIN})
        assert path.read_bytes() == raw
        assert mode_of(path) == 0o600

    @pytest.mark.parametrize("target", ["real.json", "../missing/real.json"])
    def test_link_stays_a_link_and_its_target_is_written(
        self, place: Place, path: Path, target: str
    ) -> None:
        path.parent.mkdir()
        path.symlink_to(target)
        assert change(place, {HOST: LOGIN})
        assert os.readlink(path) == target
        assert document_of(path.parent / target) == {"auths": {HOST: OURS}}
        assert mode_of(path.parent / target) == 0o600

    def test_hard_link_keeps_what_it_had(self, place: Place, path: Path) -> None:
        raw = write(path, {"auths": {}})
        os.link(path, path.parent / "other")
        assert change(place, {HOST: LOGIN})
        assert (path.parent / "other").read_bytes() == raw


class TestLogOut:
    @pytest.mark.parametrize("document", [None, {}, {"auths": {OTHER: OURS}}])
    def test_missing_login_changes_nothing_and_makes_nothing(
        self, place: Place, path: Path, document: object
    ) -> None:
        raw = None if document is None else write(path, document, 0o644)
        assert not change(place, {HOST: None})
        assert path.exists() == (raw is not None)
        assert path.parent.exists() == (raw is not None)
        if raw is not None:
            assert path.read_bytes() == raw
            assert mode_of(path) == 0o644

    def test_every_spelling_goes_and_nothing_else(
        self, place: Place, path: Path
    ) -> None:
        kept = {OTHER: OURS, "us.icr.io/ns": OURS, "us.icr.io:5000": OURS}
        auths = {HOST: OURS, "https://us.icr.io": {}, **kept, "us.icr.io/v1/": None}
        write(path, {"auths": auths, "credHelpers": {OTHER: ""}})
        assert change(place, {HOST: None})
        assert document_of(path) == {"auths": kept, "credHelpers": {OTHER: ""}}
        assert not change(place, {HOST: None})


class TestDrafts:
    """What a run of ours left that was killed before it could rename."""

    @pytest.mark.parametrize("login", [LOGIN, None], ids=["log-in", "log-out"])
    def test_they_go_even_when_nothing_else_changes(
        self, place: Place, path: Path, login: tuple[str, str] | None
    ) -> None:
        raw = write(path, {"auths": {HOST: OURS} if login else {}})
        draft = path.parent / ".config.json.icr-0a1b2c"
        draft.write_text("s3cret")
        assert change(place, {HOST: login})
        assert os.listdir(path.parent) == ["config.json"]
        assert path.read_bytes() == raw
        assert not change(place, {HOST: login})


class TestMalformedFile:
    @pytest.mark.parametrize("wanted", [LOGIN, None], ids=["log-in", "log-out"])
    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"\xff",
            b"[]",
            b'{"auths": []}',
            b'{"auths": {"us.icr.io": "x"}}',
            b'{"credHelpers": []}',
            b'{"auths": {}, "auths": {}}',
        ],
    )
    def test_it_stays_byte_for_byte(
        self,
        place: Place,
        path: Path,
        content: bytes,
        wanted: tuple[str, str] | None,
    ) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        if wanted is None and content == b'{"auths": {"us.icr.io": "x"}}':
            # What is removed need not be understood.
            assert change(place, {HOST: wanted})
            return
        with pytest.raises(AuthFileError, match="left as it is"):
            change(place, {HOST: wanted})
        assert path.read_bytes() == content
        assert os.listdir(path.parent) == ["config.json"]


class TestHelper:
    def test_login_goes_to_the_helper_and_leaves_the_file_alone(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        raw = write(path, {"credsStore": "fake"}, 0o644)
        assert change(place, {HOST: LOGIN})
        assert helper.logins == {HOST: LOGIN}
        assert path.read_bytes() == raw
        assert mode_of(path) == 0o644

    def test_repeat_stores_nothing(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credsStore": "fake"})
        helper.keep({HOST: LOGIN})
        assert not change(place, {HOST: LOGIN})
        assert "store" not in helper.verbs

    @pytest.mark.parametrize("kept", [{}, {HOST: LOGIN}], ids=["new", "kept-already"])
    def test_login_in_the_file_moves_to_the_helper(
        self,
        place: Place,
        path: Path,
        helper: FakeCredentialHelper,
        kept: dict[str, tuple[str, str]],
    ) -> None:
        write(path, {"credsStore": "fake", "auths": {HOST: OURS, OTHER: OURS}})
        helper.keep(kept)
        assert change(place, {HOST: LOGIN})
        assert helper.logins == {HOST: LOGIN}
        assert document_of(path)["auths"] == {HOST: {}, OTHER: OURS}

    def test_file_and_helper_share_out_what_is_each_ones(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credHelpers": {HOST: "fake"}})
        assert change(place._replace(client="podman"), {HOST: LOGIN, OTHER: LOGIN})
        assert helper.logins == {HOST: LOGIN}
        assert document_of(path)["auths"] == {OTHER: OURS}

    def test_file_is_used_when_it_was_asked_for(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credsStore": "fake"})
        assert change(place._replace(helpers=False), {HOST: LOGIN})
        assert helper.calls == []
        assert document_of(path)["auths"] == {HOST: OURS}

    def test_log_out_erases_every_spelling_in_both(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credsStore": "fake", "auths": {HOST: {}, OTHER: {}}})
        helper.keep({HOST: LOGIN, "https://us.icr.io/v1/": LOGIN, OTHER: LOGIN})
        assert change(place, {HOST: None})
        assert helper.logins == {OTHER: LOGIN}
        assert document_of(path)["auths"] == {OTHER: {}}
        assert not change(place, {HOST: None})

    def test_log_out_erases_what_a_helper_has_that_cannot_list(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        write(path, {"credsStore": "fake"})
        helper.keep({HOST: LOGIN})
        helper.be("cannot list")
        assert change(place, {HOST: None})
        assert helper.logins == {}

    def test_file_keeps_its_login_when_the_helper_does_not_take_it(
        self, place: Place, path: Path, helper: FakeCredentialHelper
    ) -> None:
        raw = write(path, {"credsStore": "fake", "auths": {HOST: OURS}})
        helper.be("fails")
        with pytest.raises(AuthFileError, match="the vault is sealed"):
            change(place, {HOST: LOGIN})
        assert path.read_bytes() == raw


class TestRuntimeFile:
    @pytest.fixture
    def runtime(self, tmp_path: Path) -> Path:
        return tmp_path / "runtime" / "auth.json"

    @pytest.fixture
    def podman(self, place: Place, runtime: Path, tmp_path: Path) -> Place:
        missing = str(tmp_path / "missing" / "auth.json")
        return place._replace(client="podman", runtime_paths=(missing, str(runtime)))

    def test_log_in_does_not_touch_it(
        self, podman: Place, path: Path, runtime: Path
    ) -> None:
        raw = write(runtime, {"auths": {HOST: {"auth": "x"}}})
        assert change(podman, {HOST: LOGIN})
        assert runtime.read_bytes() == raw
        assert document_of(path) == {"auths": {HOST: OURS}}

    def test_log_out_removes_the_login_there_too(
        self, podman: Place, path: Path, runtime: Path, tmp_path: Path
    ) -> None:
        write(path, {"auths": {HOST: OURS}})
        write(runtime, {"auths": {HOST: OURS, OTHER: OURS}})
        assert change(podman, {HOST: None})
        assert document_of(path) == {"auths": {}}
        assert document_of(runtime) == {"auths": {OTHER: OURS}}
        assert not (tmp_path / "missing").exists()

    def test_login_there_alone_is_a_change(
        self, podman: Place, path: Path, runtime: Path
    ) -> None:
        write(runtime, {"auths": {HOST: OURS}})
        assert change(podman, {HOST: None})
        assert document_of(runtime) == {"auths": {}}
        assert not path.exists()
        assert not change(podman, {HOST: None})


class TestOthersAtWork:
    """Programs that write the file while we do."""

    def test_login_that_another_of_ours_writes_before_us_is_kept(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        at_the_lock(monkeypatch, lambda: write(path, {"auths": {OTHER: OURS}}))
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {OTHER: OURS, HOST: OURS}}

    def test_login_that_another_of_ours_wrote_for_us_is_no_change(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        at_the_lock(monkeypatch, lambda: write(path, {"auths": {HOST: OURS}}))
        assert not change(place, {HOST: LOGIN})

    def test_foreign_write_between_our_read_and_our_rename_is_kept(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        once(monkeypatch, os, "fsync", lambda: write(path, {"auths": {OTHER: OURS}}))
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {OTHER: OURS, HOST: OURS}}

    def test_foreign_write_that_undoes_ours_is_followed_by_ours_again(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        rename = os.rename
        undone: list[int] = []

        def rename_and_undo(draft: str, target: str) -> None:
            rename(draft, target)
            if not undone:
                undone.append(1)
                write(path, {"auths": {OTHER: OURS}})

        monkeypatch.setattr(os, "rename", rename_and_undo)
        assert change(place, {HOST: LOGIN})
        assert document_of(path) == {"auths": {OTHER: OURS, HOST: OURS}}

    def test_program_that_never_stops_writing_is_an_error(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        fsync = os.fsync
        count = iter(range(1000))

        def interfere(handle: int) -> None:
            fsync(handle)
            path.write_text(json.dumps({"n": next(count)}))

        monkeypatch.setattr(os, "fsync", interfere)
        with pytest.raises(AuthFileError, match="another program kept changing it"):
            change(place, {HOST: LOGIN})
        assert list(document_of(path)) == ["n"]
        assert os.listdir(path.parent) == ["config.json"]

    def test_file_that_becomes_malformed_is_left(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        at_the_lock(monkeypatch, lambda: path.write_bytes(b"{"))
        with pytest.raises(AuthFileError, match="is not valid JSON"):
            change(place, {HOST: LOGIN})
        assert path.read_bytes() == b"{"

    def test_lock_is_held_while_the_file_changes(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {"auths": {}})
        tried: list[bool] = []

        def try_lock() -> None:
            handle = os.open(path.parent, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                tried.append(True)
            finally:
                os.close(handle)

        once(monkeypatch, os, "fsync", try_lock)
        change(place, {HOST: LOGIN})
        assert tried == [True]

    def test_nothing_is_lost_among_many_of_ours_at_once(
        self, place: Place, path: Path
    ) -> None:
        hosts = [f"r{number}.example.com" for number in range(6)]
        children = []
        for host in hosts:
            child = os.fork()
            if child == 0:
                try:
                    change(place, {host: LOGIN})
                finally:
                    os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        assert sorted(document_of(path)["auths"]) == hosts


class TestFailure:
    def test_full_disk_leaves_the_old_file(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raw = write(path, {"auths": {}})

        def fail(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(AuthFileError, match="written: No space left on device"):
            change(place, {HOST: LOGIN})
        assert path.read_bytes() == raw
        assert os.listdir(path.parent) == ["config.json"]


class TestCheckChangeable:
    """It refuses what a change would fail at, and nothing that it would not touch."""

    @pytest.mark.parametrize("wanted", [LOGIN, None], ids=["log-in", "log-out"])
    def test_writable_file_is_fine_and_stays_as_it_is(
        self, place: Place, path: Path, wanted: tuple[str, str] | None
    ) -> None:
        raw = write(path, {"auths": {HOST: {"auth": "x"}}})
        check_changeable(place, {HOST: wanted})
        assert path.read_bytes() == raw

    def test_missing_file_is_fine_and_stays_missing(
        self, place: Place, path: Path
    ) -> None:
        check_changeable(place, {HOST: LOGIN})
        assert not path.parent.exists()

    def test_folder_that_takes_no_file_is_refused(
        self, place: Place, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(path, {})
        monkeypatch.setattr(os, "access", lambda *_given: False)
        with pytest.raises(AuthFileError, match="not writable"):
            check_changeable(place, {HOST: LOGIN})

    def test_file_that_a_helper_spares_need_not_be_writable(
        self,
        place: Place,
        path: Path,
        helper: FakeCredentialHelper,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write(path, {"credsStore": "fake"})
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda *_given: False)
            check_changeable(place, {HOST: LOGIN})
        assert change(place, {HOST: LOGIN})

    def test_runtime_file_that_cannot_be_written_is_refused_at_log_out(
        self, place: Place, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runtime = tmp_path / "runtime" / "auth.json"
        write(runtime, {"auths": {HOST: OURS}})
        podman = place._replace(client="podman", runtime_paths=(str(runtime),))
        access = os.access
        monkeypatch.setattr(
            os,
            "access",
            lambda path, *given: path != str(runtime.parent) and access(path, *given),
        )
        check_changeable(podman, {HOST: LOGIN})
        with pytest.raises(
            AuthFileError, match=r"runtime/auth\.json cannot be written"
        ):
            check_changeable(podman, {HOST: None})


class TestAsSomebodyElse:
    """In a real child process that need not become anybody."""

    @pytest.fixture
    def others(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
        monkeypatch.setattr(_user_process, "_become", lambda user: None)
        return place._replace(user=place.user._replace(is_self=False))

    def test_change_is_made_and_told(self, others: Place, path: Path) -> None:
        assert change(others, {HOST: LOGIN})
        assert document_of(path) == {"auths": {HOST: OURS}}
        assert not change(others, {HOST: LOGIN})

    def test_link_out_of_the_home_is_refused_and_its_target_left(
        self, others: Place, path: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "target.json"
        raw = write(target, {})
        path.parent.mkdir()
        path.symlink_to(target)
        for refuse in (check_changeable, change):
            with pytest.raises(AuthFileError, match="outside"):
                refuse(others, {HOST: LOGIN})
        assert target.read_bytes() == raw


class TestPromise:
    """What is looked up after a change is what was wanted."""

    @pytest.mark.parametrize("client", ["docker", "podman"])
    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"credsStore": "fake"},
            {"credHelpers": {HOST: "fake"}},
            {"credsStore": "fake", "auths": {HOST: {"identitytoken": "x"}}},
            {"auths": {"https://us.icr.io/v1/": {"auth": "x"}}},
        ],
        ids=json.dumps,
    )
    def test_login_is_tidy_after_logging_in_and_gone_after_logging_out(
        self,
        place: Place,
        path: Path,
        helper: FakeCredentialHelper,
        document: dict[str, Any],
        client: str,
    ) -> None:
        place = place._replace(client=client)
        write(path, document)
        change(place, {HOST: LOGIN})
        login = look(place, [HOST]).stored[HOST].login
        assert login is not None
        assert (login.username, login.secret, login.is_tidy) == (*LOGIN, True)
        change(place, {HOST: None})
        stored = look(place, [HOST]).stored[HOST]
        assert (stored.login, stored.is_found) == (None, False)


def at_the_lock(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen between our first look and our lock."""

    @contextmanager
    def acting(path: str) -> Iterator[None]:
        act()
        with locked(path):
            yield

    monkeypatch.setattr(_secret_file, "locked", acting)


def every_time(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    act: Callable[[], object],
) -> None:
    """Have something happen before each call of a function."""
    function = getattr(module, name)

    def acting(*given: object) -> object:
        act()
        return function(*given)

    monkeypatch.setattr(module, name, acting)


def once(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    act: Callable[[], object],
) -> None:
    """Have something happen before the first call of a function."""
    acts = [act]
    every_time(monkeypatch, module, name, lambda: acts and acts.pop()())
