# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Let links between files of the repository lead on in the site as well.

A link to another page is Sphinx's own matter. One to `README.md` at the top leads to the
front page, one to any other file or folder of the repository to where that is browsed. What
exists nowhere is left alone, and Sphinx complains of it.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

FRONT_PAGE = "README.md"
# What Ansible's own documentation explains, and pages of plugins refer to.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest"
ELSEWHERE = {
    "action_plugins": f"{ANSIBLE}/plugins/action.html",
    "common_return_values": f"{ANSIBLE}/reference_appendices/common_return_values.html",
}


def named_in(docname: str, target: str, checkout: Path) -> Path | None:
    """The file or folder, relative to the checkout, that a link on a page names.

    `docname` is the page as Sphinx calls it. None when the link leaves the checkout or
    names nothing in it.
    """
    path = (checkout / docname).parent / target
    try:
        named = path.resolve(strict=True).relative_to(checkout)
    except (FileNotFoundError, ValueError):
        return None
    return named


def lead_on(app: Sphinx, doctree: nodes.document) -> None:
    """Give each link of a page that is none to a page an address."""
    checkout = Path(app.config.site_checkout)
    for link in list(doctree.findall(addnodes.pending_xref)):
        if link["reftype"] != "myst" or link.get("refdomain"):
            continue
        target, _hash, anchor = link["reftarget"].partition("#")
        named = named_in(app.env.docname, target, checkout) if target else None
        if named is None:
            continue
        if named == Path(FRONT_PAGE):
            link["refdomain"] = "doc"
            link["reftarget"] = app.config.root_doc
            link["reftargetid"] = anchor or None
            continue
        kind = "tree" if (checkout / named).is_dir() else "blob"
        address = f"{app.config.site_repository}/{kind}/main/{named.as_posix()}"
        link.replace_self(nodes.reference("", "", *link.children, refuri=address))


def refer_elsewhere(
    _app: Sphinx, _env: object, link: addnodes.pending_xref, content: nodes.Element
) -> nodes.reference | None:
    """An address for a label that is not of this collection."""
    address = ELSEWHERE.get(link["reftarget"])
    return nodes.reference("", "", content, refuri=address) if address else None


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("site_checkout", "", "env", frozenset({str}))
    app.add_config_value("site_repository", "", "env", frozenset({str}))
    app.connect("doctree-read", lead_on)
    app.connect("missing-reference", refer_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
