# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import json
import multiprocessing
import os
import resource
from pathlib import Path

from ansible.plugins.callback import CallbackBase

PATIENCE = 30.0  # seconds

DOCUMENTATION = """
name: children
type: aggregate
short_description: Writes down what the forks and the modules of a run have cost
description:
  - CPU time, user and system, of all children that ansible-playbook has had and waited for, and the most memory that one of
    them had. What is its own is not part of it.
options: {}
"""


class CallbackModule(CallbackBase):
    """Writes seconds and bytes to the file that `BENCHMARK_CHILDREN` names."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "children"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: object) -> None:
        # The last forks have told their results, and may not have ended: what a process has used
        # counts from its end on.
        for fork in multiprocessing.active_children():
            fork.join(PATIENCE)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost = {
            "user": used.ru_utime,
            "system": used.ru_stime,
            "memory": used.ru_maxrss * 1024,
        }
        Path(os.environ["BENCHMARK_CHILDREN"]).write_text(json.dumps(cost))
