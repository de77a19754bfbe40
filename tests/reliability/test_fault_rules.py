# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The rules by which the matrix of faults judges, which must not let everything pass."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.tests.reliability.fault_matrix.advice import (
    advice_of,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.complaints import (
    claims_of,
    failure_of,
    of_secrets,
    of_text,
    times_sent,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.faults import (
    ALL,
    FAULTS,
    ITS_LIKE,
    ONCE,
    Fault,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.scenarios import (
    SCENARIOS,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.selection import (
    chosen,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.table import (
    sum_up,
    table,
)
from ansible_collections.icr.access.tests.reliability.fault_matrix.targets import (
    Target,
    targets_of,
)

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
KEY_ID = "ApiKey-01234567-89ab-cdef-0123-456789abcdef"
SECRET = "correct-horse-battery-staple"
ANSWERED = "Reading it failed: http://127.0.0.1:80/v1 answers 503 (tried 4 times)."


def asked(method: str, path: str, fault: str | None = None) -> dict[str, Any]:
    where = {"service": "iam", "region": None, "method": method, "path": path}
    return {**where, "fault": fault}


def target(method: str, path: str, service: str = "iam") -> Target:
    return Target(service, None, method, path, 0, 0)


class TestTargets:
    def test_requests_are_counted_by_kind_whatever_their_ids(self) -> None:
        path = f"/v1/apikeys/{KEY_ID}"
        other = path.replace("0123", "4567")
        journal = [asked("GET", path), asked("PUT", path), asked("GET", other)]
        found = targets_of(journal)
        assert [(each.turn, each.position) for each in found] == [
            (0, 0),
            (0, 1),
            (1, 2),
        ]
        assert [str(each) for each in found][1:] == [
            "PUT /v1/apikeys/ApiKey-ID",
            "GET /v1/apikeys/ApiKey-ID #2",
        ]
        assert len(found[0].path) == len(path)


class TestMustBeSurvived:
    @pytest.mark.parametrize(
        ("name", "reach", "hit", "expected"),
        [
            ("503, 2 s", ONCE, target("GET", "/v1/apikeys"), True),
            ("503, 2 s", ONCE, target("POST", "/v1/apikeys"), False),
            ("503, 2 s", ONCE, target("POST", "/identity/token"), True),
            ("503", ALL, target("GET", "/v1/apikeys"), False),
            ("429", ONCE, target("POST", "/v1/apikeys"), True),
            ("429", ITS_LIKE, target("POST", "/v1/apikeys"), False),
            ("refused", ONCE, target("PATCH", "/api/v1/namespaces/n"), True),
            ("reset", ONCE, target("PATCH", "/api/v1/namespaces/n"), False),
            ("401", ONCE, target("GET", "/v1/apikeys/details"), True),
            ("401", ONCE, target("POST", "/identity/token"), False),
            ("401", ONCE, target("GET", "/v2/", "registry"), False),
            ("called HTML", ALL, target("POST", "/v1/apikeys"), True),
            ("page", ONCE, target("GET", "/v1/apikeys"), False),
        ],
    )
    def test_what_was_promised(
        self, name: str, reach: str, hit: Target, expected: bool
    ) -> None:
        (fault,) = (f for f in FAULTS if (f.name, f.reach) == (name, reach))
        assert fault.must_be_survived(hit) is expected


class TestChosen:
    @pytest.mark.parametrize("count", [1, 3, 50])
    def test_every_request_and_every_fault(self, count: int) -> None:
        targets = [Target("iam", None, "PUT", f"/{n}", 0, n) for n in range(count)]
        turns = [list(chosen(targets, turn, 3)) for turn in range(3)]
        for pairs in turns:
            assert {each for each, _fault in pairs} == set(targets)
        faults = {str(fault) for pairs in turns for _each, fault in pairs}
        assert faults == set(map(str, FAULTS))

    def test_an_answer_is_lost_to_what_cannot_be_repeated(self) -> None:
        pairs = list(chosen([target("POST", "/v1/apikeys")], 0, 30))
        assert "reset when done" in [str(fault) for _each, fault in pairs]

    def test_lasting_refusal_of_a_value_is_no_fault(self) -> None:
        details = target("GET", "/v1/apikeys/details")
        faults = {str(fault) for _each, fault in chosen([details], 0, 1)}
        assert "401" in faults and "401 (its like)" not in faults

    def test_only_what_can_meet_it(self) -> None:
        pairs = chosen([target("GET", "/")], 0, 1)
        assert all(fault.applies_to(each) for each, fault in pairs)

    def test_nothing_without_requests(self) -> None:
        assert list(chosen([], 0, 1)) == []


class TestComplaints:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (ANSWERED, None),
            ("", "is not one line"),
            (f"{ANSWERED}\n", "is not one line"),
            (ANSWERED + " x" * 1000, "characters long"),
            (f"{ANSWERED} KeyError('id')", "speaks Python"),
            (ANSWERED.replace("127.0.0.1:80", ""), "does not say what was asked"),
            (ANSWERED.replace("503", ""), "does not say what came back"),
            (ANSWERED.replace("4 times", "2 times"), "was tried 4 times"),
            (ANSWERED.replace(" (tried 4 times)", ""), "was tried 4 times"),
        ],
    )
    def test_of_messages(self, text: str, complaint: str | None) -> None:
        found = " ".join(of_text(text, "503", [3, 4]))
        assert complaint in found if complaint else found == ""

    @pytest.mark.parametrize(
        ("result", "leaks"),
        [
            ({"msg": SECRET}, 1),
            ({"diff": [base64.b64encode(f"iamapikey:{SECRET}".encode()).decode()]}, 1),
            ({"warnings": ["Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln"]}, 1),
            ({"api_key": {"id": SECRET, "value": "x"}}, 1),
            ({"api_key": {"id": "x", "value": SECRET}, "token": SECRET}, 0),
            ({"api_keys": [{"value": SECRET}], "tokens": [{"token": SECRET}]}, 0),
        ],
    )
    def test_of_secrets(self, result: dict[str, Any], leaks: int) -> None:
        assert len(list(of_secrets(result, [SECRET]))) == leaks

    @pytest.mark.parametrize(
        ("result", "text"),
        [
            ({"changed": True}, None),
            ({"failed": True, "msg": "No."}, "No."),
            ({"logins": [{"valid": True}, {"valid": None, "reason": "Why."}]}, "Why."),
        ],
    )
    def test_failures(self, result: dict[str, Any], text: str | None) -> None:
        assert failure_of(result) == text

    def test_claims_are_what_is_counted_and_proved(self) -> None:
        result = {"api_keys": [1, 2], "registries": [{"verified": None}], "x": 1}
        claims = {"api_keys": 2, "registries": 1, "verified": [None]}
        assert claims_of(result) == claims

    def test_only_requests_that_met_a_fault_count(self) -> None:
        row = [asked("GET", "/a"), *[asked("GET", "/b", "reset")] * 4]
        assert times_sent([*row, asked("GET", "/c", "reset")]) == [4, 1]
        assert times_sent(row[:1]) == []


def test_advice_is_followed() -> None:
    told = f"Delete it (state: absent, id: {KEY_ID}). Or look for one named n and remove it."
    assert list(advice_of(told, "us-south")) == [
        ("cr_apikey", {"id": KEY_ID, "state": "absent"}),
        ("cr_apikey", {"name": "n", "state": "absent"}),
    ]


def test_table_counts_by_row_and_column() -> None:
    properties = [
        ("fault", ("b: make", "reset", True)),
        ("fault", ("b: make", "reset", False)),
        ("fault", ("a: look", "429", True)),
        ("tally", {}),
    ]
    assert table(sum_up(properties), ["429", "html", "reset"]) == [
        "             429    reset",
        "a: look      1/1        -",
        "b: make        -      2/1",
    ]


def test_every_module_and_the_lookup_take_part() -> None:
    files = [
        *PLUGINS.glob("modules/*.py"),
        *PLUGINS.glob("lookup/*.py"),
    ]
    assert {each.module for each in SCENARIOS} == {file.stem for file in files}


def test_names_of_faults_are_unique() -> None:
    names = [str(fault) for fault in FAULTS]
    assert len(set(names)) == len(names)
    assert all(isinstance(fault, Fault) for fault in FAULTS)
