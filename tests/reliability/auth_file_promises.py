# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is promised of auth files, whatever stands in them. Each function raises AssertionError
where a promise is broken."""

from __future__ import annotations

import json
import math
from typing import Any

from ansible_collections.icr.access.plugins.module_utils._auth_document import (
    MalformedError,
    parse,
)
from ansible_collections.icr.access.plugins.module_utils._authfile import (
    Login,
    find_helper,
    find_login,
    has_entry,
)
from ansible_collections.icr.access.plugins.module_utils._authfile_edit import (
    render,
    with_login,
    without_credentials,
    without_login,
)
from ansible_collections.icr.access.plugins.module_utils._helper_login import (
    has_credentials,
)
from ansible_collections.icr.access.plugins.module_utils._login_survey import list_hosts
from ansible_collections.icr.access.plugins.module_utils._podman_files import (
    holds_auth,
    list_parts,
)
from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
)
from ansible_collections.icr.access.tests.reliability.auth_files import CLIENTS, HOST
from ansible_collections.icr.access.tests.reliability.fuzzing import check_error

_DEEPEST = 100


def same(one: object, other: object) -> bool:
    """Whether two JSON values are the same, with the order of their keys and their types."""
    return json.dumps(one) == json.dumps(other)


def is_read_back(document: dict[str, Any]) -> None:
    """What was rendered is parsed to the same document."""
    assert same(parse(render(document)), document)


def is_read_or_refused(raw: bytes) -> None:
    """A file is understood completely, or refused for a reason by an error of ours."""
    try:
        document = parse(raw)
    except MalformedError as error:
        check_error(error)
        assert is_unfit(raw), "a good file is refused"
        return
    assert not is_unfit(raw), "something of that file would be lost"
    if raw.strip():
        assert same(document, json.loads(raw))
    is_read_back(document)
    is_answered_or_refused(document)


def is_answered_or_refused(document: dict[str, Any]) -> None:
    """Every question to a document has an answer or an error of ours, and nothing changes it."""
    before = json.dumps(document)
    for client in CLIENTS:
        for ask in (
            lambda: list_hosts(document),
            lambda: list_parts(document, HOST),
            lambda: has_entry(document, HOST),
            lambda: has_credentials(document, HOST),
            lambda: holds_auth(document, HOST),
            lambda: find_helper(document, HOST, client),  # noqa: B023 - called before the loop goes on
            lambda: find_login(document, HOST, client),  # noqa: B023 - called before the loop goes on
            lambda: render(without_credentials(document, HOST)),
            lambda: render(without_login(document, HOST)),
            lambda: render(with_login(document, HOST, "iamapikey", "secret")),
        ):
            try:
                ask()
            except MalformedError as error:
                check_error(error)
    assert json.dumps(document) == before


def others_are_kept(document: dict[str, Any], username: str, secret: str) -> None:
    """Logging in, and out again, changes the login of that host and nothing else."""
    rest = without_login(document, HOST)
    logged_in = with_login(document, HOST, username, secret)
    stored = parse(render(logged_in))
    for client in CLIENTS:
        assert find_login(stored, HOST, client) == Login(username, secret)
    assert same(with_login(stored, HOST, username, secret), stored)
    assert list(logged_in) == list(dict.fromkeys([*document, "auths"]))
    for changed in (logged_in, rest, without_credentials(document, HOST)):
        assert same(_others(changed), _others(document))
    logged_out = without_login(logged_in, HOST)
    assert not has_entry(logged_out, HOST)
    # a document without any logins is left with an empty place for them
    assert same(logged_out, {**rest, "auths": rest.get("auths") or {}})


def _others(document: dict[str, Any]) -> dict[str, Any]:
    """Everything that does not belong to the host, in its order."""
    auths = document.get("auths") or {}
    kept = {key: value for key, value in auths.items() if host_of_key(key) != HOST}
    return {**{k: v for k, v in document.items() if k != "auths"}, "auths": kept}


class _Pairs(list[Any]):
    """An object of JSON as it was written, each key as often as it stood there."""


def is_unfit(raw: bytes) -> bool:
    """Whether no auth file that is written back as it was can look like this: told by Python's
    reader alone, of what every client must be able to read."""
    if not raw.strip():
        return False
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return True
    return not isinstance(found, _Pairs) or _is_lossy(found)


def _is_lossy(tree: object) -> bool:
    waiting = [(tree, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return True
        if isinstance(value, _Pairs):
            if len({key for key, _inner in value}) < len(value):
                return True
            waiting += [(inner, depth + 1) for _key, inner in value]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]
        if depth > _DEEPEST and isinstance(value, list) and value:
            return True
    return False
