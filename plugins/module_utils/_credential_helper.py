# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Talking to a credential helper, the program that keeps logins for container clients.

Protocol: https://github.com/docker/docker-credential-helpers (one verb as argument; everything
that matters, secrets above all, through standard input and output).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _excerpt,
)

_PREFIX = "docker-credential-"
# A helper may wait for an agent to start, but never for a person: there is none.
_TIMEOUT = 60
_NOT_FOUND = "credentials not found"
# An answer to `get`, the secret in it, that a helper gave before it failed.
_ANSWER = re.compile(r"\{(.*\}|.*)", re.DOTALL)


def get_credentials(helper: str, host: str) -> tuple[str, str] | None:
    """User name and secret that the helper keeps for `host`, or None.

    Raises `AuthFileError` when the helper is missing, fails or answers nonsense.
    """
    status, output = _ask(helper, "get", host)
    if status != 0:
        if _NOT_FOUND in output.lower():
            return None
        raise _failure(helper, "get", host, _ANSWER.sub("(hidden) ", output))
    try:
        answer = json.loads(output)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        answer = None
    if answer is None or not isinstance(username, str) or not isinstance(secret, str):
        raise _errors.AuthFileError(
            f"The credential helper {_PREFIX}{helper} answered to get for {host} "
            f"with something that is not its protocol."
        )
    # The helper of pass answers for an unknown host with empty fields.
    return (username, secret) if username or secret else None


def list_keys(helper: str) -> list[str]:
    """The keys of all logins that the helper keeps; none where it cannot list. Reads only.

    Raises `AuthFileError` when the helper is missing.
    """
    status, output = _ask(helper, "list", "")
    try:
        answer = json.loads(output) if status == 0 else {}
    except (ValueError, RecursionError):
        answer = {}
    return list(answer) if isinstance(answer, dict) else []


def store_credentials(helper: str, host: str, username: str, secret: str) -> None:
    """Has the helper keep a login, and looks whether it did. Raises `AuthFileError` when it
    did not."""
    _store(helper, host, username, secret)
    kept = get_credentials(helper, host)
    if kept is not None and kept[0] != username:
        # That of pass keeps one for each user name, and gives the first by the alphabet.
        erase_credentials(helper, host)
        _store(helper, host, username, secret)
        kept = get_credentials(helper, host)
    if kept != (username, secret):
        raise _errors.AuthFileError(
            f"The credential helper {_PREFIX}{helper} took the login of {host}, but does "
            f"not give it back."
        )


def _store(helper: str, host: str, username: str, secret: str) -> None:
    login = {"ServerURL": host, "Username": username, "Secret": secret}
    status, output = _ask(helper, "store", json.dumps(login))
    if status != 0:
        raise _failure(helper, "store", host, output, secret)


def erase_credentials(helper: str, key: str) -> None:
    """Has the helper forget the login under `key`. Raises `AuthFileError` when it does not."""
    status, output = _ask(helper, "erase", key)
    if status != 0 and _NOT_FOUND not in output.lower():
        raise _failure(helper, "erase", key, output)


def _ask(helper: str, verb: str, given: str) -> tuple[int, str]:
    """Exit status and output of one call; the error output follows the output on failure."""
    # The name becomes part of a program's name; a path in it would run something else.
    program = shutil.which(_PREFIX + helper) if os.sep not in helper else None
    if program is None:
        raise _errors.AuthFileError(
            f"The credential helper {_PREFIX}{_excerpt.excerpt(helper)} is not installed, or not on PATH "
            f"({os.environ.get('PATH', '')}); without it container clients find no login. "
            f"Install it, remove it from the client's configuration, or set "
            f"credential_store=file to leave it out."
        )
    try:
        process = subprocess.Popen(
            [program, verb],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise _errors.AuthFileError(
            f"The credential helper {program} cannot be run: {error.strerror}."
        ) from None
    with process:
        try:
            stdout, stderr = process.communicate(given.encode("utf-8"), _TIMEOUT)
        except subprocess.TimeoutExpired:
            # What the helper has started holds our pipes open as well.
            os.killpg(process.pid, signal.SIGKILL)
            raise _errors.AuthFileError(
                f"The credential helper {_PREFIX}{helper} gave no answer to {verb} "
                f"within {_TIMEOUT} seconds; it may be waiting for a pass phrase."
            ) from None
    output = stdout + (stderr if process.returncode else b"")
    return process.returncode, output.decode("utf-8", "replace")


def _failure(
    helper: str, verb: str, host: str, output: str, secret: str = ""
) -> _errors.AuthFileError:
    said = _excerpt.excerpt(output, (secret,)) or "nothing"
    return _errors.AuthFileError(
        f"The credential helper {_PREFIX}{helper} failed to {verb} the login of {host}; "
        f"it said: {said}"
    )
