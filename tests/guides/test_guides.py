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
- name: Have a namespace
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Have a namespace
      icr.access.cr_namespace:
        name: team-b
        region: eu-de
"""
KEY = Command("read -rs IC_API_KEY && export IC_API_KEY")
RUN = Command("ansible-playbook it.yml")
AGAIN = Command("ansible-playbook it.yml", "changes nothing")


@pytest.mark.parametrize(
    ("text", "commands", "expected"),
    [
        pytest.param(GOOD, (KEY, RUN, AGAIN), 3, id="as it should be"),
        pytest.param(GOOD, (KEY, AGAIN), 1, id="changes something"),
        pytest.param(GOOD.replace("eu-de", "mars"), (KEY, RUN), 1, id="fails"),
        pytest.param(GOOD, (KEY, Command("false"), RUN), 1, id="a command fails"),
        pytest.param(
            GOOD, (KEY, Command("true", "changes nothing")), 1, id="no playbook ran"
        ),
    ],
)
def test_what_is_wrong_is_found(
    reader: Reader, text: str, commands: tuple[Command, ...], expected: int
) -> None:
    done = reader.follow(Page({"it.yml": text}, commands))
    good = [each for each in done if each.has_shown_what_it_is_to_show()]
    assert len(good) == expected, told(done)


# A page that makes a token, shows it and takes it back.
MAKING = """
- name: Make a token
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Make it
      icr.access.cr_token:
        region: eu-de
        description: pipelines
      register: token
    - name: Show it
      ansible.builtin.debug:
        msg: "{{ token.token }}"
"""
REMOVING = """
- name: Take the token back
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Have no such token
      icr.access.cr_token:
        region: eu-de
        description: pipelines
        state: absent
"""


def test_secret_that_is_shown_is_found(reader: Reader) -> None:
    files = {"it.yml": MAKING, "end.yml": REMOVING}
    done = reader.follow(Page(files, (KEY, RUN, Command("ansible-playbook end.yml"))))
    assert [each.status for each in done] == [0, 0, 0], told(done)
    (value,) = reader.secrets_in("".join(each.output for each in done))
    left = [key.value for key in reader.cloud.app.state.api_keys.values()]
    assert value not in left


def test_access_token_that_is_shown_is_found(reader: Reader) -> None:
    token = reader.cloud.owner
    assert reader.secrets_in(f"ok: {token}") == [token]
