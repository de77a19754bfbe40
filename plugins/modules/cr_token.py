#!/usr/bin/python
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
module: cr_token
short_description: Manage a registry token
version_added: 0.1.0
description:
  - Makes sure that there is, or is not, a token for the registry of one region, with which anybody who holds it can pull, or pull
    and push, in every namespace of the account. This is what C(ibmcloud cr token-add), C(token-get) and C(token-rm) gave.
  - Log in with it as O(icr.access.cr_login#module:registry_token), or with the user name C(token).
  - A token is left alone while one of that description and access exists that has not expired. One of another access is replaced,
    the new token made before the old one is removed.
  - Where several hosts run the task, use C(run_once). Runs that make a token of the same description at the same time notice each
    other, remove what they made and fail.
extends_documentation_fragment:
  - icr.access.attributes
  - icr.access.attributes.icr
  - icr.access.cloud
  - icr.access.connection
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  backend:
    description:
      - What makes the token. V(registry) is the original service of the registry, which IBM ended. No token can be made with it
        since 2019-07-01 and none is accepted since 2021-08-19, so that on IBM Cloud it is good for nothing but an error that says
        what to use instead. It works with the sandbox in its historical mode.
    type: str
    choices: [registry]
    required: true
    version_added: 0.1.0
  region:
    description:
      - The region of the registry, as in M(icr.access.cr_login), but one only.
    type: str
    required: true
    version_added: 0.1.0
  description:
    description:
      - What the token is for. It is also how the token is found again. Two tokens that have it are an error; expired and revoked
        ones do not count.
    type: str
    version_added: 0.1.0
  token_id:
    description:
      - The id of a token that exists. Ids are given by the registry, so that a token cannot be made, or replaced, by its id.
    type: str
    version_added: 0.1.0
  state:
    description:
      - With V(present) the token exists. With V(absent) it does not, and no other token is touched.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.1.0
  readwrite:
    description:
      - Whether the token may push too.
    type: bool
    default: false
    version_added: 0.1.0
  non_expiring:
    description:
      - Whether the token lives for ever instead of 24 hours.
    type: bool
    default: false
    version_added: 0.1.0
  renew_before:
    description:
      - Replace the token when less than this span of time is left to it, such as V(30m), V(2h) or a number of seconds.
      - Without it a token is used until it has expired, and another one made then.
    type: str
    version_added: 0.1.0
seealso:
  - module: icr.access.cr_token_info
  - module: icr.access.cr_login
author:
  - Contributors to the icr.access project (@icr-access)
"""

EXAMPLES = r"""
- name: Have a read-only token for the test cluster, in a sandbox of historical mode
  icr.access.cr_token:
    backend: registry
    region: us-south
    description: test cluster
    renew_before: 2h
    endpoints: "{{ sandbox_cloud.endpoints }}"
    api_key: "{{ sandbox_cloud.api_key }}"
  register: pull_token
  no_log: true

- name: Log in with it
  icr.access.cr_login:
    region: us-south
    registry_token: "{{ pull_token.token }}"
    endpoints: "{{ sandbox_cloud.endpoints }}"

- name: Remove exactly that token
  icr.access.cr_token:
    backend: registry
    region: us-south
    token_id: "{{ pull_token.token_id }}"
    state: absent
    endpoints: "{{ sandbox_cloud.endpoints }}"
    api_key: "{{ sandbox_cloud.api_key }}"
"""

RETURN = r"""
token_id:
  description:
    - The id of the token, or of the one that was removed.
    - V(null) when there is none, and in check mode when one would be made.
  returned: success
  type: str
  sample: 4bf2f1ab-7c37-5e8f-9c1c-8d4b2f9d2d6c
token:
  description:
    - The token itself, which is a secret, on every run with O(state=present). Use C(no_log) in the task.
    - V(null) with O(state=absent), and in check mode when one would be made.
  returned: success
  type: str
  sample: eyJhbGciOi…
username:
  description: The user name to log in with.
  returned: success
  type: str
  sample: token
description:
  description: The description of the token, V(null) when there is none.
  returned: success
  type: str
  sample: test cluster
readwrite:
  description: Whether the token may push too, V(null) when there is none.
  returned: success
  type: bool
  sample: false
non_expiring:
  description: Whether the token never ends, V(null) when there is none.
  returned: success
  type: bool
  sample: false
expires_at:
  description: When the token ends, in UTC. V(null) for one that never does, when there is none, and in check mode when one would
    be made.
  returned: success
  type: str
  sample: '2026-11-21T20:15:00Z'
region:
  description: The current name of the region.
  returned: success
  type: str
  sample: us-south
registry:
  description: The registry that the token is for, as C(host[:port]).
  returned: success
  type: str
  sample: us.icr.io
error:
  description: The service's part in a failure, to branch on.
  returned: when a service had a part in a failure
  type: dict
  contains:
    url:
      description: What was asked, without its query.
      type: str
    status:
      description: HTTP status of the answer.
      type: int
    code:
      description: The service's own code.
      type: str
    trace_id:
      description: What IBM's support asks for.
      type: str
"""

from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.icr.access.plugins.module_utils._clients import (
    Clients,
    connected,
)
from ansible_collections.icr.access.plugins.module_utils._durations import (
    parse_duration,
)
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    ApiError,
    InputError,
)
from ansible_collections.icr.access.plugins.module_utils._module import (
    CLOUD_OPTIONS,
    ONE_CALLER,
    finish,
    reporting,
)
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    REMOVE,
    UPDATE,
    Plan,
)
from ansible_collections.icr.access.plugins.module_utils._registries import (
    one_region_registry,
)
from ansible_collections.icr.access.plugins.module_utils._registry_api import (
    RegistryApi,
)
from ansible_collections.icr.access.plugins.module_utils._registry_tokens import (
    LIFETIME,
    USERNAME,
    RegistryToken,
    refuse_value,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPTIONS = {
    "backend": {"type": "str", "choices": ["registry"], "required": True},
    "region": {"type": "str", "required": True},
    "description": {"type": "str"},
    # An id opens nothing; it is the name under which a token is found.
    "token_id": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "readwrite": {"type": "bool", "default": False},
    "non_expiring": {"type": "bool", "default": False},
    "renew_before": {"type": "str"},
    **CLOUD_OPTIONS,
}

NO_TOKEN = dict.fromkeys(
    ("token_id", "description", "readwrite", "non_expiring", "expires_at")
)


@dataclass(frozen=True)
class Wanted:
    """What the options ask for: either `description` or `token_id` names the token, and
    `renew_before` is in seconds."""

    absent: bool
    description: str | None
    token_id: str | None
    readwrite: bool = False
    non_expiring: bool = False
    renew_before: int = 0


def wanted(params: Mapping) -> Wanted:
    """Pure. Raises `InputError` for options that make no sense."""
    for option in ("description", "token_id"):
        if params[option] is not None and not params[option].strip():
            raise InputError(f"{option} is empty; which token is meant?")
    renew_before = parse_duration(params["renew_before"] or "0", "renew_before")
    if renew_before >= LIFETIME and not params["non_expiring"]:
        raise InputError(
            f"renew_before is {params['renew_before']}, but a token lives 24 hours: it would be "
            "replaced in every run. Give less than 24h."
        )
    return Wanted(
        absent=params["state"] == "absent",
        description=params["description"],
        token_id=params["token_id"],
        readwrite=params["readwrite"],
        non_expiring=params["non_expiring"],
        renew_before=renew_before,
    )


def find_token(
    tokens: Sequence[RegistryToken], want: Wanted, now: float
) -> RegistryToken | None:
    """The token that is meant, None when there is none. Pure.

    Raises `InputError` when a description means several that could be used. `now` in seconds
    since 1970, UTC.
    """
    if want.token_id is not None:
        return next((token for token in tokens if token.id == want.token_id), None)
    found = [
        token
        for token in tokens
        if token.description == want.description and token.is_alive(now)
    ]
    if len(found) > 1:
        ids = ", ".join(sorted(token.id for token in found))
        raise InputError(
            f"{len(found)} tokens have the description {want.description!r}: {ids}. "
            f"{what_to_remove(found, want, now)}"
        )
    return found[0] if found else None


def what_to_remove(found: Sequence[RegistryToken], want: Wanted, now: float) -> str:
    """What to do about several tokens of one description. Pure.

    When one alone is as wanted, the others are most likely what it was to replace.
    """
    unfit = [(token.id, why_unfit(token, want, now)) for token in found]
    reasons = [f"{token_id} {reason}" for token_id, reason in unfit if reason]
    if want.absent or len(reasons) != len(found) - 1:
        return "Say by token_id which one is meant, or remove what is too much."
    return f"Remove what is not as wanted (state: absent, by its token_id): {'; '.join(reasons)}."


def plan(current: RegistryToken | None, want: Wanted, now: float) -> Plan:
    """What to do about the token that is meant. Pure.

    Raises `InputError` when a token that is named by its id is not there, or is not as wanted:
    whatever replaces it would have another id.
    """
    if want.absent:
        return Plan.nothing(None) if current is None else Plan.remove(current.shown())
    if want.token_id is not None and current is None:
        raise InputError(
            f"There is no token {want.token_id} in this region. The registry gives the ids: to "
            "have a token made, give description instead of token_id."
        )
    reason = None if current is None else why_unfit(current, want, now)
    if want.token_id is not None and reason is not None:
        raise InputError(
            f"The token {want.token_id} {reason}. What takes its place would have another id: to "
            "have it replaced, give description instead of token_id."
        )
    if current is not None and reason is None:
        return Plan.nothing(current.shown())
    predicted = {
        "token_id": None,
        "description": want.description,
        "readwrite": want.readwrite,
        "non_expiring": want.non_expiring,
        "expires_at": None,
    }
    if current is None:
        return Plan.create(predicted)
    return Plan(UPDATE, current.shown(), predicted, predicted)


def why_unfit(current: RegistryToken, want: Wanted, now: float) -> str | None:
    """Why a token is not as wanted, to be read after its name; None when it is. Pure."""
    if not current.is_alive(now):
        return "is revoked" if current.is_revoked else "has expired"
    if current.readwrite != want.readwrite:
        may = "may push" if current.readwrite else "may only pull"
        return f"{may}, and readwrite is {str(want.readwrite).lower()}"
    if current.expires_at is None:
        return None if want.non_expiring else "never expires, and non_expiring is false"
    if want.non_expiring:
        return "expires, and non_expiring is true"
    if current.expires_at - now < want.renew_before:
        return "has less time left than renew_before asks for"
    return None


def apply(
    step: Plan,
    current: RegistryToken | None,
    want: Wanted,
    api: RegistryApi,
    known: Sequence[RegistryToken],
) -> RegistryToken | None:
    """Does what was planned, the only place that writes. Gives the token that it made, if any.

    `known` are the tokens that were there before. Raises `AccessError` when another run has
    made one of that description at the same time; ours is removed then.
    """
    made = None
    if step.action in (CREATE, UPDATE):
        made = api.create_token(
            want.description or "",
            readwrite=want.readwrite,
            non_expiring=want.non_expiring,
        )
        rivals = find_rivals(made, want, api, known)
        if rivals:
            raise withdrawn(made, rivals, api)
    if step.action in (UPDATE, REMOVE) and current is not None:
        try:
            api.delete_token(current.id)
        except AccessError as error:
            raise (told_of_both(error, current, made) if made else error) from None
    return made


def find_rivals(
    made: RegistryToken,
    want: Wanted,
    api: RegistryApi,
    known: Sequence[RegistryToken],
) -> list[str]:
    """The ids of tokens of that description that others have made since we looked."""
    try:
        listing = api.list_tokens()
    except AccessError:
        # A token that was made is worth more than the proof that there is no second one.
        return []
    ours = {made.id, *(token.id for token in known)}
    return sorted(
        token.id
        for token in listing.tokens
        if token.id not in ours
        and token.description == want.description
        and token.is_alive(listing.now)
    )


def withdrawn(
    made: RegistryToken, rivals: Sequence[str], api: RegistryApi
) -> AccessError:
    """Removes our token again, for the error that tells why.

    Whoever sees a rival gives way, whichever is first in any order: the other run may have
    looked before ours was there, and would never know that it has to.
    """
    told = f"Another run has made token {', '.join(rivals)} of the same description at the same time"
    advice = (
        "Give the task run_once: true where several hosts run it, and run it again."
    )
    try:
        api.delete_token(made.id)
    except AccessError as error:
        return type(error)(
            f"{told}, and {made.id}, made here, could not be removed: {error} Remove it (state: "
            f"absent, token_id: {made.id}). {advice}",
            url=error.url,
            status=error.status,
            code=error.code,
            trace_id=error.trace_id,
        )
    return ApiError(f"{told}; {made.id}, made here, was removed again. {advice}")


def told_of_both(
    error: AccessError, old: RegistryToken, new: RegistryToken
) -> AccessError:
    """Why the old token could not be removed, and what is left behind by that. Pure."""
    return type(error)(
        f"{error} Token {new.id} has been made to take the place of {old.id}, so that both are "
        f"there now: remove the old one (state: absent, token_id: {old.id}).",
        url=error.url,
        status=error.status,
        code=error.code,
        trace_id=error.trace_id,
    )


def value_of(token: RegistryToken, api: RegistryApi) -> str:
    """The token itself. Raises `ApiError` when it is not there any more."""
    value = api.find_value(token.id)
    if value is None:
        raise ApiError(
            f"Token {token.id} has vanished while it was looked at. Run the task again."
        )
    return value


def run(module: AnsibleModule, clients: Clients) -> None:
    params = module.params
    want = wanted(params)
    registry = one_region_registry(
        params["region"], params["visibility"], clients.endpoints
    )
    api = RegistryApi(clients.caller, registry, clients.account_id())
    listing = api.list_tokens()
    current = find_token(listing.tokens, want, listing.now)
    step = plan(current, want, listing.now)
    told, value = step.after or step.before or NO_TOKEN, None
    if not step.is_change and current is not None:
        value = value_of(current, api)
    elif step.is_change and not module.check_mode:
        made = apply(step, current, want, api, listing.tokens)
        if made is not None:
            told, value = made.shown(), made.value
    finish(
        module,
        changed=step.is_change,
        diff=step.diff(),
        **told,
        token=value,
        username=USERNAME,
        region=registry.region,
        registry=registry.host,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        mutually_exclusive=[ONE_CALLER, ("description", "token_id")],
        required_one_of=[("description", "token_id")],
        supports_check_mode=True,
    )
    with reporting(module):
        refuse_value(module.params["token_id"], module.no_log_values.add)
        with connected(module) as clients:
            run(module, clients)


if __name__ == "__main__":
    main()
