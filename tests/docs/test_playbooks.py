# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A playbook's page is made of the comment at its top."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.docs.site.site_playbooks import (
    as_markdown,
    first_comment,
)

PLAYBOOK = """---
# SPDX-License-Identifier: GPL-3.0-or-later

# Does it:
#
#   ansible-playbook icr.access.it -e it_name=x
#
# In one go.
#
#   it_name   its name
#   it_*, that_one: as for the other
#
# That is all.
- name: Do it
  # Not this.
  hosts: all
"""
PAGE = """
Does it:

```console
ansible-playbook icr.access.it -e it_name=x
```

In one go.

| Variable | Meaning |
| --- | --- |
| `it_name` | its name |
| `it_*`<br>`that_one` | as for the other |

That is all.
"""


def test_paragraphs_command_and_table() -> None:
    assert as_markdown(first_comment(PLAYBOOK)) == PAGE.strip().splitlines()


def test_what_is_neither_command_nor_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="neither a command nor a variable: -x"):
        as_markdown(["  -x"])
