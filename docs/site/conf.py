# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How Sphinx makes a site of the pages: `make docs` runs it.

Its source is a folder of copies, `build/docs/source`: README.md under the name of `index.md`,
all other pages under their own, and `collection`, which antsibull-docs has written. Nothing
is fetched from anywhere: what is not in this collection is linked to, not looked up.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
sys.path.insert(0, str(HERE))

galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))

project = "icr.access"
author = galaxy["authors"][0]
project_copyright = author
release = version = galaxy["version"]

extensions = [
    "myst_parser",
    "sphinx_antsibull_ext",
    "site_links",
    "site_pages",
    "site_playbooks",
]
include_patterns = [
    "*.md",
    "docs/*.md",
    "docs/*/*.md",
    "roles/*/README.md",
    "collection/*.rst",
]
# Modules cannot declare environment variables, so that the page of them would say: none.
exclude_patterns = ["docs/site/contents.md", "collection/environment_variables.rst"]
nitpicky = True
# It would make a dash of the two hyphens before an option.
smartquotes = False

# Links to headings are written as the repository's own pages have them.
myst_heading_anchors = 4
site_checkout = str(CHECKOUT)
site_repository = galaxy["repository"]

html_theme = "furo"
html_title = f"icr.access {release}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
# The colours are those of the theme, light and dark: see site.css.
antsibull_ext_color_scheme = "none"
