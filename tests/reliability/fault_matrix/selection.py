# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which faults are tried with which requests, where it cannot be all with all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible_collections.icr.access.tests.reliability.fault_matrix.faults import (
    FAULTS,
    Fault,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.targets import (
    Target,
)

_LOST_ANSWERS = ("reset when done", "503 when done", "half JSON")


def chosen(
    targets: Sequence[Target], turn: int, turns: int
) -> Iterator[tuple[Target, Fault]]:
    """Every request of a scenario, and every fault with one at least of a module's scenarios,
    of which this is number `turn` of `turns`. Pure."""
    if not targets:
        return
    of_all = [fault for fault in FAULTS if not fault.methods][turn::turns]
    for number in range(max(len(targets), len(of_all))):
        target = targets[(number + turn) % len(targets)]
        place = number % len(of_all)
        turned = of_all[place:] + of_all
        fit = [fault for fault in turned if fault.applies_to(target)]
        yield target, fit[0]
    # what cannot be repeated is what a lost answer does harm to
    lost = [fault for fault in FAULTS if str(fault) in _LOST_ANSWERS]
    once = [target for target in targets if not target.may_be_repeated]
    for number, target in enumerate(once):
        yield target, lost[(number + turn) % len(lost)]
    # few requests can meet the others
    for number, fault in enumerate(each for each in FAULTS if each.methods):
        able = [each for each in targets if fault.applies_to(each)]
        if able:
            yield able[(number + turn) % len(able)], fault


def pairs(
    targets: Sequence[Target], turn: int, turns: int, *, everything: bool
) -> list[tuple[Target, Fault]]:
    """All of them, or those that are chosen. Pure."""
    if not everything:
        return list(chosen(targets, turn, turns))
    return [
        (target, fault)
        for target in targets
        for fault in FAULTS
        if fault.applies_to(target)
    ]
