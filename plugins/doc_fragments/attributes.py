# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What modules promise, said once."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: With C(check_mode) the module reads and decides as usual, and changes nothing.
  diff_mode:
    description: With C(diff) the module shows what it changes, or would change with C(check_mode).
  idempotent:
    description: Running the module a second time with the same options changes nothing, unless somebody else did.
  platform:
    description: Systems that the module can run on.
    support: full
    platforms: posix
  action_group:
    description: The group under which C(module_defaults) sets options for this module and its relatives.
"""

    # For the modules that run on build hosts.
    HOSTS = r"""
options: {}
attributes:
  action_group:
    support: full
    membership:
      - icr.access.icr_hosts
"""

    # For the modules that call IBM Cloud. Not named after the fragment cloud, which Ansible would take instead.
    ICR = r"""
options: {}
attributes:
  action_group:
    support: full
    membership:
      - icr.access.icr
"""

    # For modules that only look.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
    details:
      - This module changes nothing.
"""
