# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What a registry is asked, how, and what it says: values without behaviour."""

from __future__ import annotations

import random
import time

from ansible_collections.icr.access.plugins.module_utils import _named_tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible_collections.icr.access.plugins.module_utils import _http

# Statuses that refuse a credential: IBM's token service answers 400, others 401.
REFUSALS = (400, 401, 403)


# What goes with a secret as user name, by the option that takes the secret.
# Source: https://cloud.ibm.com/docs/Registry?topic=Registry-registry_access
USER_NAMES = {
    "api_key": "iamapikey",
    "iam_token": "iambearer",
    "refresh_token": "iamrefresh",
    "registry_token": "token",
}


class Credential(_named_tuple.NamedTuple):
    """User name and secret, as they stand in an auth file."""

    username: str
    secret: str

    def __repr__(self) -> str:
        return f"Credential({self.username!r})"


class Verdict(_named_tuple.NamedTuple):
    """What a registry said of a credential.

    `accepted` is True if proven, False if refused, None if it can be neither (the registry
    answers without credentials); `reason` is empty if proven, else one line for a person.
    `permissions` is `{"pull": {REPOSITORY: bool or None}, "push": {...}}`, None where it was
    not found out. `url`, `status`, `code` and `trace_id` are those of the answer that decided against
    the credential, None where there is none.
    """

    accepted: bool | None
    reason: str = ""
    permissions: Mapping[str, dict[str, bool | None]] = {}
    url: str | None = None
    status: int | None = None
    code: str | None = None
    trace_id: str | None = None


class RefusalError(Exception):
    """A token service or a registry does not take the credential, by this answer."""

    def __init__(self, answer: _http.Answer) -> None:
        super().__init__()
        self.answer = answer


class Settings(_named_tuple.NamedTuple):
    """How to ask: `timeout` in seconds for each request, `retries` of what may pass by itself.

    `ca_path` is a PEM file or a folder with hashed names; None means `REQUESTS_CA_BUNDLE`,
    `SSL_CERT_FILE` or the system's store. `trusted_realms` are hosts (`HOST` or `HOST:PORT`)
    that may be given the credential although they are not the registry. The last three are the
    world's: a pause of so many seconds, a number below 1, seconds since the epoch.
    """

    timeout: float = 10.0
    retries: int = 3
    ca_path: str | None = None
    validate_certs: bool = True
    trusted_realms: tuple[str, ...] = ()
    sleep: Callable[[float], object] = time.sleep
    random: Callable[[], float] = random.random
    now: Callable[[], float] = time.time


class Job(_named_tuple.NamedTuple):
    """One question for a registry; the fields are the arguments of `RegistryLogin.verify`."""

    urls: tuple[str, ...]
    credential: Credential
    pull: tuple[str, ...] = ()
    push: tuple[str, ...] = ()
    try_push: bool = True
