# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Who calls IBM Cloud, and for which account."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - IAM API key that calls IBM Cloud, of a user or a service ID.
      - Without it and O(iam_token) the first of the environment variables E(IC_API_KEY), E(IBMCLOUD_API_KEY), E(IC_IAM_TOKEN)
        and E(IBMCLOUD_IAM_TOKEN) that is set where the module runs is taken. An option always beats the environment.
    type: str
    version_added: 0.1.0
  iam_token:
    description:
      - IAM access token that calls IBM Cloud, in place of O(api_key). It lives for an hour at most and is not renewed.
    type: str
    version_added: 0.1.0
  account_id:
    description:
      - Account to work in. Without it, the one that the calling credential is for, which is the only one that works.
      - Give it to make sure of the account.
    type: str
    version_added: 0.1.0
requirements:
  - requests, on the host where the module runs
notes:
  - Without O(endpoints), a JSON file that the environment variable E(ICR_ENDPOINTS) names is read; it has the shape of that option, or
    has it under the key C(endpoints), as the file has that the sandbox writes.
  - Run it in one place, such as the controller, with C(delegate_to) or on C(localhost).
"""

    WAIT = r"""
options:
  wait:
    description:
      - Whether the task ends only when what it made or changed can be used. IBM Cloud shows a change in some of its places seconds or
        minutes after it has confirmed it.
      - Nothing is waited for in check mode, nor, unless a module says otherwise, when nothing was made or changed.
    type: bool
    default: true
    version_added: 0.1.0
  wait_timeout:
    description:
      - How long to wait at most, in seconds or as a span such as V(90s) or V(5m), a day at most. When the time is over the task
        fails, and what was made is kept, unless the module says otherwise.
    type: str
    default: 5m
    version_added: 0.1.0
"""
