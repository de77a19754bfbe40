# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The file in which the value of an API key is kept: the value, and nothing else."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import tempfile
from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _secret_content,
    _secret_file,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Longer than any value; whatever is longer is something else, and not to be sent anywhere.
_LONGEST_VALUE = 1024
_LARGEST_ID = 2**32 - 2


@dataclass(frozen=True)
class KeyFile:
    """A file by its path, links followed, and whom it is to belong to (None: as it is)."""

    path: str
    mode: int = _secret_content.MODE
    uid: int | None = None
    gid: int | None = None

    @classmethod
    def of(cls, params: Mapping) -> KeyFile | None:
        """From the options `dest`, `owner`, `group` and `mode`; None without `dest`.

        Raises `InputError` for an unknown owner or group, or a mode that is none. Reads the
        user database.
        """
        if params["dest"] is None:
            for name in ("owner", "group", "mode"):
                if params[name] is not None:
                    raise _errors.InputError(
                        f"{name} is about the file that dest names; set dest."
                    )
            return None
        return cls(
            _secret_content.real_path(params["dest"]),
            _mode(params["mode"]),
            _id_of(params["owner"], "owner"),
            _id_of(params["group"], "group"),
        )

    def look(self) -> _secret_content.Content | None:
        """What is there. Raises `AuthFileError` when that cannot be read, or has no folder."""
        folder = os.path.dirname(self.path)
        if not os.path.isdir(folder):
            raise _errors.AuthFileError(
                f"{self.path} cannot be written: there is no folder {folder}. Make it first."
            )
        return _secret_content.read(self.path)

    def prove_writable(self) -> None:
        """Writes a draft beside the file, as the file is to be, and removes it.

        Removes what killed runs have left there, too. Raises `AuthFileError` when that does
        not work.
        """
        with _secret_file.locked(self.path), _secret_content.explained(
            self.path, "written"
        ):
            _secret_file.remove_drafts(self.path)
            handle, draft = tempfile.mkstemp(
                prefix=_secret_content.draft_prefix(self.path),
                dir=os.path.dirname(self.path),
            )
            try:
                os.write(handle, bytes(_LONGEST_VALUE))
                os.fsync(handle)
                self._set_rights(handle)
            finally:
                # first, because closing may fail
                with contextlib.suppress(OSError):
                    os.unlink(draft)
                os.close(handle)

    def write(self, value: str, current: _secret_content.Content | None) -> None:
        """Puts the value in the place of `current`, with mode and owner as they are to be.

        Raises `AuthFileError` when it cannot, and when somebody else has changed the file in the
        meantime: what is there then may be the only copy of another value. The file is then as
        it was.
        """
        with _secret_file.locked(self.path):
            _secret_file.remove_drafts(self.path)
            if not _secret_file.replace(
                self.path, value.encode(), current, self._set_rights
            ):
                raise _errors.AuthFileError(
                    f"{self.path} has been changed since this run looked at it, and was left to "
                    f"whoever did that. If two tasks have the same dest, name another; else run "
                    f"this again."
                )

    def mend(self) -> None:
        """Sets mode and owner. Raises `AuthFileError` when that is not permitted."""
        with _secret_content.explained(self.path, "opened"):
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            self._set_rights(handle)
        finally:
            os.close(handle)

    def is_drifted(self, content: _secret_content.Content | None) -> bool:
        """Whether mode or owner are not as they are to be. Pure."""
        return content is not None and (
            content.mode != self.mode
            or self.uid not in (None, content.uid)
            or self.gid not in (None, content.gid)
        )

    def view(
        self, content: _secret_content.Content | None, *, holds_key: bool
    ) -> dict[str, object]:
        """What a diff shows of the file: never what is in it."""
        if content is None:
            return {"path": self.path, "exists": False}
        return {
            "path": self.path,
            "exists": True,
            "holds_key": holds_key,
            "mode": f"{content.mode:04o}",
            "owner": content.uid,
            "group": content.gid,
        }

    def view_after(self, content: _secret_content.Content | None) -> dict[str, object]:
        """The same once all is as it is to be."""
        uid = os.geteuid() if content is None else content.uid
        gid = os.getegid() if content is None else content.gid
        new = _secret_content.Content(
            b"",
            self.mode,
            uid if self.uid is None else self.uid,
            gid if self.gid is None else self.gid,
        )
        return self.view(new, holds_key=True)

    def _set_rights(self, handle: int) -> None:
        status = os.fstat(handle)
        uid = status.st_uid if self.uid is None else self.uid
        gid = status.st_gid if self.gid is None else self.gid
        if (uid, gid) != (status.st_uid, status.st_gid):
            with _secret_content.explained(self.path, "given to that owner and group"):
                os.fchown(handle, uid, gid)
        with _secret_content.explained(self.path, f"given the mode {self.mode:04o}"):
            os.fchmod(handle, self.mode)


@dataclass(frozen=True)
class FileStep:
    """What becomes of the file that holds `content` now.

    `value` is what has to be written, None if nothing has. For a key that is still to be made
    (`is_for_new_key`) the value comes with the key, and whoever makes it writes it.
    """

    key_file: KeyFile
    content: _secret_content.Content | None
    value: str | None = field(default=None, repr=False)
    is_for_new_key: bool = False

    @property
    def is_change(self) -> bool:
        """Whether the file will be another one."""
        return not self._holds_key or self.key_file.is_drifted(self.content)

    @property
    def _holds_key(self) -> bool:
        return self.value is None and not self.is_for_new_key

    def check(self) -> None:
        """Raises `AuthFileError` when what has to be written could not be. Reads only."""
        if not self._holds_key:
            _secret_file.check_replaceable(self.key_file.path, self.content)

    def before(self) -> dict[str, object]:
        """What a diff shows of the file as it is."""
        return self.key_file.view(self.content, holds_key=self._holds_key)

    def after(self) -> dict[str, object]:
        """What a diff shows of the file as it will be."""
        return self.key_file.view_after(self.content)

    def prove_writable(self) -> None:
        """Raises `AuthFileError` when `write` is bound to fail. Writes, and removes it again."""
        self.key_file.prove_writable()

    def write(self, value: str) -> None:
        """Puts the value of the key that has been made there. Raises as `KeyFile.write`."""
        self.key_file.write(value, self.content)

    def apply(self) -> None:
        """Writes the value, or sets mode and owner. Raises `AuthFileError` when it cannot."""
        if self.value is not None:
            self.write(self.value)
        elif self.is_change:
            self.key_file.mend()


def value_in(content: _secret_content.Content | None) -> str | None:
    """What could be the value of an API key, without white space around it; else None. Pure."""
    if content is None or not 0 < len(content.raw) <= _LONGEST_VALUE:
        return None
    text = content.raw.decode("ascii", "replace").strip()
    is_value = text.isascii() and text.isprintable() and not any(map(str.isspace, text))
    return text if text and is_value else None


def _mode(given: object) -> int:
    mode = _secret_content.MODE if given is None else -1
    if isinstance(given, int) and not isinstance(given, bool):
        mode = given
    elif isinstance(given, str):
        with contextlib.suppress(ValueError):
            mode = int(given, 8)
    # YAML reads 0600 as an octal number but 600 as a decimal one, and what such slips come to
    # makes no sense for a file that is read: execution, or writing without reading.
    readable_by = mode & 0o444
    is_sensible = 0 <= mode <= 0o666 and mode & 0o111 == 0 and readable_by & 0o400
    if not is_sensible or (mode & 0o222) << 1 & ~readable_by:
        raise _errors.InputError(
            f"mode must be an octal number in quotes for a file that its owner reads, such as "
            f"'0600', not {given!r}."
        )
    return mode


def _id_of(name: str | None, option: str) -> int | None:
    if name is None:
        return None
    if name.isascii() and name.isdigit():
        # The last number means "leave it as it is" to the system.
        if len(name) > len(str(_LARGEST_ID)) or int(name) > _LARGEST_ID:
            raise _errors.InputError(
                f"{option} must be between 0 and {_LARGEST_ID} where it is a number."
            )
        return int(name)
    try:
        if option == "owner":
            return pwd.getpwnam(name).pw_uid
        return grp.getgrnam(name).gr_gid
    except (KeyError, ValueError):
        kind = "user" if option == "owner" else "group"
        raise _errors.InputError(
            f"{option} names {name}: there is no such {kind} here."
        ) from None
