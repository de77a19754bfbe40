# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What repositories hold: manifests, tags, blobs and unfinished uploads, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from icr_sandbox.ids import Ids
from icr_sandbox.image_manifest import (
    OCI_MANIFEST,
    blob_digests,
    digest_of,
    image_without_layers,
)

# Clients that never finish an upload must not fill the memory: the oldest is dropped.
_MOST_UPLOADS = 1000


class ContentLimitError(Exception):
    """The content would take more memory than the sandbox allows."""


@dataclass(frozen=True)
class Manifest:
    media_type: str
    content: bytes = field(repr=False)


@dataclass
class Repository:
    """One repository of one region. `tags` map to digests of `manifests`."""

    public: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)


@dataclass
class Upload:
    region: str
    repository: str
    content: bytearray = field(default_factory=bytearray, repr=False)


class Repositories:
    """All repositories, by region and name. Blobs are kept once, whoever refers to them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._repositories: dict[tuple[str, str], Repository] = {}
        self._blobs: dict[str, bytes] = {}
        self._uploads: dict[str, Upload] = {}
        self._size = 0

    def find(self, region: str, name: str) -> Repository | None:
        return self._repositories.get((region, name))

    def ensure(self, region: str, name: str) -> Repository:
        return self._repositories.setdefault((region, name), Repository())

    def in_region(self, region: str) -> Iterator[tuple[str, Repository]]:
        """Name and content of every repository there, by name."""
        for where, name in sorted(self._repositories):
            if where == region:
                yield name, self._repositories[where, name]

    def size_of(self, repository: Repository) -> int:
        """Bytes of its manifests and blobs; what others share counts here too."""
        return sum(len(item.content) for item in repository.manifests.values()) + sum(
            len(self._blobs[digest]) for digest in repository.blobs
        )

    def remove_namespace(self, region: str, namespace: str) -> None:
        for key in list(self._repositories):
            if key[0] == region and key[1].split("/")[0] == namespace:
                gone = self._repositories.pop(key)
                self._size -= sum(len(item.content) for item in gone.manifests.values())
        self._forget_unused_blobs()

    def _forget_unused_blobs(self) -> None:
        used: set[str] = set()
        for repository in self._repositories.values():
            used |= repository.blobs
        for digest in set(self._blobs) - used:
            self._size -= len(self._blobs.pop(digest))

    # --- blobs ---

    def blob(self, region: str, name: str, digest: str) -> bytes | None:
        repository = self.find(region, name)
        if repository is None or digest not in repository.blobs:
            return None
        return self._blobs[digest]

    def add_blob(self, region: str, name: str, content: bytes, limit: int) -> str:
        """Keep a blob. Raises ContentLimitError when all content would pass the limit."""
        digest = digest_of(content)
        if digest not in self._blobs:
            self._take(len(content), limit)
            self._blobs[digest] = content
        self.ensure(region, name).blobs.add(digest)
        return digest

    def mount_blob(self, region: str, source: str, target: str, digest: str) -> bool:
        if self.blob(region, source, digest) is None:
            return False
        self.ensure(region, target).blobs.add(digest)
        return True

    def _take(self, size: int, limit: int) -> None:
        if self._size + size > limit:
            raise ContentLimitError
        self._size += size

    # --- manifests ---

    def add_manifest(
        self, region: str, name: str, manifest: Manifest, *, tag: str | None, limit: int
    ) -> str:
        """Keep a manifest. Raises ContentLimitError as `add_blob` does."""
        repository = self.ensure(region, name)
        digest = digest_of(manifest.content)
        if digest not in repository.manifests:
            self._take(len(manifest.content), limit)
            repository.manifests[digest] = manifest
        if tag is not None:
            repository.tags[tag] = digest
        return digest

    def manifest(
        self, region: str, name: str, reference: str
    ) -> tuple[str, Manifest] | None:
        """Digest and manifest, asked for by tag or by digest."""
        repository = self.find(region, name)
        if repository is None:
            return None
        digest = repository.tags.get(reference, reference)
        found = repository.manifests.get(digest)
        return None if found is None else (digest, found)

    def tag_manifest(
        self, region: str, source: str, digest: str, target: str, tag: str
    ) -> None:
        """Let the tag of another repository name an image that is here already."""
        manifest = self._repositories[region, source].manifests[digest]
        for blob in blob_digests(manifest.content):
            self.mount_blob(region, source, target, blob)
        # Names and not content: no limit of bytes keeps them out.
        room = self._size + len(manifest.content)
        self.add_manifest(region, target, manifest, tag=tag, limit=room)

    def remove_manifest(self, region: str, name: str, digest: str) -> None:
        """Forget an image: its manifest, the tags on it, the blobs that no other image of
        the repository needs."""
        repository = self._repositories[region, name]
        gone = repository.manifests.pop(digest)
        self._size -= len(gone.content)
        repository.tags = {
            tag: where for tag, where in repository.tags.items() if where != digest
        }
        needed: set[str] = set()
        for manifest in repository.manifests.values():
            needed |= blob_digests(manifest.content)
        repository.blobs -= blob_digests(gone.content) - needed
        self._forget_unused_blobs()

    def seed_tags(self, region: str, name: str, tags: list[str]) -> None:
        """Tags that all name one image without layers."""
        if not tags:
            return
        config, content = image_without_layers("amd64")
        room = self._size + len(config) + len(content)
        self.add_blob(region, name, config, room)
        manifest = Manifest(OCI_MANIFEST, content)
        for tag in tags:
            self.add_manifest(region, name, manifest, tag=tag, limit=room)

    # --- uploads ---

    def start_upload(self, region: str, name: str) -> str:
        upload_id = self._ids.uuid()
        self._uploads[upload_id] = Upload(region, name)
        if len(self._uploads) > _MOST_UPLOADS:
            self.end_upload(next(iter(self._uploads)))
        return upload_id

    def upload(self, region: str, name: str, upload_id: str) -> Upload | None:
        found = self._uploads.get(upload_id)
        if found is None or (found.region, found.repository) != (region, name):
            return None
        return found

    def extend_upload(self, upload: Upload, content: bytes, limit: int) -> None:
        """Add to an upload. Raises ContentLimitError as `add_blob` does."""
        self._take(len(content), limit)
        upload.content += content

    def end_upload(self, upload_id: str) -> bytes:
        """Take the upload away and return what it gathered."""
        content = bytes(self._uploads.pop(upload_id).content)
        self._size -= len(content)
        return content
