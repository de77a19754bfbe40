# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What else can come in the way of the playbook icr.access.rotate, but for its being killed.

Each function is one story on a fleet of its own, and gives what went wrong in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .fleet import FIRST_VALUE, HOSTS, NAME, Fleet

PREVIOUS = f"{NAME} (previous)"
BOTH = [NAME, PREVIOUS]


def overruled_and_gone_for_a_moment(
    fleet: Fleet, endpoints: dict[str, Any]
) -> Iterator[str]:
    """An extra variable, which beats all others, gives the hosts the key before. Then each host
    cannot be reached by one task, and can by the others."""
    given = f"registry_login_api_key={FIRST_VALUE}"
    yield from _is(fleet.run(endpoints, None, None, "-e", given), 2, "status")
    yield from _is(fleet.keys, BOTH, "keys, when hosts hold the key before")
    yield from _says(fleet, "a variable such as registry_login_api_key")
    fleet.refuse(HOSTS[0], after=1)
    fleet.refuse(HOSTS[1], after=2)
    yield from _is(fleet.run(endpoints), 2, "status of the second run")
    yield from _is(fleet.keys, BOTH, "keys, when hosts were not verified")
    for host in HOSTS:
        yield from _says(fleet, f"{host}: NOT logged in: ")
    yield from _says(fleet, "The key before still works")
    fleet.refuse(HOSTS[0], after=0)
    yield from _is(fleet.run(endpoints), 0, "status of the third run")
    yield from _is(fleet.keys, [NAME], "keys at the end")
    yield from _is(fleet.made, 1, "keys made")


def late_and_with_days_of_grace(
    fleet: Fleet, endpoints: dict[str, Any]
) -> Iterator[str]:
    """First a dry run; then the registries accept the new key later than IAM does."""
    before = fleet.holds()
    yield from _is(fleet.run(endpoints, None, None, "--check"), 0, "dry status")
    yield from _is(fleet.holds(), before, "files after a dry run")
    yield from _is(fleet.keys, [NAME], "keys after a dry run")
    yield from _says(fleet, "This is a dry run: nothing is changed.")
    yield from _says(fleet, "Another key takes the place of the one in force.")
    yield from _says(fleet, f"logged in with it and verified: {', '.join(HOSTS)}.")
    fleet.spoil("/oauth/*", status=401, calls=2)
    grace = ("-e", "rotate_grace_days=1")
    yield from _is(fleet.run(endpoints, None, None, *grace), 0, "status")
    yield from _is(fleet.keys, [NAME, f"{PREVIOUS} disabled"], "keys in days of grace")
    for host in HOSTS:
        yield from _says(fleet, f"{host}: logged in and verified")
    young = ("-e", "rotate_when=if_older", "-e", "rotate_max_age=1d")
    yield from _is(fleet.run(endpoints, None, None, *young), 0, "status in the end")
    yield from _is(fleet.keys, [NAME], "keys at the end")


def disabled(fleet: Fleet, endpoints: dict[str, Any]) -> Iterator[str]:
    """Somebody has disabled the key in force: no host gets it, nobody is said to be safe."""
    fleet.disable(NAME)
    young = ("-e", "rotate_when=if_older", "-e", "rotate_max_age=1d")
    yield from _is(fleet.run(endpoints, None, None, *young), 2, "status")
    yield from _says(fleet, "rotate_when: always")
    yield from _is(fleet.made, 0, "keys made")
    yield from _is(fleet.run(endpoints, None, HOSTS[1]), 2, "status without a host")
    yield from _says(fleet, "There is no key before that still works")
    yield from _is(fleet.run(endpoints), 0, "status of the last run")
    # that no login worked was the beginning of the story
    fleet.faults.clear()


STORIES = (overruled_and_gone_for_a_moment, late_and_with_days_of_grace, disabled)


def _is(found: object, expected: object, what: str) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found!r} instead of {expected!r}"


def _says(fleet: Fleet, words: str) -> Iterator[str]:
    if words not in fleet.log:
        yield f"nothing says {words!r}"
