# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Refusals of /oauth/token and /v2/."""

from __future__ import annotations

from icr_sandbox.wire_errors.envelopes import DISTRIBUTION, RefusalError

_AUTH_REQUIRED = (
    "Authorization required. See "
    "https://cloud.ibm.com/docs/Registry?topic=Registry-troubleshoot-auth-req"
)


def authorization_required(challenge: str | None = None) -> RefusalError:
    headers = () if challenge is None else (("WWW-Authenticate", challenge),)
    return RefusalError(
        DISTRIBUTION,
        401,
        "UNAUTHORIZED",
        _AUTH_REQUIRED,
        details=_AUTH_REQUIRED,
        headers=headers,
    )


def login_refused(status: int) -> RefusalError:
    text = (
        "The login credentials are not valid, or your IBM Cloud account is not active."
    )
    return RefusalError(DISTRIBUTION, status, "UNAUTHORIZED", text, details=text)


def login_method_unsupported(status: int) -> RefusalError:
    text = (
        "The requested authentication method is not supported. Use the user name "
        "iamapikey, iambearer or iamrefresh."
    )
    return RefusalError(DISTRIBUTION, status, "UNSUPPORTED", text, details=text)


def access_denied(challenge: str) -> RefusalError:
    text = "You are not authorized to access the specified resource."
    return RefusalError(
        DISTRIBUTION,
        403,
        "DENIED",
        text,
        details=text,
        headers=(("WWW-Authenticate", challenge),),
    )


def distribution_error(status: int, code: str, message: str) -> RefusalError:
    """Any other error of the distribution specification, by its code there."""
    return RefusalError(DISTRIBUTION, status, code, message)
