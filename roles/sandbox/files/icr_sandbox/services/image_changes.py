# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Images of a regional registry: tags and deletes them.

Source: https://cloud.ibm.com/apidocs/container-registry#delete-image
"""

from __future__ import annotations

import json

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.messages import JSON_MEDIA_TYPE, Call, Response, json_response
from icr_sandbox.routing import Routes
from icr_sandbox.services.callers import Callers
from icr_sandbox.services.image_lookup import Image, ImageLookup, image_name
from icr_sandbox.services.image_shapes import full_name
from icr_sandbox.state import State
from icr_sandbox.wire_errors import RefusalError


class ImageChanges:
    """The calls on /api/v1/images and /api/v1/tags that write."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)
        self._lookup = ImageLookup(state, self._callers)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("POST", "/api/v1/images/bulkdelete", self.delete_many),
            ("POST", "/api/v1/images/tags", self.tag),
            ("DELETE", "/api/v1/images/{image:path}", self.delete),
            ("DELETE", "/api/v1/tags/{image:path}", self.untag),
        ):
            routes.add("registry", method, path, handler)

    def tag(self, call: Call) -> Response:
        """The other repository may be in another namespace; its blobs come along."""
        caller = self._callers.of_registry_call(call)
        region = call.request.region or ""
        names = [call.request.argument(name) for name in ("fromimage", "toimage")]
        if names[0] is None or names[1] is None:
            raise wire_errors.registry_argument_invalid("fromimage or toimage")
        source = self._lookup.image(caller, "image.pull", region, names[0])
        target = image_name(names[1])
        if target.digest is not None:
            raise wire_errors.registry_argument_invalid("toimage")
        self._lookup.check_may(caller, "image.push", region, target.namespace)
        self._state.repositories.tag_manifest(
            region,
            source.name.repository,
            source.digest,
            target.repository,
            target.reference,
        )
        return Response(201)

    def delete(self, call: Call) -> Response:
        """With all its tags in that repository [documented]."""
        caller = self._callers.of_registry_call(call)
        return json_response(
            200, {"Untagged": self._deleted(call, caller, call.params["image"])}
        )

    def _deleted(self, call: Call, caller: Caller, text: str) -> str:
        """The full name of what was deleted. Raises RefusalError."""
        region = call.request.region or ""
        image = self._lookup.image(caller, "image.delete", region, text)
        self._state.repositories.remove_manifest(
            region, image.name.repository, image.digest
        )
        return _shown(region, image)

    def delete_many(self, call: Call) -> Response:
        """Each for itself: what could not be deleted is listed with the reason."""
        caller = self._callers.of_registry_call(call)
        success: list[str] = []
        error: dict[str, object] = {}
        for text in _images(call):
            try:
                self._deleted(call, caller, text)
            except RefusalError as refusal:
                error[text] = {"code": refusal.code, "message": refusal.message}
            else:
                success.append(text)
        return json_response(200, {"success": success, "error": error})

    def untag(self, call: Call) -> Response:
        """The image itself stays, be it without a tag [documented]."""
        caller = self._callers.of_registry_call(call)
        region = call.request.region or ""
        text = call.params["image"]
        image = self._lookup.image(caller, "image.delete", region, text)
        if image.name.digest is not None:
            raise wire_errors.registry_argument_invalid("image")
        del image.repository.tags[image.name.reference]
        return json_response(200, {"Untagged": _shown(region, image)})


def _images(call: Call) -> list[str]:
    """The JSON list of a bulk deletion. Raises RefusalError."""
    if call.request.media_type() != JSON_MEDIA_TYPE:
        raise wire_errors.unsupported_media_type(wire_errors.REGISTRY_API)
    try:
        given = json.loads(call.request.body)
    except ValueError:
        given = None
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise wire_errors.registry_body_invalid("body", "a list of texts is expected")
    return given


def _shown(region: str, image: Image) -> str:
    separator = "@" if image.name.digest else ":"
    full = full_name(region, image.name.repository)
    return f"{full}{separator}{image.name.reference}"
