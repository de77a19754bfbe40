# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The action `ask_sandbox`: one request to the sandbox, sent by the controller itself.

As `ansible.builtin.uri` does it, with the options of that name (`url`, `method`, `headers`, `body`,
`body_format`) and its result `json`, but without a process: a third of all tasks of the targets
prepare the sandbox. A body makes it a POST. Any answer but one of success fails the task.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """One for each task."""

    _supports_check_mode = True
    _VALID_ARGS = frozenset(("url", "method", "headers", "body", "body_format"))

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The result; `json` is None when nothing was answered."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            return {**result, "json": ask(**self._task.args)}
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            return {**result, "failed": True, "msg": f"{error}: {said}"}


def ask(
    url: str,
    method: str | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
    body_format: str = "json",
) -> object:
    """Send it. Raises `urllib.error.HTTPError`."""
    data = None
    headers = dict(headers or {})
    if body is not None and body_format == "json":
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        headers["Content-Type"] = "application/json"
    elif body is not None:
        data = urllib.parse.urlencode(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - the sandbox only
    # No proxy: it is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None
