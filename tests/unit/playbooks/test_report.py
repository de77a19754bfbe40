# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What the playbook icr.access.report makes of what was seen on hosts."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FINE = {
    "registry": "de.icr.io",
    "region": "eu-de",
    "legacy": False,
    "stored": True,
    "username": "iamapikey",
    "user": "ci",
    "config_path": "/home/ci/.docker/config.json",
    "mode": "0600",
    "valid": True,
    "reason": None,
    "expires_at": None,
    "shadowed_by": None,
    "problem": None,
}


def login(**fields: object) -> dict[str, Any]:
    return {"results": [{"logins": [{**FINE, **fields}]}]}


# Each host, by a name that says how it is to be told of, in the order of the report.
SEEN: dict[str, dict[str, Any]] = {
    "away": {"results": [{"unreachable": True, "msg": "no route"}]},
    "broken": {"results": [{"msg": "File /x is no JSON."}] * 2},
    "unreadable": login(registry=None, stored=None, valid=None, problem="No way in."),
    "without": login(stored=False, valid=None, username=None, mode=None),
    "wrong": login(valid=False, reason='The registry says "no", <b>so</b>.'),
    "hidden": login(shadowed_by="/run/auth.json"),
    "legacy": login(registry="registry.ng.bluemix.net", legacy=True, valid=None),
    "open": login(mode="0644"),
    "unasked": login(registry="=quay.io", valid=None, reason="It was not asked."),
    "fine": login(username="iambearer", expires_at="2026-11-20T20:15:00Z"),
    "none": {"results": [{"logins": []}]},
}
TOLD = {
    "away": ("0", "", "unreachable"),
    "broken": ("0", "", "File /x is no JSON."),
    "unreadable": ("0", "", "No way in."),
    "without": ("1", "", "no login"),
    "wrong": ("1", "no", 'The registry says "no", <b>so</b>.'),
    "hidden": ("2", "yes", "the client prefers the login in /run/auth.json"),
    "legacy": ("2", "not known", "IBM replaced this registry in 2019: log out of it"),
    "open": ("2", "yes", "others may read the file"),
    "unasked": ("3", "not known", "It was not asked."),
    "fine": ("4", "yes", ""),
}


def told_of(
    seen_on: dict[str, Any], folder: Path, collections: Path, *more: str
) -> str:
    """What the playbook prints that writes its report into `logins` of that folder."""
    hosts = {name: {"report_seen": seen} for name, seen in seen_on.items()}
    inventory = folder / "inventory.json"
    groups = {"seen": {"hosts": hosts}, "controller": {"hosts": {"localhost": {}}}}
    inventory.write_text(json.dumps({"all": {"children": groups}}))
    command = ["ansible-playbook", "icr.access.report", "-i", str(inventory)]
    # without the hosts: what was seen is in the inventory
    command += ["-e", "report_dest=logins", "-e", "report_hosts=seen"]
    command += ["--limit", "localhost", *more]
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            **os.environ,
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def report(
    tmp_path_factory: pytest.TempPathFactory, collections_path: Path
) -> tuple[Path, str]:
    """The folder of the report, and what was printed."""
    folder = tmp_path_factory.mktemp("report")
    printed = told_of(SEEN, folder, collections_path)
    return folder / "logins", printed


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "logins.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_who_needs_a_person_comes_first(report: tuple[Path, str]) -> None:
    rows = rows_of(report[0])
    assert [row["host"] for row in rows] == list(TOLD)
    for row in rows:
        assert (row["valid"], row["problem"]) == TOLD[row["host"]][1:], row["host"]


def test_kinds_and_ends(report: tuple[Path, str]) -> None:
    row = rows_of(report[0])[-1]
    assert (row["kind"], row["expires_at"]) == ("access token", "2026-11-20T20:15:00Z")


def test_spreadsheet_takes_nothing_for_a_formula(report: tuple[Path, str]) -> None:
    assert [
        row["registry"] for row in rows_of(report[0]) if row["host"] == "unasked"
    ] == ["'=quay.io"]


def test_page_shows_the_same_and_escapes_it(report: tuple[Path, str]) -> None:
    page = (report[0] / "logins.html").read_text(encoding="utf-8")
    ranks = re.findall(
        r'<tr data-rank="(\d)"><td[^>]*>[^<]*</td><td>([a-z]+)</td>', page
    )
    assert ranks == [(rank, host) for host, (rank, *_rest) in TOLD.items()]
    assert "&lt;b&gt;so&lt;/b&gt;" in page
    assert "11 hosts, 7 logins" in page
    assert "8 hosts need a person." in page
    assert re.findall(r'(?:src|href)="', page) == []


def test_files_are_not_for_everybody(report: tuple[Path, str]) -> None:
    for path in report[0].iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_last_words(report: tuple[Path, str]) -> None:
    assert "8 of 11 hosts need a person" in report[1]


def test_folder_that_is_there_stays_as_it_is(
    tmp_path: Path, collections_path: Path
) -> None:
    folder = tmp_path / "logins"
    folder.mkdir()
    folder.chmod(0o755)
    told_of({"none": SEEN["none"]}, tmp_path, collections_path)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "logins.html").stat().st_mode & 0o777 == 0o600


def test_dry_run_writes_nothing(tmp_path: Path, collections_path: Path) -> None:
    told = told_of({"none": SEEN["none"]}, tmp_path, collections_path, "--check")
    assert "0 of 1 hosts need a person" in told
    assert not (tmp_path / "logins").exists()
