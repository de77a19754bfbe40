# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The clients that a cloud module uses."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.icr.access.plugins.module_utils import (
    _call_options,
    _caller,
    _cloud,
    _errors,
    _iam,
    _policies,
    _requests_errors,
    _service_ids,
    _settings,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible.module_utils.basic import AnsibleModule


@dataclass(frozen=True)
class Clients:
    """What a cloud module works with: `iam_url` is without a path, `endpoints` replace IBM
    Cloud's hosts unless None."""

    caller: _caller.Caller
    iam_url: str
    endpoints: Mapping[str, object] | None
    wanted_account_id: str | None

    @property
    def iam(self) -> _iam.Iam:
        """API keys."""
        return _iam.Iam(self.caller, self.iam_url)

    @property
    def service_ids(self) -> _service_ids.ServiceIds:
        """Service IDs."""
        return _service_ids.ServiceIds(self.caller, self.iam_url)

    @property
    def policies(self) -> _policies.Policies:
        """What identities may do."""
        return _policies.Policies(self.caller, self.iam_url)

    def account_id(self) -> str:
        """The account to work in. May exchange the API key; errors as there.

        Raises `InputError` when the credential is for another account than the option says.
        """
        own = self.caller.account_id()
        wanted = self.wanted_account_id
        if wanted is None and own is None:
            raise _errors.InputError(
                "The access token does not say for which account it is; set account_id."
            )
        if wanted is not None and own is not None and wanted != own:
            raise _errors.InputError(
                f"account_id is {wanted}, but the credential that calls IBM Cloud is for account "
                f"{own}: call with one of that account, or leave account_id out."
            )
        return wanted or own or ""


@contextlib.contextmanager
def connected(module: AnsibleModule) -> Iterator[Clients]:
    """The clients that a module's options ask for; nothing is sent before they are used.

    Raises `InputError` for options that make no sense; ends the module when the Python
    library requests is missing. Reads the environment and the file of `ICR_ENDPOINTS`.
    """
    if not _requests_errors.HAS_REQUESTS:
        module.fail_json(
            msg=missing_required_lib("requests"),
            exception=str(_requests_errors.REQUESTS_IMPORT_ERROR),
        )
    params = module.params
    credential = _call_options.find_credential(params, os.environ)
    endpoints = _call_options.find_endpoints(params["endpoints"], os.environ)
    for secret in (credential.api_key, credential.iam_token):
        if secret is not None:
            module.no_log_values.add(secret)
    url = _call_options.iam_url(params["visibility"], endpoints)
    account_id = wanted_account_id(params["account_id"])
    with _cloud.CloudSession(_settings.settings_of(params)) as session:
        caller = _caller.Caller(
            session,
            url,
            api_key=credential.api_key,
            iam_token=credential.iam_token,
        )
        yield Clients(caller, url, endpoints, account_id)


def wanted_account_id(given: str | None) -> str | None:
    """The option of that name as access tokens spell it. Pure. Raises `InputError`."""
    if given is None:
        return None
    account_id = given.strip().lower()
    if not account_id:
        raise _errors.InputError("account_id is empty; where was it to come from?")
    return account_id
