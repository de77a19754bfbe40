# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Every refusal the services know, one constructor each, and how each family is spelled.

A refusal is raised by a service and rendered once, by the application, because the ids that
the envelopes carry belong to the request and not to the rule that was broken.
Codes marked "assumed" in docs/sandbox.md are ours where no public source names one.
"""

from __future__ import annotations

from dataclasses import dataclass

from icr_sandbox.clock import milliseconds_text
from icr_sandbox.messages import Headers, Request, Response, json_response

TOKEN_SERVICE = "token service"
IDENTITY = "identity"
POLICY = "policy"
REGISTRY_API = "registry api"
DISTRIBUTION = "distribution"
CONTROL = "control"

_AUTH_REQUIRED = (
    "Authorization required. See "
    "https://cloud.ibm.com/docs/Registry?topic=Registry-troubleshoot-auth-req"
)
_TOKENS_ENDED = (
    "The creation of registry tokens is discontinued. Use IAM API keys instead, see: "
    "https://cloud.ibm.com/docs/services/Registry?topic=registry-registry_access"
)


@dataclass
class RefusalError(Exception):
    """An answer that is not a success. C(code) is the main code of the family."""

    family: str
    status: int
    code: str
    message: str
    message_code: str = ""
    details: object = None
    headers: Headers = ()


# --- the token service -----------------------------------------------------------------


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


# --- identity: API keys and service IDs ------------------------------------------------


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


def unsupported_media_type(family: str) -> RefusalError:
    return RefusalError(
        family,
        415,
        "unsupported_content_type",
        "The content type of the request is not supported.",
        message_code="BXNIM0110E",
    )


# --- policies --------------------------------------------------------------------------


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


def policy_state_invalid(reason: str) -> RefusalError:
    return RefusalError(POLICY, 422, "unable_to_process", reason)


# --- the registry's own API ------------------------------------------------------------


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


# --- /oauth/token and /v2/ -------------------------------------------------------------


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


# --- everywhere ------------------------------------------------------------------------


def control_refused(reason: str, status: int = 400) -> RefusalError:
    return RefusalError(CONTROL, status, "control", reason)


def family_of(request: Request) -> str:
    """Which family answers on that path, for a request that no route takes. Pure."""
    if request.service == "control":
        return CONTROL
    if request.service == "registry":
        return REGISTRY_API if request.path.startswith("/api/") else DISTRIBUTION
    if request.path.startswith("/identity"):
        return TOKEN_SERVICE
    return POLICY if request.path.startswith("/v1/policies") else IDENTITY


def no_route(request: Request) -> RefusalError:
    codes = {
        TOKEN_SERVICE: "BXNIM0102E",
        POLICY: "resource_not_found",
        IDENTITY: "not_found",
        REGISTRY_API: "CRG0404E",
        DISTRIBUTION: "NAME_UNKNOWN",
        CONTROL: "control",
    }
    family = family_of(request)
    text = "There is nothing at this address."
    return RefusalError(family, 404, codes[family], text, message_code="BXNIM0102E")


def no_method(request: Request, allowed: str) -> RefusalError:
    codes = {
        TOKEN_SERVICE: "BXNIM0060E",
        POLICY: "request_not_processed",
        IDENTITY: "method_not_allowed",
        REGISTRY_API: "CRG0405E",
        DISTRIBUTION: "UNSUPPORTED",
        CONTROL: "control",
    }
    family = family_of(request)
    return RefusalError(
        family,
        405,
        codes[family],
        "The method is not allowed here.",
        message_code="BXNIM0060E",
        headers=(("Allow", allowed),),
    )


def render(refusal: RefusalError, request: Request, trace: str, now: float) -> Response:
    """The answer that says no, in the envelope of its family. Pure."""
    body: dict[str, object]
    if refusal.family == TOKEN_SERVICE:
        body = {"errorCode": refusal.code, "errorMessage": refusal.message}
        if refusal.details is not None:
            body["errorDetails"] = refusal.details
        body["context"] = _token_service_context(request, trace, now)
    elif refusal.family in (IDENTITY, POLICY):
        error: dict[str, object] = {"code": refusal.code, "message": refusal.message}
        if refusal.family == IDENTITY:
            error["message_code"] = refusal.message_code
        if refusal.details is not None:
            error["details"] = refusal.details
        body = {"trace": trace, "status_code": refusal.status, "errors": [error]}
    elif refusal.family == REGISTRY_API:
        body = {
            "code": refusal.code,
            "message": refusal.message,
            "request-id": trace,
        }
    elif refusal.family == DISTRIBUTION:
        entry: dict[str, object] = {"code": refusal.code, "message": refusal.message}
        if refusal.details is not None:
            entry["detail"] = refusal.details
        body = {"errors": [entry]}
    else:
        body = {"error": refusal.message}
    return json_response(refusal.status, body, refusal.headers)


def _token_service_context(
    request: Request, trace: str, now: float
) -> dict[str, object]:
    moment = milliseconds_text(now)
    return {
        "requestId": trace,
        "requestType": "incoming.Identity_Token",
        "userAgent": request.header("user-agent") or "",
        "url": request.base_url(),
        "startTime": moment,
        "endTime": moment,
        "elapsedTime": "0",
        "locale": "en_US",
    }
