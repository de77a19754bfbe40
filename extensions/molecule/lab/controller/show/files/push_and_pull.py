# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Pushes and pulls small images, each unlike any other, with the clients of this host.

Usage: `python3 push_and_pull.py IMAGE...`, images being called REGISTRY/NAMESPACE/CLIENT:TAG.
Prints a list with `image`; `pushed` and `pulled`, each `rc` and `said` of the client; and
`same`, whether what came back is what was made. All of a host in one go: a remote task costs
more than what the clients do.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any


def commands(client: str, image: str, folder: Path) -> dict[str, list[str]]:
    """What each step is in a client; an image comes from the file `image.tar` of `folder`."""
    archive, copy = f"{folder}/image.tar", f"{folder}/copy"
    if client == "skopeo":
        # Has no storage of its own.
        return {
            "load": ["skopeo", "inspect", f"docker-archive:{archive}"],
            "push": [
                "skopeo",
                "copy",
                f"docker-archive:{archive}",
                f"docker://{image}",
            ],
            "remove": ["test", "!", "-e", copy],
            "pull": ["skopeo", "copy", f"docker://{image}", f"dir:{copy}"],
            "identify": ["cat", f"{copy}/manifest.json"],
            "tidy": ["rm", "-r", copy],
        }
    loads = {"buildah": ["buildah", "pull", f"docker-archive:{archive}"]}
    removes = {"buildah": ["buildah", "rmi", image]}
    remove = removes.get(client, [client, "image", "rm", image])
    return {
        "load": loads.get(client, [client, "load", "--input", archive]),
        "push": [client, "push", image],
        "remove": remove,
        "pull": [client, "pull", image],
        "identify": [client, "images", "--quiet", "--no-trunc", image],
        "tidy": remove,
    }


def push_and_pull(image: str) -> dict[str, Any]:
    """What came of it for one image. Raises CalledProcessError for what the registry has no
    part in."""
    client = image.rpartition("/")[2].partition(":")[0]
    with tempfile.TemporaryDirectory() as folder:
        image_id = make_image(Path(folder) / "image.tar", image)
        steps = commands(client, image, Path(folder))
        run(steps["load"]).check_returncode()
        pushed = run(steps["push"])
        run(steps["remove"]).check_returncode()
        pulled = run(steps["pull"])
        same = False
        if pulled.returncode == 0:
            same = image_id in run(steps["identify"]).stdout
            run(steps["tidy"]).check_returncode()
    return {
        "image": image,
        "pushed": told(pushed),
        "pulled": told(pulled),
        "same": same,
    }


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {"rc": done.returncode, "said": done.stdout.strip()}


def make_image(archive: Path, name: str) -> str:
    """Writes an image of one layer, as `docker save` would, and returns its id."""
    layer = archived({"content": os.urandom(4096)})
    rootfs = {"type": "layers", "diff_ids": [digest(layer)]}
    configuration = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}
    ).encode()
    entry = {"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}
    files = {
        "config.json": configuration,
        "layer.tar": layer,
        "manifest.json": json.dumps([entry]).encode(),
    }
    archive.write_bytes(archived(files))
    return digest(configuration)


def archived(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def digest(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


if __name__ == "__main__":
    json.dump([push_and_pull(image) for image in sys.argv[1:]], sys.stdout)
