# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Every page of docs/guides/ is followed, on the local IBM Cloud."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.guides.conftest import Done, Reader
from ansible_collections.icr.access.tests.guides.pages import (
    Command,
    Page,
    read_page,
)

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
INDEX = "README.md"
PAGES = sorted(path.name for path in GUIDES.glob("*.md") if path.name != INDEX)


def page_of(name: str) -> Page:
    return read_page((GUIDES / name).read_text(encoding="utf-8"))


def told(done: list[Done]) -> str:
    """What a person who mends the page wants to see."""
    last = done[-1]
    return f"$ {last.command.text}\n{last.output}\n(exit status {last.status})"


@pytest.mark.parametrize("name", PAGES)
def test_page_can_be_followed(name: str, reader: Reader) -> None:
    page = page_of(name)
    assert page.commands
    done = reader.follow(page)
    if not done[-1].has_shown_what_it_is_to_show():
        pytest.fail(told(done), pytrace=False)
    assert len(done) == len(page.commands)
    shown = "".join(each.output for each in done)
    assert reader.secrets_in(shown) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_of_a_page_is_used(name: str) -> None:
    page = page_of(name)
    using = " ".join(command.text for command in page.commands)
    # One file may name another, and a folder of files belongs to the command of that name.
    using += "".join(re.findall(r"import_playbook: .*", "".join(page.files.values())))
    assert [name for name in page.files if name.split("/")[0] not in using] == []


def test_index_lists_the_pages(checkout: Path) -> None:
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (GUIDES / INDEX).read_text())
    assert sorted(listed) == PAGES


@pytest.mark.parametrize("name", [*PAGES, INDEX])
def test_links_lead_somewhere(name: str) -> None:
    text = (GUIDES / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    assert [target for target in targets if not (GUIDES / target).exists()] == []


# What is wrong with a page has to be found.
GOOD = """
- name: Have a folder
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Have a folder
      ansible.builtin.file:
        path: made
        state: directory
        mode: "0755"
"""
RUN = Command("ansible-playbook it.yml")
AGAIN = Command("ansible-playbook it.yml", "changes nothing")
TRUE, FALSE = Command("true"), Command("false")
NO_PLAYBOOK = Command("true", "changes nothing")


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        pytest.param((RUN, AGAIN), 2, id="as it should be"),
        pytest.param((AGAIN, TRUE), 0, id="changes something"),
        pytest.param((Command("ansible-playbook no.yml"), TRUE), 0, id="fails"),
        pytest.param((TRUE, FALSE, TRUE), 1, id="a command fails"),
        pytest.param((TRUE, NO_PLAYBOOK, TRUE), 1, id="no playbook ran"),
    ],
)
def test_what_is_wrong_is_found(
    reader: Reader, commands: tuple[Command, ...], expected: int
) -> None:
    done = reader.follow(Page({"it.yml": GOOD}, commands))
    good = [each for each in done if each.has_shown_what_it_is_to_show()]
    assert len(good) == expected, told(done)
    assert len(done) <= expected + 1


def test_secret_that_is_shown_is_found(reader: Reader) -> None:
    value = "value-of-a-key-that-the-page-shows-0000000000"
    reader.cloud.seed(api_keys=[{"name": "shown", "value": value}])
    (done,) = reader.follow(Page({}, (Command(f"echo {value}"),)))
    # The key is gone when its value is looked for.
    assert reader.cloud.control("POST", "/reset").status == 204
    assert reader.secrets_in(done.output) == [value]


def test_access_token_that_is_shown_is_found(reader: Reader) -> None:
    token = reader.cloud.owner
    assert reader.secrets_in(f"ok: {token}") == [token]
