# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Refusals of the policy API."""

from __future__ import annotations

from icr_sandbox.wire_errors.envelopes import POLICY, RefusalError


def policy_token_invalid() -> RefusalError:
    return RefusalError(
        POLICY, 401, "invalid_token", "The provided IAM token is invalid."
    )


def policy_forbidden() -> RefusalError:
    # The misspelling is the service's own.
    return RefusalError(
        POLICY,
        403,
        "insufficent_permissions",
        "The caller is not authorized to perform this operation.",
    )


def policy_not_found(policy_id: str) -> RefusalError:
    return RefusalError(
        POLICY, 404, "policy_not_found", f"Policy with Id {policy_id} not found."
    )


def policy_body_invalid(reason: str) -> RefusalError:
    return RefusalError(POLICY, 400, "invalid_body", f"Invalid body format. {reason}.")


def policy_query_unknown(name: str) -> RefusalError:
    return policy_body_invalid(f"{name}: the query parameter is unknown")


def policy_version_newer(policy_id: str) -> RefusalError:
    return policy_body_invalid(f"Policy {policy_id} can be changed with version 2 only")


def query_parameter_missing(name: str) -> RefusalError:
    return RefusalError(
        POLICY,
        400,
        "missing_required_query_parameter",
        f"Missing required query parameter: {name}.",
    )


def role_not_found(role: str) -> RefusalError:
    return RefusalError(POLICY, 400, "role_not_found", f"Role {role} not found.")


def policy_conflict(policy_id: str, etag: str, policy: object) -> RefusalError:
    return RefusalError(
        POLICY,
        409,
        "policy_conflict_error",
        "A policy with identical attributes already exists for the subject. To change "
        f"access, update the roles in the existing policy ({policy_id}).",
        details={"conflicts_with": {"etag": etag, "policy": policy}},
    )


def policy_etag_stale(status: int) -> RefusalError:
    return RefusalError(
        POLICY,
        status,
        "request_not_processed",
        "The If-Match header does not match the current version of the policy.",
    )


def policy_quota() -> RefusalError:
    return RefusalError(
        POLICY, 422, "unable_to_process", "Exceeded maximum policies quota"
    )


def policy_state_invalid(reason: str, status: int = 422) -> RefusalError:
    return RefusalError(POLICY, status, "unable_to_process", reason)
