# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The changelog announces everything that the collection offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def announced(release: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for module in release.get("modules", []):
        yield "plugins/modules", module["name"]
    for kind, plugins in release.get("plugins", {}).items():
        for plugin in plugins:
            yield f"plugins/{kind}", plugin["name"]
    for role in release.get("objects", {}).get("role", []):
        yield "roles", role["name"]


def offered(checkout: Path) -> Iterator[tuple[str, str]]:
    for folder in ("modules", "filter", "lookup"):
        for path in (checkout / "plugins" / folder).glob("[!_]*.py"):
            yield f"plugins/{folder}", path.stem
    for path in (checkout / "roles").iterdir():
        yield "roles", path.name


def test_everything_is_announced_and_nothing_else(checkout: Path) -> None:
    text = (checkout / "changelogs" / "changelog.yaml").read_text(encoding="utf-8")
    releases = yaml.safe_load(text)["releases"].values()
    assert {name for release in releases for name in announced(release)} == set(
        offered(checkout)
    )
