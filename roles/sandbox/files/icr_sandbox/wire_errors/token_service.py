# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Refusals of the IAM token service."""

from __future__ import annotations

from icr_sandbox.wire_errors.envelopes import TOKEN_SERVICE, RefusalError


def property_missing(name: str) -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE,
        400,
        "BXNIM0109E",
        "Property missing or empty.",
        details=f"Property '{name}' is missing or empty.",
    )


def property_invalid(name: str) -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE,
        400,
        "BXNIM0106E",
        "Property validation failed.",
        details=f"Property '{name}' is not supported or has an unsupported value.",
    )


def api_key_unknown() -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE, 400, "BXNIM0415E", "Provided API key could not be found."
    )


def api_key_disabled(status: int) -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE, status, "BXNIM0462E", "Provided API key is disabled."
    )


def client_unknown() -> RefusalError:
    return RefusalError(TOKEN_SERVICE, 400, "BXNIM0310E", "Client id is unknown.")


def refresh_token_invalid() -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE, 400, "BXNIM0407E", "Provided refresh token is invalid."
    )


def refresh_token_expired() -> RefusalError:
    return RefusalError(
        TOKEN_SERVICE, 400, "BXNIM0408E", "Provided refresh token is expired."
    )
