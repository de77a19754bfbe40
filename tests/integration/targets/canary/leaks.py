# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Finding secrets, however they are written down.

Letters and digits are the same in an URL and in JSON: what is searched for is made of them, so
that it is found there too. The secrets themselves go on with characters that are not.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path


@functools.cache
def disguises(secret: str) -> set[bytes]:
    """What gives a secret away: itself, and its base64 and hexadecimal forms.

    Base64 of a longer text that has the secret in it, such as "user:secret", shows it in one
    of three alignments. Of each the characters that its neighbours have no part in are taken.
    """
    raw = secret.encode()
    found = {raw, raw.hex().encode()}
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * before + raw)
            first = -(-before * 8 // 6)
            last = (before + len(raw)) * 8 // 6
            found.add(text[first:last])
    return found


def find_secrets(data: bytes, secrets: Mapping[str, str]) -> set[str]:
    """The names of the secrets that the data gives away. Pure."""
    return {
        name
        for name, secret in secrets.items()
        if any(disguise in data for disguise in disguises(secret))
    }


def find_in_files(
    folder: Path, secrets: Mapping[str, str], *, but_not: set[Path]
) -> Iterator[tuple[Path, set[str]]]:
    """Every file below the folder, and the secrets that its name or content gives away."""
    for path in sorted(folder.rglob("*")):
        if but_not & {path, *path.parents}:
            continue
        content = path.read_bytes() if path.is_file() else b""
        yield path, find_secrets(bytes(path) + b"\n" + content, secrets)
