# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a page of docs/guides/ has its reader do. Everything here is pure.

A page is run as it would be followed: each `yaml` block is a file, named by its first line
(`# NAME.yml`, with folders if it is in some), and each line of a `console` block is a command. A comment behind a command says
what it is to show: `# changes nothing`. Blocks of other languages are there to be looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"# ([a-z0-9_/]+\.yml)\n")
_COMMENT = re.compile(r" +# (?P<comment>.*)$")
UNCHANGED = "changes nothing"


@dataclass(frozen=True)
class Command:
    """A command of a `console` block, with what the page says that it shows."""

    text: str
    comment: str = ""

    @property
    def changes_nothing(self) -> bool:
        """Whether the page says that it changes nothing."""
        return self.comment == UNCHANGED


@dataclass(frozen=True)
class Page:
    """The files that a page has its reader write, by name, and the commands in their order."""

    files: dict[str, str]
    commands: tuple[Command, ...]


def read_page(markdown: str) -> Page:
    """Raises `ValueError` for a `yaml` block without a name, or with one that is taken."""
    files: dict[str, str] = {}
    commands: list[Command] = []
    for language, text in _BLOCK.findall(markdown):
        if language == "yaml":
            name = _NAME.match(text)
            if name is None or name.group(1) in files:
                raise ValueError(f"needs a name of its own: {text.splitlines()[0]}")
            files[name.group(1)] = text
        elif language == "console":
            commands += _commands(text)
    return Page(files, tuple(commands))


def _commands(text: str) -> list[Command]:
    lines = text.replace("\\\n", " ").splitlines()
    return [_command(line) for line in lines if line.strip()]


def _command(line: str) -> Command:
    comment = _COMMENT.search(line)
    if comment is None:
        return Command(line.strip())
    return Command(line[: comment.start()].strip(), comment.group("comment"))
