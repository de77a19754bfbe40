# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Tags, blobs, uploads and manifests of /v2/, once the door has let somebody in.

Source: the OCI distribution specification.
"""

from __future__ import annotations

import json
import re

from icr_sandbox.image_manifest import digest_of
from icr_sandbox.messages import Call, Headers, Response, json_response
from icr_sandbox.repositories import ContentLimitError, Manifest, Upload
from icr_sandbox.state import State
from icr_sandbox.wire_errors import RefusalError, distribution_error

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_CONTENT_RANGE = re.compile(r"(\d+)-(\d+)")
_OCTETS = ("Content-Type", "application/octet-stream")


class RegistryContent:
    """Bounded by `limits.content_bytes`; past it a push is refused as over quota."""

    def __init__(self, state: State) -> None:
        self._state = state

    def list_tags(self, call: Call) -> Response:
        region, name = _place(call)
        repository = self._state.repositories.find(region, name)
        if repository is None:
            raise _name_unknown(name)
        tags = sorted(repository.tags)
        last, count = call.request.argument("last"), call.request.argument("n")
        if last is not None:
            tags = [tag for tag in tags if tag > last]
        if count is not None and count.isdecimal():
            tags = tags[: int(count)]
        return json_response(200, {"name": name, "tags": tags})

    # --- blobs ---

    def get_blob(self, call: Call) -> Response:
        region, name = _place(call)
        digest = call.params["digest"]
        content = self._state.repositories.blob(region, name, digest)
        if content is None:
            raise distribution_error(404, "BLOB_UNKNOWN", "blob unknown to registry")
        return Response(200, content, (_OCTETS, ("Docker-Content-Digest", digest)))

    def start_upload(self, call: Call) -> Response:
        region, name = _place(call)
        repositories = self._state.repositories
        mount = call.request.argument("mount")
        source = call.request.argument("from")
        if (
            mount
            and source
            and _are_neighbours(source, name)
            and repositories.mount_blob(region, source, name, mount)
        ):
            return Response(201, headers=_created_blob(name, mount))
        upload_id = repositories.start_upload(region, name)
        return Response(202, headers=_upload_headers(name, upload_id, 0))

    def upload_status(self, call: Call) -> Response:
        _region, name = _place(call)
        upload = self._upload(call)
        return Response(
            204,
            headers=_upload_headers(name, call.params["upload"], len(upload.content)),
        )

    def extend_upload(self, call: Call) -> Response:
        _region, name = _place(call)
        upload = self._upload(call)
        given = _CONTENT_RANGE.fullmatch(call.request.header("content-range") or "")
        if given is not None and int(given.group(1)) != len(upload.content):
            raise distribution_error(416, "BLOB_UPLOAD_INVALID", "not the next range")
        self._extend(upload, call.request.body)
        return Response(
            202,
            headers=_upload_headers(name, call.params["upload"], len(upload.content)),
        )

    def finish_upload(self, call: Call) -> Response:
        region, name = _place(call)
        upload = self._upload(call)
        digest = call.request.argument("digest") or ""
        if not _DIGEST.fullmatch(digest):
            raise _digest_invalid()
        self._extend(upload, call.request.body)
        content = self._state.repositories.end_upload(call.params["upload"])
        if digest_of(content) != digest:
            raise _digest_invalid()
        try:
            self._state.repositories.add_blob(region, name, content, self._limit())
        except ContentLimitError:
            raise _over_quota() from None
        return Response(201, headers=_created_blob(name, digest))

    def cancel_upload(self, call: Call) -> Response:
        self._upload(call)
        self._state.repositories.end_upload(call.params["upload"])
        return Response(204)

    def _upload(self, call: Call) -> Upload:
        region, name = _place(call)
        upload = self._state.repositories.upload(region, name, call.params["upload"])
        if upload is None:
            raise distribution_error(
                404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"
            )
        return upload

    def _extend(self, upload: Upload, content: bytes) -> None:
        try:
            self._state.repositories.extend_upload(upload, content, self._limit())
        except ContentLimitError:
            raise _over_quota() from None

    def _limit(self) -> int:
        return self._state.limits.content_bytes

    # --- manifests ---

    def get_manifest(self, call: Call) -> Response:
        region, name = _place(call)
        repositories = self._state.repositories
        if repositories.find(region, name) is None:
            raise _name_unknown(name)
        found = repositories.manifest(region, name, call.params["reference"])
        if found is None:
            raise distribution_error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        digest, manifest = found
        return Response(
            200,
            manifest.content,
            (
                ("Content-Type", manifest.media_type),
                ("Docker-Content-Digest", digest),
                ("ETag", f'"{digest}"'),
            ),
        )

    def put_manifest(self, call: Call) -> Response:
        region, name = _place(call)
        reference, content = call.params["reference"], call.request.body
        is_digest = _DIGEST.fullmatch(reference) is not None
        if is_digest and digest_of(content) != reference:
            raise _digest_invalid()
        if not is_digest and not _TAG.fullmatch(reference):
            raise distribution_error(400, "TAG_INVALID", "the tag is not valid")
        media_type = self._check_manifest(call, content)
        try:
            digest = self._state.repositories.add_manifest(
                region,
                name,
                Manifest(media_type, content),
                tag=None if is_digest else reference,
                limit=self._limit(),
            )
        except ContentLimitError:
            raise _over_quota() from None
        return Response(
            201,
            headers=(
                ("Location", f"/v2/{name}/manifests/{digest}"),
                ("Docker-Content-Digest", digest),
            ),
        )

    def _check_manifest(self, call: Call, content: bytes) -> str:
        """The media type of a manifest whose parts are all here. Raises RefusalError."""
        region, name = _place(call)
        invalid = distribution_error(400, "MANIFEST_INVALID", "manifest invalid")
        try:
            manifest = json.loads(content)
        except ValueError:
            raise invalid from None
        if not isinstance(manifest, dict) or manifest.get("schemaVersion") != 2:
            raise invalid
        parts = [manifest.get("config"), *(manifest.get("layers") or [])]
        for part in parts:
            if part is None:
                continue
            digest = part.get("digest") if isinstance(part, dict) else None
            if not isinstance(digest, str):
                raise invalid
            if self._state.repositories.blob(region, name, digest) is None:
                raise distribution_error(
                    400, "MANIFEST_BLOB_UNKNOWN", f"blob unknown to registry: {digest}"
                )
        stated = manifest.get("mediaType")
        return str(stated or call.request.media_type() or "application/json")


def _place(call: Call) -> tuple[str, str]:
    return call.request.region or "", call.params["name"]


def _are_neighbours(source: str, target: str) -> bool:
    # The token's scope for the source is not looked at, so only repositories of the same
    # namespace share blobs; from anywhere else the client uploads the blob again.
    return source.partition("/")[0] == target.partition("/")[0]


def _upload_headers(name: str, upload_id: str, size: int) -> Headers:
    return (
        ("Location", f"/v2/{name}/blobs/uploads/{upload_id}"),
        ("Docker-Upload-UUID", upload_id),
        ("Range", f"0-{max(size - 1, 0)}"),
    )


def _created_blob(name: str, digest: str) -> Headers:
    return (
        ("Location", f"/v2/{name}/blobs/{digest}"),
        ("Docker-Content-Digest", digest),
    )


def _name_unknown(name: str) -> RefusalError:
    return distribution_error(
        404, "NAME_UNKNOWN", f"repository name not known to registry: {name}"
    )


def _digest_invalid() -> RefusalError:
    return distribution_error(
        400, "DIGEST_INVALID", "provided digest did not match uploaded content"
    )


def _over_quota() -> RefusalError:
    return distribution_error(
        403, "DENIED", "Access denied. The image storage quota is exceeded."
    )
