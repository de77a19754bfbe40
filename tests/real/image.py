# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Images small enough to be made in place, as an OCI layout."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import secrets
import tarfile
from pathlib import Path
from typing import Any

_TYPE = "application/vnd.oci.image"


def make_image(folder: Path) -> None:
    """An image with two layers and the tag `latest`, unlike any other."""
    layers = [secrets.token_bytes(4096) for _number in range(2)]
    archives = [_archive(f"file-{n}", data) for n, data in enumerate(layers)]
    configuration = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [_digest(raw) for raw in archives]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_TYPE}.manifest.v1+json",
        "config": _store(folder, _json(configuration), "config.v1+json"),
        # Compressed here, or the client would do it and change the digest.
        "layers": [
            _store(folder, gzip.compress(raw, mtime=0), "layer.v1.tar+gzip")
            for raw in archives
        ],
    }
    entry = _store(folder, _json(manifest), "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
    index = {"schemaVersion": 2, "manifests": [entry]}
    (folder / "index.json").write_bytes(_json(index))
    (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))


def manifest_digest(folder: Path) -> str:
    """The digest that names the one image of a layout."""
    (entry,) = json.loads((folder / "index.json").read_bytes())["manifests"]
    return str(entry["digest"])


def content(folder: Path) -> dict[str, bytes]:
    """Every blob of a layout by its digest."""
    return {
        path.name: path.read_bytes() for path in (folder / "blobs" / "sha256").iterdir()
    }


def _archive(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def _store(folder: Path, raw: bytes, kind: str) -> dict[str, Any]:
    digest = _digest(raw)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / digest.partition(":")[2]).write_bytes(raw)
    return {"mediaType": f"{_TYPE}.{kind}", "digest": digest, "size": len(raw)}


def _digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value).encode("utf-8")
