# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Images as the registry API lists and inspects them.

Source: https://cloud.ibm.com/apidocs/container-registry
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from icr_sandbox.image_manifest import config_digest, layers_size
from icr_sandbox.regions import PUBLIC_HOSTS
from icr_sandbox.repositories import Manifest
from icr_sandbox.state import State

Shape = dict[str, object]


@dataclass(frozen=True)
class StoredImage:
    """One image of one repository. `full` is `us.icr.io/team/app`; `config` what its
    configuration says, empty for a manifest without one."""

    name: str
    full: str
    digest: str
    manifest: Manifest
    tags: list[str]
    config: Shape

    @property
    def size(self) -> int:
        return layers_size(self.manifest.content)


def full_name(region: str, repository: str) -> str:
    """With the real host, wherever the sandbox listens. Pure."""
    return f"{PUBLIC_HOSTS[region]}/{repository}"


def stored_images(state: State, region: str, name: str) -> list[StoredImage]:
    """Every image of the repository, tagged or not, by digest."""
    repository = state.repositories.find(region, name)
    if repository is None:
        return []
    return [
        StoredImage(
            name=name,
            full=full_name(region, name),
            digest=digest,
            manifest=manifest,
            tags=sorted(
                tag for tag, where in repository.tags.items() if where == digest
            ),
            config=config_of(state, region, name, manifest),
        )
        for digest, manifest in sorted(repository.manifests.items())
    ]


def config_of(state: State, region: str, name: str, manifest: Manifest) -> Shape:
    """The configuration of the image; empty for a manifest without one."""
    digest = config_digest(manifest.content)
    content = None if digest is None else state.repositories.blob(region, name, digest)
    try:
        config = json.loads(content or b"{}")
    except ValueError:
        return {}
    return config if isinstance(config, dict) else {}


def listed(image: StoredImage) -> Shape:
    """An entry of the list of images. There are no vulnerability reports here. Pure."""
    tags = [f"{image.full}:{tag}" for tag in image.tags]
    return {
        "Id": image.digest,
        "ParentId": "",
        "Created": _created(image.config),
        "DigestTags": {image.digest: tags},
        "Labels": _labels(image.config),
        "ManifestType": image.manifest.media_type,
        "RepoDigests": [f"{image.full}@{image.digest}"],
        "RepoTags": tags,
        "Size": image.size,
        "VirtualSize": image.size,
    }


def listed_by_digest(image: StoredImage) -> Shape:
    """An entry of the list of digests. Pure."""
    return {
        "id": image.digest,
        "created": _created(image.config),
        "manifestType": image.manifest.media_type,
        "repoTags": {image.full: {tag: {} for tag in image.tags}},
        "size": image.size,
    }


def inspected(digest: str, manifest: Manifest, config: Shape) -> Shape:
    """What the configuration says, in the words of Docker's API. Pure."""
    size = layers_size(manifest.content)
    root = config.get("rootfs")
    layers = root.get("diff_ids", []) if isinstance(root, dict) else []
    return {
        "Id": config_digest(manifest.content) or digest,
        "Architecture": config.get("architecture", ""),
        "Config": config.get("config") or {},
        "Created": str(_created(config)),
        "ManifestType": manifest.media_type,
        "Os": config.get("os", ""),
        "RootFS": {"Type": "layers", "Layers": layers},
        "Size": size,
        "VirtualSize": size,
    }


def _created(config: Shape) -> int:
    """When the image was built, in seconds since the epoch; 0 when it does not say."""
    try:
        return int(datetime.fromisoformat(str(config.get("created"))).timestamp())
    except ValueError:
        return 0


def _labels(config: Shape) -> object:
    inner = config.get("config")
    return (inner.get("Labels") or {}) if isinstance(inner, dict) else {}
