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


@dataclass
class RefusalError(Exception):
    """An answer that is not a success. `code` is the main code of the family."""

    family: str
    status: int
    code: str
    message: str
    message_code: str = ""
    details: object = None
    headers: Headers = ()


def unsupported_media_type(family: str) -> RefusalError:
    return RefusalError(
        family,
        415,
        "unsupported_content_type",
        "The content type of the request is not supported.",
        message_code="BXNIM0110E",
    )


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
    return POLICY if request.path.startswith(("/v1/policies", "/v2/")) else IDENTITY


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
