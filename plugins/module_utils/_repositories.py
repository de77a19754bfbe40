# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The repositories that `pull` and `push` name. Pure."""

from __future__ import annotations

import re

from ansible_collections.icr.access.plugins.module_utils import _errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# Source: the grammar of names in https://distribution.github.io/distribution/spec/api/
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")


def is_repository(text: str) -> bool:
    """Whether this is the name of a repository, without host, tag and digest. Pure."""
    return _REPOSITORY.fullmatch(text) is not None


def repositories_of(
    host: str, named: Sequence[str], hosts: Sequence[str], option: str
) -> tuple[str, ...]:
    """The repositories to be checked in `host`: those without a host, and its own.

    Raises `InputError` for what is not a repository of one of `hosts`.
    """
    found = []
    for text in named:
        first, slash, rest = text.partition("/")
        if "://" in text:
            raise _errors.InputError(
                f"{option} takes repositories without https://, not {text!r}."
            )
        if text in hosts:
            raise _errors.InputError(
                f"{option} names {text}, a registry; add the repository, as in "
                f"{text}/namespace/image."
            )
        has_host = bool(slash) and (
            "." in first or ":" in first or first == "localhost"
        )
        if has_host and first not in hosts:
            raise _errors.InputError(
                f"{option} names {text}, but {first} is not among the registries of this "
                f"task: {', '.join(hosts)}."
            )
        repository = rest if has_host else text
        if not is_repository(repository):
            raise _errors.InputError(
                f"{option} takes repositories such as namespace/image, without tag or "
                f"digest, not {text!r}."
            )
        if not has_host or first == host:
            found.append(repository)
    return tuple(dict.fromkeys(found))
