# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What this machine's system calls itself."""

from __future__ import annotations

import platform
from collections.abc import Mapping


def system() -> str:
    """Such as `Debian 13`. Reads `/etc/os-release`; without one, the name of the kernel."""
    try:
        return name_of(platform.freedesktop_os_release())
    except OSError:
        return platform.system()


def name_of(release: Mapping[str, str]) -> str:
    """The name for the fields of `os-release`. One that is never released has no version. Pure."""
    name = release["NAME"].removesuffix(" GNU/Linux")
    return f"{name} {release.get('VERSION_ID', '')}".rstrip()
