# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What README.md states is what the collection does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ansible_collections.icr.access.plugins.module_utils._regions import REGIONS

# What the Ansible community asks of a collection's page, in its order.
SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use cases",
    "Testing",
    "Contributing",
    "Support",
    "Release notes and roadmap",
    "Related information",
    "License information",
]
PLUGIN_FOLDERS = {"modules": "module", "filter": "filter", "lookup": "lookup"}


@pytest.fixture
def readme(checkout: Path) -> str:
    return (checkout / "README.md").read_text(encoding="utf-8")


def table_under(heading: str, text: str) -> list[tuple[str, ...]]:
    """The rows, without the two of its head, of the first table under a heading."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [
        tuple(cell.strip().strip("`") for cell in row.strip("|").split("|"))
        for row in rows[2:]
    ]


def file_in(text: str, name: str) -> str:
    """The code block that begins with the name of a file."""
    (block,) = re.findall(rf"^```yaml\n# {name}\n(.*?)^```$", text, re.S | re.M)
    return str(block)


def offered(checkout: Path) -> Iterator[tuple[str, str]]:
    for folder, kind in PLUGIN_FOLDERS.items():
        for path in (checkout / "plugins" / folder).glob("[!_]*.py"):
            yield path.stem, kind
    for path in (checkout / "roles").iterdir():
        yield path.name, "role"
    for path in (checkout / "playbooks").glob("*.yml"):
        yield path.stem, "playbook"


def test_region_table_is_the_one_that_the_collection_uses(readme: str) -> None:
    assert table_under("Regions", readme) == [
        (
            region.name,
            region.former_name or "none",
            region.place,
            region.host,
            region.legacy_host or "none",
        )
        for region in REGIONS
    ]


def test_every_plugin_and_role_is_listed(readme: str, checkout: Path) -> None:
    listed = {row[:2] for row in table_under("What is in it", readme)}
    assert listed == set(offered(checkout))


def test_links_into_the_checkout_lead_somewhere(readme: str, checkout: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", readme)
    assert "LICENSE" in targets
    assert [name for name in targets if not (checkout / name).exists()] == []


def test_sections_come_in_the_order_that_readers_know(readme: str) -> None:
    headings = re.findall(r"^## (.+)$", readme, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS


def test_version_that_is_installed_is_the_one_that_is_built(
    readme: str, checkout: Path
) -> None:
    version = yaml.safe_load((checkout / "galaxy.yml").read_text())["version"]
    assert set(re.findall(r"icr-access-(\S+)\.tar\.gz", readme)) == {version}
    assert set(re.findall(r"icr\.access:==(\S+)", readme)) == {version}
    (wanted,) = yaml.safe_load(file_in(readme, "requirements.yml"))["collections"]
    assert wanted["name"] == "icr.access"
    assert wanted["version"].split(",")[0] == f">={version}"


def test_ansible_that_is_required_is_the_one_that_is_declared(
    readme: str, checkout: Path
) -> None:
    runtime = yaml.safe_load((checkout / "meta" / "runtime.yml").read_text())
    (oldest,) = re.findall(r"ansible-core (\S+) or newer", readme)
    assert runtime["requires_ansible"] == f">={oldest}.0"


def test_playbook_gives_the_role_variables_that_it_has(
    readme: str, checkout: Path
) -> None:
    (play,) = yaml.safe_load(file_in(readme, "login.yml"))
    (role,) = play["roles"]
    name = role["role"].rsplit(".", 1)[1]
    specification = checkout / "roles" / name / "meta" / "argument_specs.yml"
    options = yaml.safe_load(specification.read_text())["argument_specs"]["main"][
        "options"
    ]
    assert set(role["vars"]) <= set(options)
