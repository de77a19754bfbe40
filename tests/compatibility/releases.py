# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which releases of ansible-core are tried, where, and with which Pythons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..machine.pythons import Interpreter

Minor = tuple[int, int]


class Release(NamedTuple):
    """A release of ansible-core, with the oldest and the newest Python that it takes on the
    controller and on hosts. Source: its own list, `ansible_test/_util/target/common/constants.py`.
    """

    core: str
    controller: tuple[Minor, Minor]
    hosts: tuple[Minor, Minor]


RELEASES = (
    Release("2.18", ((3, 11), (3, 13)), ((3, 8), (3, 13))),
    Release("2.19", ((3, 11), (3, 13)), ((3, 8), (3, 13))),
    Release("2.20", ((3, 12), (3, 14)), ((3, 9), (3, 14))),
    Release("2.21", ((3, 12), (3, 14)), ((3, 9), (3, 14))),
)
# Of hosts, beside the oldest that the release takes: Debian 12's and Debian 13's.
HOST_PYTHONS: tuple[Minor, ...] = ((3, 11), (3, 13))


def controller_of(
    release: Release, here: Sequence[Interpreter], usual: Minor
) -> Interpreter | None:
    """The Python for the controller: the usual one if the release takes it, else the newest of
    those here that it takes. None if there is none. Pure."""
    taken = [each for each in here if _within(each.minor, release.controller)]
    return max(taken, key=lambda each: (each.minor == usual, each), default=None)


def is_too_new(release: Release, usual: Minor) -> bool:
    """Whether the release wants a newer Python on the controller than the usual one. Pure."""
    return usual < release.controller[0]


def in_debian(release: Release, usual: Minor, lacking: str) -> bool:
    """Whether the release is tried in Debian 13 and not on this machine: if it is too new for
    the usual Python, and nothing is lacking that this takes. Pure."""
    return is_too_new(release, usual) and not lacking


def hosts_of(release: Release, here: Sequence[Interpreter]) -> list[Interpreter]:
    """The Pythons for hosts, the oldest first: of those that are here the oldest that the release
    takes, and those of `HOST_PYTHONS`. Pure."""
    taken = sorted(each for each in here if _within(each.minor, release.hosts))
    return taken[:1] + [each for each in taken[1:] if each.minor in HOST_PYTHONS]


def _within(minor: Minor, bounds: tuple[Minor, Minor]) -> bool:
    return bounds[0] <= minor <= bounds[1]
