# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The site that `make docs` has built is whole, and needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.docs.site import (
    Page,
    dead_links,
    is_external,
    read_site,
)

CHECKOUT = Path(__file__).resolve().parents[2]
SITE = CHECKOUT / "build" / "docs" / "html"
PLUGINS = {"modules": "module", "filter": "filter", "lookup": "lookup"}
LANGUAGES = {
    "en": "en",
    "fr": "fr",
    "ja": "ja",
    "zh_hans": "zh-Hans",
    "zh_hant": "zh-Hant",
}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    assert (SITE / "index.html").exists(), "nothing is built; run: make docs"
    return read_site(SITE)


def plugins_and_roles() -> Iterator[str]:
    for folder, kind in PLUGINS.items():
        for path in (CHECKOUT / "plugins" / folder).glob("[!_]*.py"):
            yield f"{path.stem}_{kind}"
    for path in (CHECKOUT / "roles").iterdir():
        yield f"{path.name}_role"


def written_pages() -> Iterator[str]:
    """All pages of the repository that are for readers, README.md as the front page."""
    for path in CHECKOUT.glob("*.md"):
        yield "index" if path.name == "README.md" else path.stem
    for pattern in ("docs/**/*.md", "roles/*/README.md"):
        for path in CHECKOUT.glob(pattern):
            if path.name != "contents.md":
                yield path.relative_to(CHECKOUT).with_suffix("").as_posix()


def test_every_plugin_and_role_has_its_page(pages: dict[str, Page]) -> None:
    expected = {f"collection/{name}.html" for name in plugins_and_roles()}
    assert len(expected) > 10
    assert expected - set(pages) == set()


def test_every_written_page_is_there(pages: dict[str, Page]) -> None:
    expected = {f"{name}.html" for name in written_pages()}
    assert {"index.html", "docs/guides/README.html"} <= expected
    assert expected - set(pages) == set()


def test_no_link_within_the_site_is_dead(pages: dict[str, Page]) -> None:
    files = {
        path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.is_file()
    }
    assert dead_links(pages, files) == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Page]) -> None:
    loaded = {address for page in pages.values() for address in page.loads}
    assert loaded
    assert [address for address in loaded if is_external(address)] == []


@pytest.mark.parametrize(("name", "language"), LANGUAGES.items())
def test_page_tells_its_language(
    pages: dict[str, Page], name: str, language: str
) -> None:
    assert pages[f"docs/quick_start/{name}.html"].language == language
