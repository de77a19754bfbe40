# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""From the options of a cloud module, and its environment, to the clients that it uses."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.icr.access.plugins.module_utils._caller import Caller
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._iam import Iam
from ansible_collections.icr.access.plugins.module_utils._policies import Policies
from ansible_collections.icr.access.plugins.module_utils._registries import (
    check_endpoints,
)
from ansible_collections.icr.access.plugins.module_utils._requests_errors import (
    HAS_REQUESTS,
    REQUESTS_IMPORT_ERROR,
)
from ansible_collections.icr.access.plugins.module_utils._service_ids import (
    ServiceIds,
)
from ansible_collections.icr.access.plugins.module_utils._settings import (
    settings_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible.module_utils.basic import AnsibleModule

# Source: https://cloud.ibm.com/apidocs/iam-identity-token-api
_IAM_URLS = {
    "public": "https://iam.cloud.ibm.com",
    "private": "https://private.iam.cloud.ibm.com",
}
_API_KEY_VARIABLES = ("IC_API_KEY", "IBMCLOUD_API_KEY")
_IAM_TOKEN_VARIABLES = ("IC_IAM_TOKEN", "IBMCLOUD_IAM_TOKEN")
_ENDPOINTS_VARIABLE = "ICR_ENDPOINTS"


@dataclass(frozen=True)
class Credential:
    """Who calls: exactly one of the two is given, and `source` is where it came from."""

    source: str
    api_key: str | None = field(default=None, repr=False)
    iam_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Clients:
    """What a cloud module works with: `iam_url` is without a path, `endpoints` replace IBM
    Cloud's hosts unless None."""

    caller: Caller
    iam_url: str
    endpoints: Mapping[str, object] | None
    wanted_account_id: str | None

    @property
    def iam(self) -> Iam:
        """API keys."""
        return Iam(self.caller, self.iam_url)

    @property
    def service_ids(self) -> ServiceIds:
        """Service IDs."""
        return ServiceIds(self.caller, self.iam_url)

    @property
    def policies(self) -> Policies:
        """What identities may do."""
        return Policies(self.caller, self.iam_url)

    def account_id(self) -> str:
        """The account to work in. May exchange the API key; errors as there.

        Raises `InputError` when the credential is for another account than the option says.
        """
        own = self.caller.account_id()
        wanted = self.wanted_account_id
        if wanted is None and own is None:
            raise InputError(
                "The access token does not say for which account it is; set account_id."
            )
        if wanted is not None and own is not None and wanted != own:
            raise InputError(
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
    if not HAS_REQUESTS:
        module.fail_json(
            msg=missing_required_lib("requests"),
            exception=str(REQUESTS_IMPORT_ERROR),
        )
    params = module.params
    credential = find_credential(params, os.environ)
    endpoints = find_endpoints(params["endpoints"], os.environ)
    for secret in (credential.api_key, credential.iam_token):
        if secret is not None:
            module.no_log_values.add(secret)
    url = iam_url(params["visibility"], endpoints)
    account_id = wanted_account_id(params["account_id"])
    with CloudSession(settings_of(params)) as session:
        caller = Caller(
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
        raise InputError("account_id is empty; where was it to come from?")
    return account_id


def find_credential(params: Mapping, environ: Mapping[str, str]) -> Credential:
    """The options count first, then the variables, an API key before a token. Pure.

    Raises `InputError` when there is none, or when it could be none.
    """
    candidates = [(option, params[option]) for option in ("api_key", "iam_token")]
    for option, names in (
        ("api_key", _API_KEY_VARIABLES),
        ("iam_token", _IAM_TOKEN_VARIABLES),
    ):
        candidates += [
            (f"{option} of {name}", environ.get(name) or None) for name in names
        ]
    for source, secret in candidates:
        if secret is None:
            continue
        if source.startswith("api_key"):
            return Credential(source, api_key=_checked(source, secret))
        # IBM Cloud's CLI shows tokens with this word before them.
        bare = secret[7:] if secret[:7].lower() == "bearer " else secret
        return Credential(source, iam_token=_checked(source, bare))
    raise InputError(
        "IBM Cloud has to know who calls: set api_key or iam_token, or the environment variable "
        "IC_API_KEY or IC_IAM_TOKEN where the module runs."
    )


def find_endpoints(
    given: Mapping[str, object] | None, environ: Mapping[str, str]
) -> Mapping[str, object] | None:
    """What replaces IBM Cloud's hosts: the option, else the file that `ICR_ENDPOINTS` names.

    Raises `InputError` for a file or a value that is not of the shape. Reads that file.
    """
    path = environ.get(_ENDPOINTS_VARIABLE)
    if given is None and path:
        given = _endpoints_of_file(path)
    check_endpoints(None if given is None else dict(given))
    return given


def iam_url(visibility: str, endpoints: Mapping[str, object] | None) -> str:
    """IAM's base URL, without a slash at its end. Pure.

    Raises `InputError` when there are endpoints and IAM is not among them.
    """
    if endpoints is None:
        return _IAM_URLS[visibility]
    url = endpoints.get("iam")
    if not isinstance(url, str):
        raise InputError(
            "endpoints has no URL for iam. Add it, or leave endpoints out for IBM Cloud."
        )
    return url.strip().rstrip("/")


def _endpoints_of_file(path: str) -> Mapping[str, object]:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise InputError(
            f"{_ENDPOINTS_VARIABLE} names {path}, which cannot be read: {reason}."
        ) from None
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        document = document.get("endpoints", document)
    if not isinstance(document, dict):
        raise InputError(
            f"{_ENDPOINTS_VARIABLE} names {path}, which holds no JSON object with the keys iam "
            f"and registry, nor one under the key endpoints."
        )
    return document


def _checked(source: str, secret: str) -> str:
    if not secret.strip():
        raise InputError(f"{source} is empty; where was it to come from?")
    if any(character.isspace() or not character.isprintable() for character in secret):
        raise InputError(
            f"{source} has white space or control characters in it, such as the end of the line "
            f"it was read from; use the trim filter."
        )
    return secret
