# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a page of the site has that its file has not.

The front page gets the contents, which the side bar shows, and the page of a folder those of
that folder; a page in another language says so, which decides over the shapes of Chinese
characters; and shell commands are coloured without a prompt before them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pygments.lexers.shell import BashLexer
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

LANGUAGES = {"fr": "fr", "ja": "ja", "zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}
CONTENTS = Path(__file__).with_name("contents.md")
COLLECTION_TITLE = "Modules, roles and plugins\n=========================="
OF_FOLDER = """
```{toctree}
:hidden:
:glob:

*
```
"""


def add_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the contents at the end of the front page and of a folder's page."""
    if docname == app.config.root_doc:
        source[0] += "\n" + CONTENTS.read_text(encoding="utf-8")
    elif docname.startswith("docs/") and docname.endswith("/README"):
        source[0] += OF_FOLDER


def tidy_collection(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Fit what antsibull-docs writes into the theme.

    Its own lists of the headings go, as the theme shows one beside each page, the side bar
    names plugins by their names alone, and a dash in a heading is one.
    """
    if not docname.startswith("collection/"):
        return
    text = re.sub(r"(?m)^\.\. contents::\n(?:   :.*\n)*", "", source[0])
    text = re.sub(
        r"(?m)^    ((\w+)_(?:module|filter|lookup|role))$", r"    \2 <\1>", text
    )
    text = re.sub(
        r"(?m)^(\* :ansplugin:|icr\.access\.|Entry point )(.*?) -- ",
        "\\1\\2 \u2013 ",
        text,
    )
    source[0] = re.sub(r"(?m)^Icr\.Access\n=+$", COLLECTION_TITLE, text)


def tell_language(
    _app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object
) -> None:
    """Say in which language a page is that is not in English."""
    name = pagename.rpartition("docs/quick_start/")[2]
    context["language"] = LANGUAGES.get(name, "en")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_lexer("console", BashLexer)
    app.connect("source-read", add_contents)
    app.connect("source-read", tidy_collection)
    app.connect("html-page-context", tell_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
