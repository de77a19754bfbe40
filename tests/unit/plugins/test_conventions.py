# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The documentation of plugins and roles follows what Ansible's community asks for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ATTRIBUTES = {"action_group", "check_mode", "diff_mode", "idempotent", "platform"}
# Markup that says how a word looks and not what it is: V(), O(), RV(), M() and C() are there.
LOOKS = re.compile(r"`|\b[BI]\(|\bC\((?:true|false|null|yes|no|None)\)|\bC\(\w+=")

Documents = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def documents(collections_path: Path) -> dict[str, Documents]:
    """What ansible-doc knows of the collection, by kind and name."""
    told = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-doc")),
            *("--metadata-dump", "icr.access"),
        ],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    every: dict[str, Documents] = json.loads(told.stdout)["all"]
    return {kind: every[kind] for kind in ("module", "lookup", "filter", "role")}


def heads(documents: dict[str, Documents]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each plugin, and each entry point of a role, says of itself."""
    for kind, named in documents.items():
        for name, document in named.items():
            if kind == "role":
                for point, head in document["entry_points"].items():
                    yield f"{name} {point}", head
            else:
                yield name, document["doc"]


def options_of(head: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, option in (head.get("options") or {}).items():
        yield name, option
        yield from options_of({"options": option.get("suboptions")})


def texts_in(value: object) -> Iterator[str]:
    """All text of a document but the examples, which are code."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"examples", "sample", "filename"}:
                yield from texts_in(item)


def looks(text: str) -> bool:
    return LOOKS.search(text) is not None


def test_modules_tell_what_they_support(documents: dict[str, Documents]) -> None:
    assert len(documents["module"]) > 5
    for name, document in documents["module"].items():
        attributes = document["doc"]["attributes"]
        assert set(attributes) >= ATTRIBUTES, name
        silent = [key for key in ATTRIBUTES if not attributes[key].get("support")]
        assert silent == [], name


def test_modules_name_the_action_group_that_has_them(
    documents: dict[str, Documents], checkout: Path
) -> None:
    runtime = yaml.safe_load((checkout / "meta" / "runtime.yml").read_text())
    told = {
        (group, name)
        for name, document in documents["module"].items()
        for group in document["doc"]["attributes"]["action_group"]["membership"]
    }
    assert told == {
        (f"icr.access.{group}", f"icr.access.{name}")
        for group, names in runtime["action_groups"].items()
        for name in names
    }


def test_everything_tells_since_when_it_is_there(
    documents: dict[str, Documents],
) -> None:
    silent = [name for name, head in heads(documents) if not head.get("version_added")]
    assert silent == []


def test_options_of_modules_tell_since_when_they_are_there(
    documents: dict[str, Documents],
) -> None:
    assert [
        f"{name} {option}"
        for name, document in documents["module"].items()
        for option, stated in options_of(document["doc"])
        if not stated.get("version_added")
    ] == []


def test_words_are_marked_for_what_they_are(documents: dict[str, Documents]) -> None:
    marked = [text for text in texts_in(documents) if "O(" in text or "V(" in text]
    assert len(marked) > 50
    assert [text for text in texts_in(documents) if looks(text)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("With `state` it is gone.", True),
        ("B(Not) so.", True),
        ("Is C(true).", True),
        ("With C(state=absent).", True),
        ("With O(state=absent) it is V(null), as in RV(value).", False),
        ("Under the key C(iam), on M(icr.access.cr_login).", False),
    ],
)
def test_markup_of_looks_is_found(text: str, expected: bool) -> None:
    assert looks(text) is expected
