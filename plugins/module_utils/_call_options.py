# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Who calls IBM Cloud, and where: by options, else by the environment."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _registries,
    _secret_option,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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
            return Credential(
                source, api_key=_secret_option.checked_secret(source, secret)
            )
        # IBM Cloud's CLI shows tokens with this word before them.
        bare = secret[7:] if secret[:7].lower() == "bearer " else secret
        return Credential(source, iam_token=_secret_option.checked_secret(source, bare))
    raise _errors.InputError(
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
    _registries.check_endpoints(None if given is None else dict(given))
    return given


def iam_url(visibility: str, endpoints: Mapping[str, object] | None) -> str:
    """IAM's base URL, without a slash at its end. Pure.

    Raises `InputError` when there are endpoints and IAM is not among them.
    """
    if endpoints is None:
        return _IAM_URLS[visibility]
    url = endpoints.get("iam")
    if not isinstance(url, str):
        raise _errors.InputError(
            "endpoints has no URL for iam. Add it, or leave endpoints out for IBM Cloud."
        )
    return url.strip().rstrip("/")


def _endpoints_of_file(path: str) -> Mapping[str, object]:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _errors.InputError(
            f"{_ENDPOINTS_VARIABLE} names {path}, which cannot be read: {reason}."
        ) from None
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict):
        document = document.get("endpoints", document)
    if not isinstance(document, dict):
        raise _errors.InputError(
            f"{_ENDPOINTS_VARIABLE} names {path}, which holds no JSON object with the keys iam "
            f"and registry, nor one under the key endpoints."
        )
    return document
