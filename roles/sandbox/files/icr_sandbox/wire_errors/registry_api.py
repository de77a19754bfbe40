# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Refusals of the registry's own API."""

from __future__ import annotations

from icr_sandbox.wire_errors.envelopes import REGISTRY_API, RefusalError

_TOKENS_ENDED = (
    "The creation of registry tokens is discontinued. Use IAM API keys instead, see: "
    "https://cloud.ibm.com/docs/services/Registry?topic=registry-registry_access"
)


def account_not_authorized() -> RefusalError:
    return RefusalError(
        REGISTRY_API,
        401,
        "CRG0009E",
        "You are not authorized to access the specified account. See "
        "https://cloud.ibm.com/docs/Registry?topic=Registry-troubleshoot-auth-req",
    )


def resource_not_authorized(status: int = 403) -> RefusalError:
    return RefusalError(
        REGISTRY_API,
        status,
        "CRG0020E",
        "You are not authorized to access the specified resource.",
    )


def namespace_invalid() -> RefusalError:
    return RefusalError(
        REGISTRY_API,
        400,
        "CRN0002E",
        "A namespace has 4 to 30 lower-case letters, digits, hyphens or underscores, "
        "and starts and ends with a letter or digit.",
    )


def namespace_limit(limit: int) -> RefusalError:
    return RefusalError(
        REGISTRY_API, 403, "CRN0003E", f"The limit of {limit} namespaces is reached."
    )


def namespace_not_found() -> RefusalError:
    return RefusalError(REGISTRY_API, 404, "CRN0001E", "The namespace does not exist.")


def resource_group_not_found() -> RefusalError:
    return RefusalError(
        REGISTRY_API, 404, "CRN0004E", "The resource group does not exist."
    )


def resource_group_fixed() -> RefusalError:
    return RefusalError(
        REGISTRY_API, 409, "CRN0005E", "The namespace already has a resource group."
    )


def registry_tokens_ended(status: int) -> RefusalError:
    return RefusalError(REGISTRY_API, status, "CRT0002E", _TOKENS_ENDED)


def registry_token_not_found() -> RefusalError:
    return RefusalError(
        REGISTRY_API, 404, "CRT0001E", "The registry token does not exist."
    )


def registry_argument_invalid(name: str) -> RefusalError:
    return RefusalError(
        REGISTRY_API, 400, "CRG0001E", f"The parameter {name} is not valid."
    )


def registry_body_invalid(name: str, reason: str) -> RefusalError:
    return RefusalError(REGISTRY_API, 400, "CRG0001E", f"{name}: {reason}.")


def image_not_found() -> RefusalError:
    return RefusalError(REGISTRY_API, 404, "CRI0001E", "The image does not exist.")
