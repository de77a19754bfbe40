# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A link that leads nowhere is seen."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.docs.site import dead_links, read_page

FILES = {"index.html", "guides/one.html", "style.css"}


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        pytest.param('<a href="#here">', False, id="anchor"),
        pytest.param('<a href="#nowhere">', True, id="no such anchor"),
        pytest.param('<a href="../index.html">', False, id="page"),
        pytest.param('<a href="../index.html#top">', False, id="anchor of a page"),
        pytest.param(
            '<a href="../index.html#bottom">', True, id="no such anchor there"
        ),
        pytest.param('<a href="two.html">', True, id="no such page"),
        pytest.param('<link href="../style.css">', False, id="style"),
        pytest.param('<script src="../script.js">', True, id="no such script"),
        pytest.param('<a href="https://example.org/x">', False, id="elsewhere"),
        pytest.param('<a href="mailto:a@example.org">', False, id="mail"),
    ],
)
def test_dead_links(link: str, dead: bool) -> None:
    pages = {
        "index.html": read_page('<h1 id="top">Title</h1>'),
        "guides/one.html": read_page(f'<a name="here"></a>{link}'),
    }
    assert bool(dead_links(pages, FILES)) is dead
