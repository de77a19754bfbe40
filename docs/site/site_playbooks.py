# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The directive `playbook NAME`: what a playbook is for and takes, as its first comment says.

antsibull-docs makes pages of plugins and roles, and knows nothing of playbooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

# A name, or several with commas between them, and what it means.
_VARIABLE = re.compile(r"([\w*]+(?:, [\w*]+)*):? +(.*)")
_COMMAND = "ansible-playbook "
TABLE_HEAD = ["| Variable | Meaning |", "| --- | --- |"]


def first_comment(playbook: str) -> list[str]:
    """The lines of the comment before the first play, without their `#` and the licence."""
    head = playbook.split("\n- name:", 1)[0]
    lines = [line[2:] for line in head.splitlines() if line.startswith("#")]
    return [line for line in lines if not line.startswith("SPDX-")]


def as_markdown(lines: Iterable[str]) -> list[str]:
    """Paragraphs as they are, indented commands as code, other indented lines as a table."""
    told: list[str] = []
    in_table = False
    for line in lines:
        text = line.strip()
        is_indented = line.startswith("  ")
        if is_indented and not text.startswith(_COMMAND):
            variable = _VARIABLE.fullmatch(text)
            if variable is None:
                raise ValueError(f"neither a command nor a variable: {text}")
            names = "<br>".join(f"`{name}`" for name in variable[1].split(", "))
            told += [] if in_table else TABLE_HEAD
            told.append(f"| {names} | {variable[2]} |")
        elif is_indented:
            told += ["```console", text, "```"]
        else:
            told.append(text)
        in_table = is_indented and not text.startswith(_COMMAND)
    return told


class Playbook(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        folder = Path(self.env.srcdir) / "playbooks"
        file = folder / f"{self.arguments[0]}.yml"
        self.env.note_dependency(str(file))
        comment = first_comment(file.read_text(encoding="utf-8"))
        return self.parse_text_to_nodes("\n".join(as_markdown(comment)))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("playbook", Playbook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
