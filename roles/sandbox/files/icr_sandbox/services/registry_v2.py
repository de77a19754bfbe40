# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""/v2/: the registry's door, and a small store of images behind it.

Source: the OCI distribution specification, as CNCF Distribution 2.8 answers it. The door is
what logins are verified at; the store is just enough for a push and a pull of a small image.
"""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.jwt import TokenError
from icr_sandbox.messages import Call, Request, Response, json_response
from icr_sandbox.registry_access import SERVICE, RegistryAccess, RegistryClaims
from icr_sandbox.routing import Handler, Routes
from icr_sandbox.services.registry_content import RegistryContent
from icr_sandbox.state import State

_API_VERSION = ("Docker-Distribution-Api-Version", "registry/2.0")
_PULL = ("pull",)
_PUSH = ("pull", "push")


class RegistryV2:
    """The door: every route asks for a token with the right actions."""

    def __init__(
        self, state: State, access: RegistryAccess, content: RegistryContent
    ) -> None:
        self._state = state
        self._access = access
        self._content = content

    def add_routes(self, routes: Routes) -> None:
        routes.add("registry", "GET", "/v2", self.base)
        content = self._content
        upload = "/v2/{name:path}/blobs/uploads/{upload}"
        blob = "/v2/{name:path}/blobs/{digest}"
        manifest = "/v2/{name:path}/manifests/{reference}"
        tags = "/v2/{name:path}/tags/list"
        uploads = "/v2/{name:path}/blobs/uploads"
        for method, pattern, actions, handler in (
            ("GET", tags, _PULL, content.list_tags),
            ("POST", uploads, _PUSH, content.start_upload),
            ("GET", upload, _PULL, content.upload_status),
            ("PATCH", upload, _PUSH, content.extend_upload),
            ("PUT", upload, _PUSH, content.finish_upload),
            ("DELETE", upload, _PUSH, content.cancel_upload),
            ("GET", blob, _PULL, content.get_blob),
            ("HEAD", blob, _PULL, content.get_blob),
            ("GET", manifest, _PULL, content.get_manifest),
            ("HEAD", manifest, _PULL, content.get_manifest),
            ("PUT", manifest, _PUSH, content.put_manifest),
        ):
            routes.add("registry", method, pattern, self._behind(actions, handler))

    def base(self, call: Call) -> Response:
        """200 for any valid token, else the challenge without a scope [inferred]."""
        self._claims(call, "")
        return json_response(200, {}, (_API_VERSION,))

    def _behind(self, actions: tuple[str, ...], handler: Handler) -> Handler:
        def guarded(call: Call) -> Response:
            name = call.params["name"]
            scope = f"repository:{name}:{','.join(actions)}"
            claims = self._claims(call, scope)
            held = claims.access.get(name, frozenset())
            if "*" not in held and not held.issuperset(actions):
                challenge = self.challenge(
                    call.request, scope, error="insufficient_scope"
                )
                raise wire_errors.access_denied(challenge)
            return handler(call)

        return guarded

    def _claims(self, call: Call, scope: str) -> RegistryClaims:
        """What the bearer token says. Raises RefusalError: 401 with the challenge."""
        header = call.request.header("authorization") or ""
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise wire_errors.authorization_required(
                self.challenge(call.request, scope)
            )
        try:
            claims = self._access.claims_of(token.strip())
        except TokenError:
            raise wire_errors.authorization_required(
                self.challenge(call.request, scope, error="invalid_token")
            ) from None
        call.note(claims.subject, self._state.credential_of(claims.token_id))
        return claims

    def challenge(self, request: Request, scope: str, *, error: str = "") -> str:
        """`WWW-Authenticate`, quoted or not by switch [observed: both]."""
        values = {"realm": f"{request.base_url()}/oauth/token", "service": SERVICE}
        if scope:
            values["scope"] = scope
        if error:
            values["error"] = error
        if self._state.switches.challenge_quoting == "unquoted":
            return "Bearer " + ", ".join(f"{name}={values[name]}" for name in values)
        return "Bearer " + ",".join(f'{name}="{values[name]}"' for name in values)
