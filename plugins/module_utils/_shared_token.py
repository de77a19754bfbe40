# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""One access token for all processes of a run: in a file, and made by whoever needs it first."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time

from ansible_collections.icr.access.plugins.module_utils import (
    _access_token,
    _errors,
    _secret_content,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ansible_collections.icr.access.plugins.module_utils import _verdict

USUAL_LIFE = 3600  # seconds, of a token that does not say
# Seconds. Long enough for all hosts of a task; a later play of a long run may find IAM well again.
FAILURE_LIFE = 300


def is_fresh(token: str, age: float) -> bool:
    """Whether less than half of the token's life has passed, `age` seconds after it was made.

    That leaves half an hour of the usual hour, as much as cr_login wants to see by default. The
    age is told by one clock and the life by another, so that they need not agree. Pure.
    """
    claims = _access_token.read_claims(token)
    if claims is None:
        return False
    life = USUAL_LIFE
    if claims.expires_at is not None and claims.issued_at is not None:
        life = claims.expires_at - claims.issued_at
    return 0 <= age < life / 2


def shared(path: str, make: Callable[[], str], failure_path: str) -> str:
    """The token in the file, or one that is made and put there if that is not fresh.

    Whoever finds somebody making one waits for it. Raises what `make` raises, the same again
    for a while to whoever asks later, and `AuthFileError`.
    """
    token = stored(path)
    if token is not None:
        return token
    with locked(f"{path}.lock"):
        token = stored(path)
        if token is None:
            raise_known_failure(failure_path)
            try:
                token = make()
            except _errors.AccessError as error:
                # Were it not kept, the next host would have to find it out for itself.
                with contextlib.suppress(_errors.AccessError):
                    put(failure_path, str(error))
                raise
            put(path, token)
    return token


def raise_known_failure(path: str) -> None:
    """Raises `AccessError` with what the file tells, unless it is old or not there."""
    found = aged(path)
    if found is None or not 0 <= found[1] < FAILURE_LIFE:
        return
    raise _errors.AccessError(
        f"{found[0]} (This was tried once for all hosts; it is not tried again within "
        f"{FAILURE_LIFE // 60} minutes.)"
    )


def stored(path: str) -> str | None:
    """The token in the file if it is fresh."""
    found = aged(path)
    return found[0] if found is not None and is_fresh(*found) else None


def aged(path: str) -> tuple[str, float] | None:
    """What the file holds, and its age in seconds; None when there is none."""
    content = _secret_content.read(path)
    if content is None:
        return None
    with _secret_content.explained(path, "read"):
        age = time.time() - os.stat(path).st_mtime
    return content.raw.decode("utf-8", "replace"), age


def put(path: str, text: str) -> None:
    """Writes the file, for this user only. Raises `AuthFileError`."""
    from ansible_collections.icr.access.plugins.module_utils import _secret_file

    raw = text.encode("utf-8", "replace")
    _secret_file.replace(path, raw, _secret_content.read(path))


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Holds a lock that goes with the process which holds it. It waits without a limit: what
    is done meanwhile has one."""
    with _secret_content.explained(path, "locked"):
        handle = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            os.close(handle)
            raise
    try:
        yield
    finally:
        os.close(handle)


def file_of(folder: str, api_key: str, url: str) -> str:
    """Where the token for that key and that IAM is kept. Pure."""
    name = digest(f"{url}\0{api_key}")
    return os.path.join(folder, f"icr-access-iam-token-{name}")


def failure_file_of(path: str, settings: _verdict.Settings) -> str:
    """Where the failure to get the token of `path` is kept, for those that ask in the same
    way: other settings may succeed. Pure."""
    told = (settings.timeout, settings.retries, settings.ca_path)
    name = digest(repr((*told, settings.validate_certs)))
    return f"{path}-{name[:16]}.failure"


def digest(text: str) -> str:
    """SHA-256 in hexadecimal digits. Pure."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
