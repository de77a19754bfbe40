# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What people use today, beside this collection, at the same registry: over http and over TLS.

`docker_login` of community.docker and `podman_login` of containers.podman come with the PyPI
package `ansible`, which is installed into a virtual environment under `build`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .engine import find_engine
from .interleaved import measure
from .playbooks import FORKS, Fleet
from .registry import PASSWORD, USERNAME, Registry, missing, registry
from .results import Result
from .row import Row, nobody, ping
from .section import Section, Size

TITLE = "Beside others"
NOTE = (
    "What the Docker engine does for a login is part of the CPU of `docker_login` and "
    "`docker login`, whose question it takes to the registry."
)
UNKNOWN = "The CPU of the Docker engine is not part of it: it is not known which process it is."
PACKAGE = "ansible==12.3.0"
HERE = Path(__file__).resolve()
# The copy that this runs from is below the checkout's folder of that name, and is made anew.
BUILD = next(
    (each for each in HERE.parents if each.name == "build"), HERE.parents[3] / "build"
)
OURS = "cr_login"


def measured(folder: Path, size: Size) -> Section:
    """A table over http and one over TLS; what could not be measured is named below."""
    lacking = missing()
    if lacking:
        return Section(TITLE, f"Not measured: this machine has no {lacking}.")
    collections, reason = _install()
    tables: list[str] = []
    missed: tuple[str, ...] = ()
    for told, tls in (("Over http", False), ("Over TLS", True)):
        with registry(folder, tls=tls) as found:
            rows, absent = rows_of(folder, found, collections, reason)
            results = measure(Fleet(folder, size.hosts), rows, size.rounds)
        listed = "\n".join(f"- {each}" for each in absent)
        extent = (
            f"{told}, {size.hosts} hosts, forks {FORKS}, medians of {size.rounds} interleaved "
            "rounds, each with its standard error."
        )
        tables.append(f"{extent}\n\n{table_of(results)}\n\n{listed}".rstrip())
        missed += dearer_than_others(results, told)
    note = NOTE if find_engine() else UNKNOWN
    return Section(TITLE, "\n\n".join((*tables, note, _versions())), missed)


def rows_of(
    folder: Path, found: Registry, collections: str | None, reason: str
) -> tuple[list[Row], list[str]]:
    """The rows that can be measured here, and a sentence for each other one. None of them
    changes anything: the login is there."""
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": _search_path(collections),
        "CONTAINERS_STORAGE_CONF": str(_podman_folders(folder)),
    }
    engine = find_engine()
    serving = engine.cpu if engine else nobody
    no_engine = _engine_reason()
    podman = None if shutil.which("podman") else "no podman"
    no_peers = None if collections else reason
    certificates = folder / "certificates"
    if found.ca:
        certificates.mkdir(exist_ok=True)
        shutil.copy(found.ca, certificates / "ca.crt")
    candidates = [
        (_docker_login(found), serving, no_peers or no_engine),
        (_podman_login(found, certificates), nobody, no_peers or podman),
        (_shell(found), serving, no_engine),
    ]
    rows = [
        Row(name, play, against=OURS, environment=environment, servant=servant)
        for (name, play), servant, why in candidates
        if not why
    ]
    absent = [
        f"{name}: not measured, {why}."
        for (name, _play), _servant, why in candidates
        if why
    ]
    name, play = _ours(found)
    ours = Row(name, play, environment=environment)
    return [ping()._replace(environment=environment), ours, *rows], absent


def table_of(results: Sequence[Result]) -> str:
    """The rows as a Markdown table, each other one beside ours, too. Pure."""
    lines = [
        f"| Task | CPU / ping | wall / ping | CPU / {OURS} | wall / {OURS} | CPU per host | sent per host |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in results:
        cpu, wall = ("", "") if each.row.against != OURS else each.judged
        lines.append(
            f"| {each.row.name} | {each.to_ping.cpu} | {each.to_ping.wall} | {cpu} | {wall} "
            f"| {each.cpu * 1000:.0f} ms | {each.sent / 1000:.0f} kB |"
        )
    return "\n".join(lines)


def dearer_than_others(results: Sequence[Result], told: str) -> tuple[str, ...]:
    """A sentence for each measure in which ours is not below another. Pure."""
    return tuple(
        f"{told}: {each.row.name} is {ratio:.3f} of {OURS} in {measure_of}, not more than 1."
        for each in results
        if each.row.against == OURS
        for measure_of, ratio in (
            ("CPU", each.judged.cpu),
            ("wall time", each.judged.wall),
        )
        if ratio.median <= 1
    )


def _ours(found: Registry) -> tuple[str, dict[str, Any]]:
    options: dict[str, Any] = {
        "registry": [found.url],
        "username": USERNAME,
        "password": PASSWORD,
        "config_path": "{{ host_folder }}/ours.json",
    }
    if found.ca:
        options["ca_path"] = str(found.ca)
    return OURS, _play("icr.access.cr_login", options)


def _docker_login(found: Registry) -> tuple[str, dict[str, Any]]:
    options = {
        "registry_url": found.host,
        "username": USERNAME,
        "password": PASSWORD,
        "config_path": "{{ host_folder }}/docker/config.json",
    }
    return "community.docker.docker_login", _play(
        "community.docker.docker_login", options
    )


def _podman_login(found: Registry, certificates: Path) -> tuple[str, dict[str, Any]]:
    options: dict[str, Any] = {
        "registry": found.host,
        "username": USERNAME,
        "password": PASSWORD,
        "authfile": "{{ host_folder }}/podman.json",
        "tlsverify": bool(found.ca),
    }
    if found.ca:
        options["certdir"] = str(certificates)
    return "containers.podman.podman_login", _play(
        "containers.podman.podman_login", options
    )


def _podman_folders(folder: Path) -> Path:
    """The file that has Podman keep to this folder. As root it would make `/run/containers` for
    itself alone, where the clients of other users look for a login first."""
    place = folder / "storage.conf"
    roots = f'runroot = "{folder}/run"\ngraphroot = "{folder}/storage"\n'
    place.write_text(f'[storage]\ndriver = "vfs"\n{roots}')
    return place


def _shell(found: Registry) -> tuple[str, dict[str, Any]]:
    command = f"docker login --username {USERNAME} --password-stdin {found.host}"
    play = _play("ansible.builtin.shell", {"cmd": command, "stdin": PASSWORD})
    play["environment"] = {"DOCKER_CONFIG": "{{ host_folder }}/shell"}
    return "shell: docker login --password-stdin", play


def _play(module: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"tasks": [{module: dict(options)}]}


def _engine_reason() -> str | None:
    """Why `docker login` cannot be asked of an engine here."""
    if shutil.which("docker") is None:
        return "no docker"
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    ran = subprocess.run(asked, check=False, capture_output=True)
    return None if ran.returncode == 0 else "no Docker engine runs"


def _versions() -> str:
    """Of what is compared with, where it is there."""
    asked = {
        "Docker's client": ("docker", "version", "--format={{.Client.Version}}"),
        "its engine": ("docker", "version", "--format={{.Server.Version}}"),
        # asked in another way, it would make its folders
        "Podman": ("podman", "--version"),
    }
    found = [f"the PyPI package {PACKAGE.replace('==', ' ')}"]
    for name, command in asked.items():
        if shutil.which(command[0]):
            ran = subprocess.run(command, check=False, capture_output=True, text=True)
            if ran.returncode == 0:
                found.append(f"{name} {ran.stdout.split()[-1]}")
    return f"With {', '.join(found)}."


def _install() -> tuple[str | None, str]:
    """Where the other collections are, or None and why they are not."""
    home = BUILD / "peers"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    installing = [str(python), "-m", "pip", "install", "--quiet", PACKAGE]
    ran = subprocess.run(installing, check=False, stdout=sys.stderr)
    if ran.returncode:
        return None, f"{PACKAGE} cannot be installed"
    return str(next(home.glob("lib/python3*/site-packages"))), ""


def _search_path(collections: str | None) -> str:
    ours = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    return ":".join(part for part in (ours, collections) if part)
