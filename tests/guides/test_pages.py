# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Pages are read as they are written."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.tests.guides.pages import (
    Command,
    Page,
    read_page,
)

PAGE = """
# A page

```yaml
# first.yml
- name: Do it
  hosts: all
```

```text
- name: To be looked at
```

```console
ansible-playbook first.yml
FLAG=1 ansible-playbook \\
  first.yml   # changes nothing

echo "a#b"
```
"""


def test_files_and_commands() -> None:
    assert read_page(PAGE) == Page(
        {"first.yml": "# first.yml\n- name: Do it\n  hosts: all\n"},
        (
            Command("ansible-playbook first.yml"),
            Command("FLAG=1 ansible-playbook    first.yml", "changes nothing"),
            Command('echo "a#b"'),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```yaml\n- hosts: all\n```\n", id="no name"),
        pytest.param("```yaml\n# Two words\n- hosts: all\n```\n", id="a sentence"),
        pytest.param("```yaml\n# a.yml\n```\n\n```yaml\n# a.yml\n```\n", id="twice"),
    ],
)
def test_files_need_names_of_their_own(text: str) -> None:
    with pytest.raises(ValueError, match="needs a name of its own"):
        read_page(text)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [("changes nothing", True), ("changes nothing much", False), ("", False)],
)
def test_what_a_comment_says(comment: str, expected: bool) -> None:
    assert Command("true", comment).changes_nothing is expected
