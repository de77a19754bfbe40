# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What answers in place of registries."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.icr.access.plugins.module_utils._errors import AccessError
from ansible_collections.icr.access.plugins.module_utils._verdict import Job, Verdict


class Registries:
    """Stand in for all registries: record what they are asked, answer what a test chose.

    `said` holds answers by `host[:port]` and by secret; all else is accepted.
    """

    def __init__(self) -> None:
        self.asked: list[Job] = []
        self.said: dict[str, Verdict | AccessError] = {}

    def verify_all(self, jobs: Sequence[Job]) -> list[Verdict | AccessError]:
        self.asked += jobs
        return [self._answer(job) for job in jobs]

    @property
    def hosts(self) -> list[str]:
        """Who was asked, in order."""
        return [job.urls[0].split("://")[1] for job in self.asked]

    def _answer(self, job: Job) -> Verdict | AccessError:
        host = job.urls[0].split("://")[1]
        kinds = {"pull": job.pull, "push": job.push}
        accepted = Verdict(
            True,
            "",
            {
                kind: dict.fromkeys(
                    names, None if kind == "push" and not job.try_push else True
                )
                for kind, names in kinds.items()
            },
        )
        return self.said.get(job.credential.secret) or self.said.get(host) or accepted
