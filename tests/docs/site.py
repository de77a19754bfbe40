# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the pages of a built site are, link to and load."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself when it shows a page.
LOADED = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("object", "data"),
    ("source", "src"),
}


@dataclass
class Page:
    """One HTML file: the anchors it has, what its links name, what it loads."""

    language: str | None = None
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.page.anchors.add(value)
            elif (tag, name) == ("a", "href"):
                self.page.links.append(value)
            elif (tag, name) in LOADED:
                self.page.loads.append(value)
            elif (tag, name) == ("html", "lang"):
                self.page.language = value


def read_page(text: str) -> Page:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


def read_site(folder: Path) -> dict[str, Page]:
    """All pages below a folder, by their paths in it."""
    return {
        file.relative_to(folder).as_posix(): read_page(file.read_text(encoding="utf-8"))
        for file in folder.rglob("*.html")
        if "_static" not in file.relative_to(folder).parts
    }


def is_external(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.scheme or parts.netloc)


def named_by(address: str, page: str) -> tuple[str, str]:
    """The file, by its path in the site, and the anchor that a link on a page names."""
    parts = urlsplit(address)
    if not parts.path:
        return page, unquote(parts.fragment)
    steps: list[str] = []
    for step in (PurePosixPath(page).parent / unquote(parts.path)).parts:
        if step == "..":
            steps.pop()
        else:
            steps.append(step)
    return "/".join(steps), unquote(parts.fragment)


def dead_links(pages: dict[str, Page], files: set[str]) -> list[str]:
    """The links, as "PAGE -> ADDRESS", that name a file or an anchor that is not there.

    `files` are the paths of all files of the site, pages and others.
    """
    dead = []
    for name, page in sorted(pages.items()):
        for address in [*page.links, *page.loads]:
            if is_external(address):
                continue
            target, anchor = named_by(address, name)
            known = pages.get(target)
            if target not in files or (
                anchor and known is not None and anchor not in known.anchors
            ):
                dead.append(f"{name} -> {address}")
    return dead
