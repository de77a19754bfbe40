# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Imports between our files point one way, those inside functions too, and name files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

OURS = "ansible_collections.icr.access.plugins.module_utils."
# What only IBM Cloud's APIs need; the login of a host must do without.
CLOUD = {
    "_cloud",
    "_caller",
    "_clients",
    "_deadline",
    "_iam",
    "_iam_calls",
    "_namespace_api",
    "_policies",
    "_registry_api",
    "_service_ids",
}


class _Imports(ast.NodeVisitor):
    """What a file imports of ours when it runs; imports for the type checker alone do not count."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = f"{node.module}."
        if module == OURS:
            self.found |= {alias.name for alias in node.names}
        elif module.startswith(OURS):
            self.found.add(module[len(OURS) : -1])


def imports_of(path: Path) -> set[str]:
    visitor = _Imports()
    visitor.visit(ast.parse(path.read_text()))
    return visitor.found


@pytest.fixture
def arrows(checkout: Path) -> dict[str, set[str]]:
    files = (checkout / "plugins").rglob("*.py")
    return {_name_of(path): imports_of(path) for path in files}


def _name_of(path: Path) -> str:
    # An action is called what its module is.
    is_action = path.parent.name == "action"
    return f"action of {path.stem}" if is_action else path.stem


def reached_from(name: str, arrows: dict[str, set[str]]) -> set[str]:
    """Everything that is imported, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for imported in arrows[waiting.pop()] - found:
            found.add(imported)
            waiting.append(imported)
    return found


def test_no_file_imports_itself_by_a_detour(arrows: dict[str, set[str]]) -> None:
    assert len(arrows) > 30
    circles = [name for name in arrows if name in reached_from(name, arrows)]
    assert circles == []


def test_files_are_imported_and_not_names_out_of_them(checkout: Path) -> None:
    # Ansible looks for a file of each name first, whenever it packs a module.
    assert [
        f"{path.name}: {node.module}"
        for path in sorted((checkout / "plugins").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS)
    ] == []


@pytest.mark.parametrize("module", ["cr_login", "cr_login_info"])
def test_login_does_without_the_apis_of_the_cloud(
    module: str, arrows: dict[str, set[str]]
) -> None:
    assert reached_from(module, arrows) & CLOUD == set()
    assert "_registry_login" in reached_from(module, arrows)


def test_decisions_on_access_do_without_the_network(
    arrows: dict[str, set[str]],
) -> None:
    assert reached_from("_grants", arrows) == {"_errors", "_named_tuple", "_regions"}
    assert reached_from("_plan", arrows) == set()
    assert arrows["_access"] == {"_errors", "_grants", "_plan", "_policies"}


def test_only_modules_and_their_frame_know_ansible(checkout: Path) -> None:
    folder = checkout / "plugins" / "module_utils"
    knowing = {
        path.stem
        for path in folder.glob("*.py")
        if "ansible.module_utils" in _run_time_text(path)
    }
    assert knowing <= {"_module", "_requests_errors", "_clients"}


def _run_time_text(path: Path) -> str:
    tree = ast.parse(path.read_text())
    return "\n".join(
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    )
