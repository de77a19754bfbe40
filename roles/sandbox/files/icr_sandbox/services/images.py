# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Images of a regional registry: lists and looks at them, changes nothing.

Source: https://cloud.ibm.com/apidocs/container-registry#list-images
"""

from __future__ import annotations

from collections.abc import Iterator

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.image_manifest import is_list
from icr_sandbox.messages import (
    JSON_MEDIA_TYPE,
    Call,
    Request,
    Response,
    json_response,
)
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.services.image_lookup import Image, ImageLookup
from icr_sandbox.services.image_shapes import (
    StoredImage,
    config_of,
    inspected,
    listed,
    listed_by_digest,
    stored_images,
)
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.state import State

_FLAGS = ("includeIBM", "includePrivate", "includeManifestLists", "vulnerabilities")
_QUERY = frozenset({*_FLAGS, "namespace", "repository"})


class Images:
    """The calls on /api/v1/images that only read."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)
        self._lookup = ImageLookup(state, self._callers)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/api/v1/images", self.list_images),
            ("POST", "/api/v1/images/digests", self.list_digests),
            ("GET", "/api/v1/images/{image:path}/json", self.inspect),
            ("GET", "/api/v1/images/{image:path}/manifest", self.manifest),
        ):
            routes.add("registry", method, path, handler)

    def list_images(self, call: Call) -> Response:
        """Tagged images of the namespaces that the caller may list; none is an empty list
        and no refusal, as for namespaces [assumed]. Manifest lists, and public images
        that are nobody's, only when asked for [documented]."""
        caller = self._callers.of_registry_call(call)
        request = call.request
        for name, _value in request.query:
            if self._state.switches.strict and name not in _QUERY:
                raise wire_errors.registry_argument_invalid(name)
        flags = {name: _flag(request, name) for name in _FLAGS}
        namespaces = request.arguments("namespace")
        wanted = request.arguments("repository")
        found = [
            listed(image)
            for image in self._images(
                call,
                caller,
                private=flags["includePrivate"] is not False,
                public=flags["includeIBM"] is True,
            )
            if image.tags
            and (not namespaces or image.name.partition("/")[0] in namespaces)
            and (not wanted or image.name in wanted)
            and (
                flags["includeManifestLists"] or not is_list(image.manifest.media_type)
            )
        ]
        return json_response(200, found)

    def list_digests(self, call: Call) -> Response:
        """Every image, tagged or not [documented]."""
        caller = self._callers.of_registry_call(call)
        body = JsonBody.of(
            call.request, wire_errors.REGISTRY_API, wire_errors.registry_body_invalid
        )
        only_untagged = body.flag("exclude_tagged")
        body.flag("exclude_va")
        public = body.flag("include_ibm")
        wanted = body.texts("repositories")
        body.done(self._state.switches.strict)
        found = [
            listed_by_digest(image)
            for image in self._images(call, caller, private=True, public=public)
            if not (only_untagged and image.tags)
            and (not wanted or image.name in wanted or image.full in wanted)
        ]
        return json_response(200, found)

    def _images(
        self, call: Call, caller: Caller, *, private: bool, public: bool
    ) -> Iterator[StoredImage]:
        """Those of the account that the caller may list, and those that are nobody's, as
        IBM's own are."""
        region = call.request.region or ""
        for name, repository in self._state.repositories.in_region(region):
            namespace = self._state.namespaces.get((region, name.partition("/")[0]))
            if namespace is None:
                seen = public and repository.public
            else:
                seen = (
                    private
                    and namespace.account_id == caller.account_id
                    and self._callers.may_in_registry(
                        caller, "image.list", region, namespace.name
                    )
                )
            if seen:
                yield from stored_images(self._state, region, name)

    def inspect(self, call: Call) -> Response:
        region = call.request.region or ""
        image = self._inspected(call)
        name = image.name.repository
        config = config_of(self._state, region, name, image.manifest)
        return json_response(200, inspected(image.digest, image.manifest, config))

    def manifest(self, call: Call) -> Response:
        """As it was pushed, and plain JSON by its type: IBM's client reads no other."""
        manifest = self._inspected(call).manifest
        return Response(200, manifest.content, (("Content-Type", JSON_MEDIA_TYPE),))

    def _inspected(self, call: Call) -> Image:
        caller = self._callers.of_registry_call(call)
        region = call.request.region or ""
        text = call.params["image"]
        return self._lookup.image(caller, "image.inspect", region, text)


def _flag(request: Request, name: str) -> bool | None:
    """The last of them counts [documented]; None without any. Raises RefusalError."""
    values = request.arguments(name)
    if not values:
        return None
    if values[-1] not in ("true", "false"):
        raise wire_errors.registry_argument_invalid(name)
    return values[-1] == "true"
