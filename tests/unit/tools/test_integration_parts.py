# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Integration tests that run side by side do not write where another reads."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

PARTS = ["integration-plays", "integration-cloud", "integration-login"]


def test_each_part_has_a_copy_of_its_own(checkout: Path) -> None:
    told = subprocess.run(
        ["make", "--dry-run", *PARTS],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    copies = re.findall(
        r"cd (\S+) && .*ANSIBLE_COLLECTIONS_PATH=(\S+) .*run_ansible_test\.py", told
    )
    laid_out = re.findall(r"lay_out_build\.py \. \S+/build (\S+)", told)
    assert len(set(copies)) == len(PARTS)
    for (folder, path), name in zip(copies, laid_out, strict=True):
        assert path == f"{checkout}/build/{name}"
        assert folder == f"{path}/ansible_collections/icr/access"
