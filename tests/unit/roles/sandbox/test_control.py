# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The control port: what tests do to the sandbox."""

from __future__ import annotations

import json

import pytest

from ansible_collections.icr.access.tests.unit.roles.sandbox.cloud import START, Cloud


class TestFaults:
    def fault(self, cloud: Cloud, **rule: object) -> None:
        assert cloud.control("POST", "/faults", rule).status == 201

    def statuses(self, cloud: Cloud, count: int, method: str = "GET") -> list[int]:
        return [cloud.iam(method, "/identity/keys").status for _turn in range(count)]

    def test_next_calls_after_some(self, cloud: Cloud) -> None:
        self.fault(cloud, kind="status", status=500, calls=2, skip=1)
        assert self.statuses(cloud, 4) == [200, 500, 500, 200]

    def test_until_cleared(self, cloud: Cloud) -> None:
        self.fault(cloud, kind="empty", status=502, calls=0)
        assert self.statuses(cloud, 3) == [502, 502, 502]
        assert len(cloud.control("GET", "/faults").json()["faults"]) == 1
        assert cloud.control("DELETE", "/faults").status == 204
        assert self.statuses(cloud, 1) == [200]

    @pytest.mark.parametrize(
        ("rule", "hit"),
        [
            ({"service": "iam"}, True),
            ({"service": "registry"}, False),
            ({"method": "POST"}, False),
            ({"path": "/identity/*"}, True),
            ({"path": "/v2/*"}, False),
            ({"region": "us-south"}, False),
        ],
        ids=str,
    )
    def test_matching(self, cloud: Cloud, rule: dict[str, object], hit: bool) -> None:
        self.fault(cloud, kind="status", **rule)
        assert self.statuses(cloud, 1) == [503 if hit else 200]

    def test_throttled(self, cloud: Cloud) -> None:
        self.fault(cloud, kind="status", status=429, retry_after=7)
        answer = cloud.iam("GET", "/identity/keys")
        assert (answer.status, answer.header("Retry-After")) == (429, "7")

    def test_html(self, cloud: Cloud) -> None:
        self.fault(cloud, kind="html", status=200)
        answer = cloud.iam("GET", "/identity/keys")
        assert (answer.header("Content-Type") or "").startswith("text/html")

    def test_transport(self, cloud: Cloud) -> None:
        for kind in ("delay", "truncate", "reset"):
            self.fault(cloud, kind=kind, seconds=1.5)
        delayed, cut, reset = (cloud.iam("GET", "/identity/keys") for _turn in range(3))
        assert (delayed.status, delayed.delay) == (200, 1.5)
        assert cut.cut_after is not None and 0 < cut.cut_after < len(cut.body)
        assert reset.reset

    def test_answers_that_are_spoilt_when_the_work_is_done(self, cloud: Cloud) -> None:
        for kind in ("tear", "halve", "blank", "mistype", "close"):
            self.fault(cloud, kind=kind)
        torn, half, blank, odd, closed = (
            cloud.iam("GET", "/identity/keys") for _turn in range(5)
        )
        assert torn.reset and torn.cut_after == len(torn.body) // 2
        assert (half.cut_after, half.body) == (None, closed.body[: torn.cut_after])
        assert (blank.status, blank.body) == (200, b"")
        assert odd.header("Content-Type") == "text/html; charset=utf-8"
        assert odd.json() == closed.json()
        assert not closed.reset and closed.cut_after == len(closed.body)

    def test_token_that_expires_before_the_request(self, cloud: Cloud) -> None:
        owner = cloud.owner
        self.fault(cloud, kind="late", path="/v1/apikeys*", seconds=3601)
        query = f"?account_id={cloud.account_id}"
        assert cloud.iam("GET", f"/v1/apikeys{query}", token=owner).status == 401
        assert cloud.control("GET", "/clock").json()["now"] == START + 3601

    @pytest.mark.parametrize(("after", "made"), [(True, 1), (False, 0)])
    def test_answer_lost_before_or_after_the_work(
        self, cloud: Cloud, after: bool, made: int
    ) -> None:
        owner = cloud.owner
        self.fault(cloud, kind="reset", path="/v1/serviceids*", after=after)
        body = {"account_id": cloud.account_id, "name": "ci"}
        answer = cloud.iam("POST", "/v1/serviceids/", token=owner, json_body=body)
        assert answer.reset
        assert len(cloud.app.state.service_ids) == made

    @pytest.mark.parametrize(
        "rule",
        [
            {},
            {"kind": "other"},
            {"kind": "status", "status": 42},
            {"kind": "status", "status": "500"},
            {"kind": "delay", "seconds": -1},
            {"kind": "status", "calls": -1},
            {"kind": "status", "typo": 1},
            {"kind": "status", "after": 1},
        ],
        ids=json.dumps,
    )
    def test_invalid(self, cloud: Cloud, rule: dict[str, object]) -> None:
        answer = cloud.control("POST", "/faults", rule)
        assert answer.status == 400 and answer.json()["error"]


class TestClock:
    def test_set_and_advance(self, cloud: Cloud) -> None:
        assert cloud.control("GET", "/clock").json()["now"] == START
        cloud.control("POST", "/clock", {"set": "2030-01-01T00:00:00Z"})
        answer = cloud.control("POST", "/clock", {"advance": 90}).json()
        assert answer["utc"] == "2030-01-01 00:01:30"

    @pytest.mark.parametrize(
        "body", [{}, {"set": "soon"}, {"advance": "1"}, {"set": 1, "advance": 1}]
    )
    def test_invalid(self, cloud: Cloud, body: dict[str, object]) -> None:
        assert cloud.control("POST", "/clock", body).status == 400


class TestSwitches:
    @pytest.mark.parametrize(
        "body",
        [
            {"unknown": 1},
            {"bad_secret_status": 403},
            {"strict": 1},
            {"page_limit": -1},
            {"page_limit": 1.5},
            {"tokens": "ancient"},
        ],
        ids=json.dumps,
    )
    def test_invalid_changes_nothing(
        self, cloud: Cloud, body: dict[str, object]
    ) -> None:
        before = cloud.control("GET", "/switches").json()
        both = {"challenge_quoting": "unquoted", **body}
        assert cloud.control("POST", "/switches", both).status == 400
        assert cloud.control("GET", "/switches").json() == before

    def test_lenient(self, cloud: Cloud) -> None:
        cloud.switch(strict=False)
        body = {"account_id": cloud.account_id, "name": "ci", "unknown": 1}
        answer = cloud.iam("POST", "/v1/serviceids/", token=cloud.owner, json_body=body)
        assert answer.status == 201


class TestReset:
    def test_only_the_founder_stays(self, cloud: Cloud) -> None:
        key = cloud.service_id()["api_key"]
        cloud.switch(bad_secret_status=400)
        cloud.advance(1000)
        cloud.control("POST", "/faults", {"kind": "status"})
        assert cloud.control("POST", "/reset").status == 204
        assert cloud.journal() == []
        assert cloud.control("GET", "/clock").json()["now"] == START
        assert cloud.exchange(key).status == 400
        assert cloud.exchange(cloud.api_key).status == 200
        assert cloud.login("iamapikey", key).status == 401


class TestSeed:
    @pytest.mark.parametrize(
        "body",
        [
            {"things": []},
            {"service_ids": {}},
            {"service_ids": [{}]},
            {"service_ids": [{"name": "x", "typo": 1}]},
            {"service_ids": [{"name": "x", "policies": [{"roles": ["King"]}]}]},
            {"service_ids": [{"name": "x", "api_keys": [{"expires_at": "soon"}]}]},
            {"api_keys": [{"service_id": "unknown"}]},
            {"policies": [{"version": 3}]},
            {"policies": [{"attributes": {"region": 1}}]},
            {"namespaces": [{"region": "us-east", "name": "team"}]},
            {"repositories": [{"region": "us-south", "name": "no/where"}]},
            {"limits": {"unknown": 1}},
        ],
        ids=json.dumps,
    )
    def test_invalid(self, cloud: Cloud, body: dict[str, object]) -> None:
        answer = cloud.control("POST", "/seed", body)
        assert answer.status == 400 and answer.json()["error"]

    def test_later_entries_name_earlier_ones(self, cloud: Cloud) -> None:
        made = cloud.seed(
            service_ids=[{"name": "ci", "api_keys": [{"value": "chosen"}]}],
            api_keys=[{"service_id": "ci", "name": "second"}],
            policies=[{"service_id": "ci", "roles": ["Reader"], "region": "eu-de"}],
            legacy_tokens=[{"region": "us-south", "description": "old"}],
        )
        iam_id = made["service_ids"][0]["iam_id"]
        assert made["service_ids"][0]["api_key"] == "chosen"
        assert made["api_keys"][0]["iam_id"] == iam_id
        assert made["policies"][0]["iam_id"] == iam_id
        assert made["legacy_tokens"][0]["value"]

    def test_service_id_without_a_key(self, cloud: Cloud) -> None:
        made = cloud.service_id(api_keys=[])
        assert made["api_keys"] == [] and "api_key" not in made
        assert cloud.app.state.keys_of(made["iam_id"]) == []

    def test_policy_of_any_kind(self, cloud: Cloud) -> None:
        made = cloud.service_id(
            policies=[
                {
                    "version": 2,
                    "attributes": {"serviceInstance": "x", "resource": ["a", "b"]},
                }
            ]
        )
        path = f"/v2/policies/{made['policies'][0]['id']}"
        policy = cloud.iam("GET", path, token=cloud.owner).json()
        seen = [
            (item["key"], item["operator"], item["value"])
            for item in policy["resource"]["attributes"]
        ]
        assert seen[2:] == [
            ("serviceInstance", "stringEquals", "x"),
            ("resource", "stringEqualsAnyOf", ["a", "b"]),
        ]
        assert policy["href"].endswith(path)

    def test_body_that_is_no_object(self, cloud: Cloud) -> None:
        assert cloud.control("POST", "/seed", [1]).status == 400
        assert cloud.control("GET", "/nowhere").status == 404


class TestJournal:
    def test_who_did_what(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        cloud.login("iamapikey", made["api_key"], "repository:team/app:pull")
        assert cloud.journal() == [
            {
                "number": 1,
                "service": "registry",
                "region": "us-south",
                "method": "GET",
                "path": "/oauth/token",
                "query": [
                    ["service", "registry"],
                    ["scope", "repository:team/app:pull"],
                ],
                "status": 200,
                "identity": made["iam_id"],
                "credential": made["api_key_id"],
                "fault": None,
            }
        ]
        cloud.control("DELETE", "/journal")
        assert cloud.journal() == []

    def test_a_token_goes_back_to_its_key(self, cloud: Cloud) -> None:
        made = cloud.service_id()
        token = cloud.login("iamapikey", made["api_key"]).json()["token"]
        cloud.registry("GET", "/v2/", token=token)
        assert cloud.journal()[-1]["credential"] == made["api_key_id"]

    def test_no_secret_wherever_a_client_puts_it(self, cloud: Cloud) -> None:
        cloud.switch(tokens="historical")
        made = cloud.service_id()
        token = cloud.token_of(made["api_key"])
        refresh = cloud.exchange(cloud.api_key, basic=("bx", "bx")).json()
        registry = cloud.login("iamapikey", made["api_key"]).json()["token"]
        secrets = [made["api_key"], token, refresh["refresh_token"], registry]
        for secret in secrets:
            cloud.login("iamapikey", secret)
            cloud.login(secret, "x")
            cloud.exchange(secret)
            for target in (f"/v1/apikeys/{secret}", f"/identity/token?apikey={secret}"):
                cloud.iam("GET", target, token=token)
            cloud.iam("GET", f"/v1/serviceids/?name={secret}", token=token)
            cloud.registry("DELETE", f"/api/v1/tokens/{secret}", token=token)
            cloud.registry("GET", f"/v2/{secret}/tags/list", token=registry)
        text = json.dumps(cloud.journal())
        assert [secret for secret in secrets if secret in text] == []
        assert made["api_key_id"] in text
