# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

DOCUMENTATION = r"""
name: iam_token
short_description: An IAM access token for an API key
version_added: 0.1.0
description:
  - Exchanges an IAM API key for an access token, which lives for an hour at most. Give it to hosts that are to log in without ever
    holding the key, as O(icr.access.cr_login#module:iam_token).
  - The key is exchanged once in a run, however many hosts ask for the token, in whatever order. The token is kept in a file that only
    the user has access to, in the folder for temporary files that Ansible removes at the end of the run. When half of its life is
    over, in a run that takes longer than that, it is exchanged again.
  - A failure is kept beside it for five minutes and told to every other host that asks in the same way, so that a service which
    does not answer holds the run up once and not once for each host.
options:
  _terms:
    description:
      - The API key, in place of O(api_key). There can be one only.
  api_key:
    description:
      - The API key.
      - Without it and a term, the first of the controller's environment variables E(IC_API_KEY) and E(IBMCLOUD_API_KEY) that is set.
    type: str
    version_added: 0.1.0
  visibility:
    description:
      - With V(private), the IAM host that is reached from inside IBM Cloud only.
    type: str
    choices: [public, private]
    default: public
    version_added: 0.1.0
  endpoints:
    description:
      - Endpoints that replace IBM Cloud's hosts, as in M(icr.access.cr_apikey).
      - Without it, a JSON file that the environment variable E(ICR_ENDPOINTS) names is read.
    type: dict
    version_added: 0.1.0
  ca_path:
    description:
      - Certificates that are trusted as authorities, a PEM file or a folder of hashed certificates, on the controller.
      - Without it the environment variables E(REQUESTS_CA_BUNDLE) and E(SSL_CERT_FILE) are honoured, then the system's store.
    type: path
    version_added: 0.1.0
  validate_certs:
    description:
      - Whether certificates are checked. Without that check, whoever sits in between can read the key.
    type: bool
    default: true
    version_added: 0.1.0
  timeout:
    description:
      - Seconds that one request may take.
    type: float
    default: 10
    version_added: 0.1.0
  retries:
    description:
      - How often the exchange is repeated after a failed connection, an answer 429 or a server error.
    type: int
    default: 3
    version_added: 0.1.0
requirements:
  - requests, on the controller
notes:
  - Options that C(module_defaults) gives to modules do not reach a lookup.
seealso:
  - module: icr.access.cr_login
author:
  - Contributors to the icr.access project (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Log hosts in for an hour, with a key that they never see
  icr.access.cr_login:
    region: us-south
    iam_token: "{{ lookup('icr.access.iam_token', api_key=registry_api_key) }}"

- name: Take the key from the controller's environment
  icr.access.cr_login:
    region: us-south
    iam_token: "{{ lookup('icr.access.iam_token') }}"
"""

RETURN = r"""
_raw:
  description: The access token, which is a secret.
  type: list
  elements: str
"""

import os

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.icr.access.plugins.module_utils import (
    _call_options,
    _errors,
    _settings,
    _shared_token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.icr.access.plugins.module_utils import _verdict

OPTIONS = (
    "api_key",
    "visibility",
    "endpoints",
    "ca_path",
    "validate_certs",
    "timeout",
    "retries",
)
VARIABLES = ("IC_API_KEY", "IBMCLOUD_API_KEY")


def find_api_key(terms: list, option: str | None, environ: Mapping[str, str]) -> str:
    """The key to exchange: a term or the option, else from the environment. Pure.

    Raises `InputError` when there is none, or more than one.
    """
    given = [unveiled(key) for key in (*terms, option) if key is not None]
    if len(given) > 1 or not all(isinstance(key, str) for key in given):
        raise _errors.InputError(
            "iam_token takes one API key, as its only term or as api_key."
        )
    found = {name: environ[name] for name in VARIABLES if environ.get(name)}
    if not given and not found:
        raise _errors.InputError(
            "iam_token needs an API key: give api_key, or set the environment variable "
            f"{VARIABLES[0]} on the controller."
        )
    params = {"api_key": given[0] if given else None, "iam_token": None}
    return _call_options.find_credential(params, found).api_key or ""


def unveiled(key: object) -> object:
    """The key itself: a vaulted one is no text for ansible-core 2.18, but becomes one."""
    return str(key) if hasattr(type(key), "__ENCRYPTED__") else key


def find_token(terms: list, options: Mapping, environ: Mapping[str, str]) -> str:
    """What the lookup gives. Raises the errors of the client, and `AuthFileError`."""
    api_key = find_api_key(terms, options["api_key"], environ)
    settings = _settings.settings_of(options)
    url = _call_options.iam_url(
        options["visibility"],
        _call_options.find_endpoints(options["endpoints"], environ),
    )

    def make() -> str:
        return exchanged(api_key, url, settings)

    path = _shared_token.file_of(constants.DEFAULT_LOCAL_TMP, api_key, url)
    return _shared_token.shared(
        path, make, _shared_token.failure_file_of(path, settings)
    )


def exchanged(api_key: str, url: str, settings: _verdict.Settings) -> str:
    """The access token that IAM at `url` gives for the key. Raises the errors of the client, and
    `AnsibleLookupError` when the Python library requests is missing."""
    # One host of a run needs these; to load them costs the others more than all the rest.
    from ansible.module_utils.basic import missing_required_lib

    from ansible_collections.icr.access.plugins.module_utils import (
        _caller,
        _cloud,
        _requests_errors,
    )

    if not _requests_errors.HAS_REQUESTS:
        raise AnsibleLookupError(missing_required_lib("requests"))
    with _cloud.CloudSession(settings) as session:
        return _caller.Caller(session, url, api_key=api_key).access_token()


class LookupModule(LookupBase):
    """What Ansible looks for."""

    def run(
        self, terms: list, variables: dict | None = None, **kwargs: object
    ) -> list[str]:
        self.set_options(var_options=variables, direct=kwargs)
        options = {name: self.get_option(name) for name in OPTIONS}
        try:
            return [find_token(terms, options, os.environ)]
        except _errors.AccessError as error:
            raise AnsibleLookupError(str(error)) from None
