# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What is tried where and with which Python, what is thought of it, what README.md shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_test._util.target.common import constants

from ansible_collections.icr.access.tests.compatibility.fleet import (
    BECOME,
    SSH,
    inventory,
    local,
)
from ansible_collections.icr.access.tests.compatibility.releases import (
    RELEASES,
    Release,
    controller_of,
    hosts_of,
    in_debian,
    is_too_new,
)
from ansible_collections.icr.access.tests.compatibility.table import (
    BEGIN,
    END,
    HEAD,
    PASSED,
    Row,
    not_run,
    table_of,
    with_table,
)
from ansible_collections.icr.access.tests.compatibility.trial import cells_of
from ansible_collections.icr.access.tests.compatibility.verdict import (
    Verdict,
    verdict_of,
)
from ansible_collections.icr.access.tests.machine.pythons import Interpreter

OLD, NEW = RELEASES[0], RELEASES[-1]


def pythons(*minors: int) -> list[Interpreter]:
    return [Interpreter((3, minor, 1), Path(f"/python3.{minor}")) for minor in minors]


@pytest.mark.parametrize(
    ("release", "here", "expected"),
    [
        pytest.param(OLD, (8, 11, 12, 13), 11, id="the-usual-one"),
        pytest.param(OLD, (8, 10, 12, 13), 13, id="else-the-newest"),
        pytest.param(OLD, (12, 13, 14), 13, id="none-that-is-too-new"),
        pytest.param(NEW, (8, 11, 12, 13), 13, id="the-usual-one-is-too-old"),
        pytest.param(NEW, (8, 11), None, id="all-are-too-old"),
        pytest.param(NEW, (), None, id="none-at-all"),
    ],
)
def test_a_controller_has_the_usual_python_or_the_newest(
    release: Release, here: tuple[int, ...], expected: int | None
) -> None:
    chosen = controller_of(release, pythons(*here), (3, 11))
    assert (chosen and chosen.minor[1]) == expected


@pytest.mark.parametrize(
    ("release", "here", "expected"),
    [
        pytest.param(OLD, (6, 8, 9, 11, 12, 13, 14), [8, 11, 13], id="from-3.8-on"),
        pytest.param(NEW, (6, 8, 9, 11, 12, 13), [9, 11, 13], id="from-3.9-on"),
        pytest.param(OLD, (13, 10, 11), [10, 11, 13], id="the-oldest-that-is-here"),
        pytest.param(NEW, (11,), [11], id="only-one"),
        pytest.param(NEW, (6, 8), [], id="all-are-too-old"),
    ],
)
def test_hosts_have_the_oldest_python_and_those_of_debian(
    release: Release, here: tuple[int, ...], expected: list[int]
) -> None:
    assert [each.minor[1] for each in hosts_of(release, pythons(*here))] == expected


@pytest.mark.parametrize(
    ("release", "usual", "lacking", "expected"),
    [
        pytest.param(OLD, (3, 11), "", False, id="takes-the-usual-python"),
        pytest.param(OLD, (3, 11), "root", False, id="takes-it-without-root-too"),
        pytest.param(OLD, (3, 14), "", False, id="older-than-the-usual-python"),
        pytest.param(NEW, (3, 11), "", True, id="too-new-for-it"),
        pytest.param(NEW, (3, 11), "root", False, id="too-new-for-it-and-no-root"),
        pytest.param(NEW, (3, 12), "", False, id="takes-a-newer-usual-python"),
    ],
)
def test_a_release_that_is_too_new_for_the_usual_python_is_tried_in_debian(
    release: Release, usual: tuple[int, int], lacking: str, expected: bool
) -> None:
    assert in_debian(release, usual, lacking) is expected


def test_a_release_takes_the_pythons_that_it_names_itself(checkout: Path) -> None:
    tools = (checkout / "requirements-test.txt").read_text()
    (core,) = re.findall(r"^ansible-core >=([\d.]+)", tools, re.MULTILINE)
    (release,) = (each for each in RELEASES if each.core == core)
    controller = [_minor(each) for each in constants.CONTROLLER_PYTHON_VERSIONS]
    others = [_minor(each) for each in constants.REMOTE_ONLY_PYTHON_VERSIONS]
    assert release.controller == (min(controller), max(controller))
    assert release.hosts == (min(others), max(controller))


def _minor(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


RECAP = "PLAY RECAP ***\n{}  : ok=2    changed=1    unreachable={}    failed={}    skipped=0\n"


@pytest.mark.parametrize(
    ("returned", "output", "complaints"),
    [
        pytest.param(0, RECAP.format("a-1.b", 0, 0), [], id="well"),
        pytest.param(0, f"\x1b[32m{RECAP.format('a-1.b', 0, 0)}", [], id="coloured"),
        pytest.param(
            2,
            RECAP.format("a-1.b", 0, 1),
            ["exit status 2", "a-1.b failed"],
            id="failed",
        ),
        pytest.param(
            4,
            RECAP.format("a-1.b", 1, 0),
            ["exit status 4", "a-1.b failed"],
            id="unreachable",
        ),
        pytest.param(0, "", ["a-1.b failed"], id="not-in-the-recap"),
        pytest.param(
            0,
            "[WARNING]: One\n[DEPRECATION WARNING]: Two\n ok\n"
            + RECAP.format("a-1.b", 0, 0),
            ["[WARNING]: One", "[DEPRECATION WARNING]: Two"],
            id="warnings",
        ),
    ],
)
def test_failures_and_warnings_are_complained_of(
    returned: int, output: str, complaints: list[str]
) -> None:
    verdict = verdict_of("hosts", returned, output, ["a-1.b"])
    assert verdict.complaints == tuple(f"hosts: {each}" for each in complaints)
    assert verdict.passed == (complaints == [])


def verdict(name: str, *well: str, complaint: str = "") -> Verdict:
    return Verdict(name, frozenset(well), (complaint,) if complaint else ())


def test_a_row_tells_what_failed_and_what_was_not_tried() -> None:
    verdicts = {
        "hosts": verdict("hosts", "python3.8", "ssh"),
        "rotate": verdict("rotate"),
        "report": verdict("report", complaint="report: exit status 2"),
        "runner": verdict("runner"),
    }
    cells = cells_of(verdicts, pythons(8, 11), {SSH: "", BECOME: "root"})
    assert cells == (
        "3.8.1, 3.11.1 **failed**",
        "passed",
        "not run: no root",
        "**failed**",
        "passed",
    )


def test_the_table_takes_the_place_of_the_one_before() -> None:
    rows = [Row("2.18.9", "3.11.7", (PASSED,) * 5), not_run("2.21", "no Python here")]
    table = table_of(rows, "2026-11-21", "0.1.0")
    lines = [line for line in table.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in lines] == [len(HEAD) + 1] * 4
    page = with_table(f"Before\n{BEGIN}\nold\n{END}\nAfter\n", table)
    assert page == f"Before\n{BEGIN}\n\n{table}\n\n{END}\nAfter\n"
    assert with_table(page, table) == page
    with pytest.raises(ValueError, match="compatibility"):
        with_table("no marks", table)


def test_each_host_has_a_folder_and_no_key_is_in_the_inventory(tmp_path: Path) -> None:
    (python,) = pythons(8)
    made = inventory(tmp_path, [local(python, Path("/caller"))])
    described = made["all"]["children"]["logged_in"]["hosts"]["python3.8"]
    assert Path(described["folder"]).is_dir()
    assert described["with_requests"] == "/caller"
    assert list(made["all"]["children"]["callers"]["hosts"]) == ["python3.8"]
    assert made["all"]["vars"]["registry_login_api_key"] == "{{ cloud.api_key }}"


class TestReadme:
    @pytest.fixture
    def rows(self, checkout: Path) -> list[list[str]]:
        page = (checkout / "README.md").read_text(encoding="utf-8")
        table = page.split(BEGIN, 1)[1].split(END, 1)[0]
        lines = [line for line in table.splitlines() if line.startswith("| ")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        assert rows[0] == list(HEAD)
        return rows[2:]

    def test_shows_each_release_that_is_tried(self, rows: list[list[str]]) -> None:
        shown = [row[0].rpartition(".")[0] for row in rows]
        assert shown == [release.core for release in RELEASES]

    def test_begins_with_the_oldest_that_the_collection_takes(
        self, rows: list[list[str]], checkout: Path
    ) -> None:
        runtime = yaml.safe_load((checkout / "meta" / "runtime.yml").read_text())
        assert runtime["requires_ansible"] == f">={RELEASES[0].core}.0"
        page = (checkout / "README.md").read_text(encoding="utf-8")
        words = page.partition(BEGIN)[0] + page.partition(END)[2]
        assert re.findall(r"ansible-core (\d\.\d+) or newer", words) == [
            RELEASES[0].core
        ]
        (python,) = re.findall(r"On the hosts: Python (\d\.\d+) or newer", words)
        assert rows[0][2].startswith(f"{python}.")

    def test_is_of_the_version_that_is_built(self, checkout: Path) -> None:
        page = (checkout / "README.md").read_text(encoding="utf-8")
        (version,) = re.findall(r"^Tried on [\d-]+ with version ([\d.]+) ", page, re.M)
        galaxy = yaml.safe_load((checkout / "galaxy.yml").read_text())
        assert version == galaxy["version"]

    def test_shows_debian_where_the_python_of_the_one_before_is_too_old(
        self, rows: list[list[str]]
    ) -> None:
        new = [is_too_new(release, (3, 11)) for release in RELEASES]
        assert [row[1].startswith("Debian 13, Python 3.13.") for row in rows] == new

    def test_shows_nothing_that_failed(self, rows: list[list[str]]) -> None:
        for _core, _controller, hosts, *others in rows:
            assert re.fullmatch(r"[\d., ]+", hosts)
            assert others == [PASSED] * len(others)
