# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How the controller has a host run `cr_login`: as it has it run any module.

Ansible looks for an action of a module's name before it takes its own for all of them. Where there is none, it looks through all of
its folders again for each host. That is why there is one.
"""

from __future__ import annotations

from ansible.plugins.action import normal


class ActionModule(normal.ActionModule):
    """Ansible's own for modules, in check mode and in the background, too. It adds nothing."""
