# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What docs/troubleshooting.md quotes is what the collection says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils import _causes


@pytest.fixture(scope="module")
def page(checkout: Path) -> str:
    return (checkout / "docs" / "troubleshooting.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def source(checkout: Path) -> str:
    """All texts of the plugins, as if no line of them were broken."""
    files = (checkout / "plugins").rglob("*.py")
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


def rows_of(page: str, head: str) -> list[list[str]]:
    """The rows of all tables whose first column is named so."""
    tables = re.findall(
        rf"^\| {head} \|.*\n\| --- .*\n((?:\|.*\n)+)", page, re.MULTILINE
    )
    lines = "".join(tables).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_what_is_said_is_said_by_the_collection(page: str, source: str) -> None:
    quoted = [
        text
        for row in rows_of(page, "It says")
        for text in re.findall("`([^`]+)`", row[0])
    ]
    assert len(quoted) > 10
    assert [text for text in quoted if text not in source] == []


def test_every_code_is_told_with_its_cause_and_cure(page: str) -> None:
    told = {
        code: (why, cure)
        for codes, why, cure in rows_of(page, "Code")
        for code in re.findall("`([^`]+)`", codes)
    }
    assert told == {
        code: (cause.why, cause.cure) for code, cause in _causes._BY_CODE.items()
    }
