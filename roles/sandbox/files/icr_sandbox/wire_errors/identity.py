# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Refusals of the identity API: API keys and service IDs."""

from __future__ import annotations

from icr_sandbox.wire_errors.envelopes import IDENTITY, RefusalError


def no_authorization() -> RefusalError:
    return RefusalError(
        IDENTITY,
        401,
        "unauthorized",
        "No authorization header found",
        message_code="BXNIM0308E",
    )


def access_token_invalid() -> RefusalError:
    return RefusalError(
        IDENTITY,
        401,
        "invalid_access_token",
        "The provided access token is invalid or expired.",
        message_code="BXNIM0401E",
    )


def identity_forbidden() -> RefusalError:
    return RefusalError(
        IDENTITY,
        403,
        "forbidden",
        "You are not authorized to perform this operation.",
        message_code="BXNIM0513E",
    )


def entity_not_found(kind: str, entity_id: str) -> RefusalError:
    return RefusalError(
        IDENTITY,
        404,
        "not_found",
        "Unable to find object",
        message_code="BXNIM0102E",
        details=f"Object type '{kind}' with ID '{entity_id}' does not exist.",
    )


def field_missing(name: str) -> RefusalError:
    return RefusalError(
        IDENTITY,
        400,
        "missing_required_field",
        "Property missing or empty.",
        message_code="BXNIM0109E",
        details=f"Property '{name}' is missing or empty.",
    )


def field_invalid(name: str, reason: str) -> RefusalError:
    return RefusalError(
        IDENTITY,
        400,
        "invalid_field",
        "Property validation failed.",
        message_code="BXNIM0106E",
        details=f"Property '{name}': {reason}.",
    )


def foreign_iam_id() -> RefusalError:
    return RefusalError(
        IDENTITY,
        400,
        "invalid_field",
        "The specified IAM ID does not match the IAM ID in the token.",
        message_code="BXNIM0106E",
    )


def entity_locked(status: int, kind: str) -> RefusalError:
    return RefusalError(
        IDENTITY,
        status,
        "invalid_state",
        f"The {kind} is locked for further write operations.",
        message_code="BXNIM0908E",
    )


def entity_tag_stale(status: int) -> RefusalError:
    return RefusalError(
        IDENTITY,
        status,
        "conflict",
        "The entity was changed by another request.",
        message_code="BXNIM0129E",
        details="The If-Match header does not match the entity tag.",
    )


def value_taken() -> RefusalError:
    return RefusalError(
        IDENTITY,
        409,
        "conflict",
        "The provided API key value is already in use.",
        message_code="BXNIM0128E",
    )


def limit_reached(status: int, what: str, limit: int) -> RefusalError:
    return RefusalError(
        IDENTITY,
        status,
        "limit_exceeded",
        f"The limit of {limit} {what} is reached.",
        message_code="BXNIM0130E",
    )


def delete_collided() -> RefusalError:
    return RefusalError(
        IDENTITY,
        409,
        "delete_not_possible",
        "The deletion collided with another operation. Try again.",
        message_code="BXNIM0105E",
    )
