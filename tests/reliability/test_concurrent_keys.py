# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Several runs want the values of their keys in one file: one of them gets its way, and of the
others no key stays whose value is nowhere."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.modules import cr_apikey
from ansible_collections.icr.access.tests.reliability.children import (
    result_of,
    run_together,
)
from ansible_collections.icr.access.tests.reliability.file_changes import tree
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud

_RUNS = 4


@pytest.mark.parametrize("rotate", ["never", "always"])
def test_one_dest_for_several_keys(
    rotate: str, local_cloud: LocalCloud, tmp_path: Path, tally: Tally, soak: bool
) -> None:
    local_cloud.seed(limits={"api_keys_per_identity": 1000})
    for attempt in range(20 if soak else 2):
        folder = tmp_path / f"keys-{attempt}"
        folder.mkdir()
        dest = folder / "builder"

        def run(number: int, attempt: int = attempt, dest: Path = dest) -> None:
            options = {
                "api_key": local_cloud.api_key,
                "endpoints": local_cloud.endpoints,
                "name": f"key-{attempt}-{number}",
                "rotate": rotate,
                "dest": str(dest),
            }
            result = result_of(cr_apikey.main, options)
            (tmp_path / f"result-{number}").write_text(json.dumps(result))

        ends = run_together([partial(run, number) for number in range(_RUNS)])
        results = [
            json.loads((tmp_path / f"result-{number}").read_text())
            for number in range(_RUNS)
        ]
        kept = {
            key.name: key.value
            for key in local_cloud.keys_of(local_cloud.owner_iam_id).values()
            if key.name.startswith(f"key-{attempt}-")
        }
        lost = [name for name, value in kept.items() if value != dest.read_text()]
        tally.count("concurrent writers", _RUNS, lost_entries=len(lost))
        assert (ends, lost) == ([0] * _RUNS, [])
        (winner,) = (each for each in results if not each.get("failed"))
        assert [*kept] == [winner["api_key"]["name"]]
        for each in results:
            if each is not winner:
                assert str(dest) in each["msg"]
                assert "Traceback" not in each["msg"]
        assert [*tree(folder)] == ["builder"]
