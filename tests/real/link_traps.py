# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a user could put where Docker's file belongs, so that root would open something else.

Each trap takes the user, and a folder of root's with a file of that name in it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from .unix_users import UnixUser

Trap = Callable[[UnixUser, Path], object]


def own_folder(user: UnixUser) -> Path:
    """The folder of Docker's file, as that user would make it."""
    folder = user.docker_file.parent
    folder.mkdir(mode=0o700)
    os.chown(folder, user.uid, user.gid)
    return folder


def _folder_is_a_link(user: UnixUser, victim: Path) -> None:
    user.docker_file.parent.symlink_to(victim)


def _file_is_a_link(user: UnixUser, victim: Path) -> None:
    (own_folder(user) / "config.json").symlink_to(victim / "config.json")


def _link_goes_up(user: UnixUser, victim: Path) -> None:
    user.docker_file.parent.symlink_to(Path("..") / victim.name)


def _link_leads_to_a_link(user: UnixUser, victim: Path) -> None:
    (user.home / "second").symlink_to(victim)
    user.docker_file.parent.symlink_to("second")


def _link_dangles(user: UnixUser, victim: Path) -> None:
    (own_folder(user) / "config.json").symlink_to(victim / "new.json")


def _link_to_a_device(user: UnixUser, _victim: Path) -> None:
    (own_folder(user) / "config.json").symlink_to("/dev/zero")


def _link_to_itself(user: UnixUser, _victim: Path) -> None:
    (own_folder(user) / "config.json").symlink_to("config.json")


def _hard_link(user: UnixUser, victim: Path) -> None:
    os.link(victim / "config.json", own_folder(user) / "config.json")


def _hard_link_to_a_secret(user: UnixUser, victim: Path) -> None:
    (victim / "config.json").chmod(0o600)
    _hard_link(user, victim)


def _pipe(user: UnixUser, _victim: Path) -> None:
    path = own_folder(user) / "config.json"
    os.mkfifo(path)
    os.chown(path, user.uid, user.gid)


def _socket(user: UnixUser, _victim: Path) -> None:
    path = own_folder(user) / "config.json"
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))
    os.chown(path, user.uid, user.gid)


def _folder_in_its_place(user: UnixUser, _victim: Path) -> None:
    (own_folder(user) / "config.json").mkdir()


def _folder_of_root(user: UnixUser, _victim: Path) -> None:
    user.docker_file.parent.mkdir(mode=0o755)


def _closed_folder_of_root(user: UnixUser, _victim: Path) -> None:
    user.docker_file.parent.mkdir(mode=0o700)


# Each trap, and what the error says of it.
TRAPS: tuple[tuple[Trap, str], ...] = (
    (_folder_is_a_link, "outside"),
    (_file_is_a_link, "outside"),
    (_link_goes_up, "outside"),
    (_link_leads_to_a_link, "outside"),
    (_link_dangles, "outside"),
    (_link_to_a_device, "outside"),
    (_link_to_itself, "symbolic links"),
    (_hard_link, "belongs to the user with id 0"),
    (_hard_link_to_a_secret, "Permission denied"),
    (_pipe, "not a regular file"),
    (_socket, "cannot be read"),
    (_folder_in_its_place, "is a directory"),
    (_folder_of_root, "not writable"),
    (_closed_folder_of_root, "Permission denied"),
)
