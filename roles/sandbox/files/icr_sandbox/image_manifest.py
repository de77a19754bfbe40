# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What an image manifest says about its image. Pure; a manifest that says nothing of the
kind has no parts and no size.

Source: the OCI image specification and Docker's image manifest version 2, schema 2.
"""

from __future__ import annotations

import hashlib
import json

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
_LISTS = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_list(media_type: str) -> bool:
    """Whether the manifest lists the images of several architectures."""
    return media_type in _LISTS


def config_digest(content: bytes) -> str | None:
    config = _object(content).get("config")
    return _digest(config)


def blob_digests(content: bytes) -> set[str]:
    """The blobs that the manifest needs: its configuration and its layers."""
    parts = [_object(content).get("config"), *_layers(content)]
    return {digest for part in parts if (digest := _digest(part)) is not None}


def layers_size(content: bytes) -> int:
    """The sum of the layers as they are stored, in bytes."""
    sizes = [part.get("size") for part in _layers(content) if isinstance(part, dict)]
    return sum(size for size in sizes if isinstance(size, int))


def image_without_layers(architecture: str) -> tuple[bytes, bytes]:
    """Configuration and OCI manifest of the smallest image there is."""
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {
                "mediaType": OCI_CONFIG,
                "digest": digest_of(config),
                "size": len(config),
            },
            "layers": [],
        }
    ).encode()
    return config, manifest


def _object(content: bytes) -> dict[str, object]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _layers(content: bytes) -> list[object]:
    layers = _object(content).get("layers")
    return layers if isinstance(layers, list) else []


def _digest(part: object) -> str | None:
    digest = part.get("digest") if isinstance(part, dict) else None
    return digest if isinstance(digest, str) else None
