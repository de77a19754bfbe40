#!/usr/bin/python3
# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Makes small images, each unlike any other, in the form of `docker save`, which every
client reads: `make_images.py FOLDER IMAGE...`. Prints the id of each as JSON, by its name.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path


def make_image(archive: Path, name: str) -> str:
    """Writes an image of one layer that goes by `name`, and returns its id."""
    layer = _archived({"content": os.urandom(4096)})
    configuration = _json(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = [
        {"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]},
    ]
    archive.write_bytes(
        _archived(
            {
                "config.json": configuration,
                "layer.tar": layer,
                "manifest.json": _json(manifest),
            }
        )
    )
    return _digest(configuration)


def _archived(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def _digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value).encode("utf-8")


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    ids = {
        name: make_image(folder / f"{name.replace('/', '_')}.tar", name)
        for name in names
    }
    print(json.dumps(ids))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
