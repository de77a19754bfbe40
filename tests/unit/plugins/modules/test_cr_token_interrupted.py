# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""cr_token of backend iam, killed at each of its writing requests in turn, and run
again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _waiting
from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.modules.cr_token import main
from ansible_collections.icr.access.tests.unit.plugins.local_cloud import LocalCloud
from ansible_collections.icr.access.tests.unit.plugins.modules.key_tokens import (
    REGION,
    grants,
    is_accepted,
    keys,
    seed_token,
    service_ids,
)

Run = Callable[..., dict[str, Any]]
HOUR = 3600
ALL, IN_A, IN_B = REGION, f"{REGION} team-a", f"{REGION} team-b"


class KilledError(BaseException):
    """The process is gone: nothing that it still tries to do happens."""


class Killer:
    """Kills at the n-th request that writes, before it is sent or, with `after`, before its
    answer is read. Whatever only reads leaves IBM Cloud as it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number: int | None = None
        self.after = False
        self.sent = 0
        send = CloudSession.send

        def send_or_die(
            session: CloudSession, method: str, url: str, **more: Any
        ) -> Any:
            if self.number is None:
                return send(session, method, url, **more)
            is_dead = self.sent >= self.number
            if method != "GET" and not url.endswith("/identity/token"):
                self.sent += 1
            if self.sent < self.number:
                return send(session, method, url, **more)
            if self.after and not is_dead:
                send(session, method, url, **more)
            raise KilledError

        monkeypatch.setattr(CloudSession, "send", send_or_die)

    def at(self, number: int | None, *, after: bool = False) -> None:
        self.number, self.after, self.sent = number, after, 0


@dataclasses.dataclass(frozen=True)
class Case:
    """What there is before, what is asked for, what has to be there in the end, and how many
    requests write. With `works` there is a token before that works until a new one does."""

    before: Callable[[LocalCloud], object]
    options: dict[str, Any]
    after: list[tuple[str, str]]
    writes: int
    works: bool = True


def nothing(cloud: LocalCloud) -> None:
    pass


def access(*namespaces: str, roles: tuple[str, ...] = ("Reader",)) -> dict[str, Any]:
    return {
        "policies": [
            {"roles": list(roles), "region": REGION, "namespace": name}
            for name in namespaces
        ]
    }


READER, WRITER = "Reader", "Reader Writer"
CASES = {
    "make": Case(nothing, {}, [(READER, ALL)], 3, works=False),
    "make for two namespaces": Case(
        nothing,
        {"namespaces": ["team-a", "team-b"], "readwrite": True},
        [(WRITER, IN_A), (WRITER, IN_B)],
        4,
        works=False,
    ),
    "readwrite": Case(seed_token, {"readwrite": True}, [(WRITER, ALL)], 1),
    "read only": Case(
        lambda cloud: seed_token(
            cloud, service_id=access("team-a", roles=("Reader", "Writer"))
        ),
        {"namespaces": ["team-a"]},
        [(READER, IN_A)],
        1,
    ),
    "other namespaces": Case(
        lambda cloud: seed_token(
            cloud, service_id=access("team-c", "team-d", "team-e")
        ),
        {"namespaces": ["team-a", "team-b"]},
        [(READER, IN_A), (READER, IN_B)],
        3,
    ),
    "more namespaces and pushing": Case(
        lambda cloud: seed_token(cloud, service_id=access("team-a")),
        {"namespaces": ["team-a", "team-b"], "readwrite": True},
        [(WRITER, IN_A), (WRITER, IN_B)],
        2,
    ),
    "renew": Case(
        lambda cloud: seed_token(cloud, expires_at=cloud.app.clock.now() + HOUR),
        {"renew_before": "2h"},
        [(READER, ALL)],
        2,
    ),
    "renew, and push": Case(
        lambda cloud: seed_token(cloud, expires_at=cloud.app.clock.now() + HOUR),
        {"renew_before": "2h", "readwrite": True},
        [(WRITER, ALL)],
        3,
    ),
    "never expires": Case(
        lambda cloud: seed_token(cloud, expires_at=cloud.app.clock.now() + HOUR),
        {"non_expiring": True},
        [(READER, ALL)],
        2,
    ),
}


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    for name in ("IC_API_KEY", "IBMCLOUD_API_KEY", "IC_IAM_TOKEN", "ICR_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    return Killer(monkeypatch)


@pytest.fixture
def run(local_cloud: LocalCloud, run_module: Run) -> Run:
    def run_here(**options: Any) -> dict[str, Any]:
        shared = {
            "region": REGION,
            "endpoints": local_cloud.endpoints,
            "api_key": local_cloud.api_key,
            "retries": 0,
            # http alone: the certificates of this machine need not be read
            "validate_certs": False,
        }
        return run_module(main, {**shared, **options})

    return run_here


def start(cloud: LocalCloud, before: Callable[[LocalCloud], object]) -> None:
    assert cloud.control("POST", "/reset").status == 204
    cloud.seed(
        namespaces=[{"region": REGION, "name": f"team-{each}"} for each in "abcde"]
    )
    before(cloud)


def is_cut(run: Run, options: dict[str, Any]) -> bool:
    try:
        assert "failed" not in run(**options)
    except KilledError:
        return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_next_run_repairs(
    local_cloud: LocalCloud, run: Run, killer: Killer, case: Case, after: bool
) -> None:
    # what is seeded without an end is not to be replaced because of that
    never = "renew_before" not in case.options
    options = {"description": "ci", "non_expiring": never, **case.options}
    for number in range(1, case.writes + 2):
        start(local_cloud, case.before)
        killer.at(number, after=after)
        was_cut = is_cut(run, options)
        killer.at(None)
        if case.works:
            assert any(is_accepted(local_cloud, key.value) for key in keys(local_cloud))
        repaired = run(**options)
        assert "failed" not in repaired, (number, repaired)
        assert len(service_ids(local_cloud)) == 1
        (key,) = keys(local_cloud)
        assert grants(local_cloud) == case.after
        assert (repaired["token_id"], repaired["token"]) == (key.id, key.value)
        assert is_accepted(local_cloud, repaired["token"])
        again = run(**options)
        assert (again["changed"], again["token"]) == (False, repaired["token"])
        assert was_cut is (number <= case.writes)


@pytest.mark.parametrize("policies_are_listed_after", [0, 30])
@pytest.mark.parametrize("name", ["make", "make for two namespaces", "renew"])
def test_what_the_next_run_gives_works(
    local_cloud: LocalCloud,
    run: Run,
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    policies_are_listed_after: int,
) -> None:
    monkeypatch.setattr(_waiting, "sleep", local_cloud.advance)
    monkeypatch.setattr(_waiting, "monotonic", local_cloud.app.clock.now)
    case = CASES[name]
    options = {"description": "ci", **case.options}
    # what was made is there, and the run that made it is not
    for number in range(1, case.writes + 1):
        start(local_cloud, case.before)
        local_cloud.switch(
            policy_visibility_seconds=policies_are_listed_after,
            api_key_visibility_seconds=60,
            policy_enforcement_seconds=90,
        )
        killer.at(number, after=True)
        assert is_cut(run, options)
        killer.at(None)
        repaired = run(**options)
        assert is_accepted(local_cloud, repaired["token"]), number
        pull = "repository:team-a/app:pull"
        granted = local_cloud.access(repaired["token"], pull)
        assert [each["actions"] for each in granted] == [["pull"]], number
        assert grants(local_cloud) == case.after


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("by", ["description", "token_id"])
@pytest.mark.parametrize("conflicts", [0, 1])
def test_removal_that_was_interrupted_leaves_nothing_after_the_next(
    local_cloud: LocalCloud,
    run: Run,
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,
    by: str,
    conflicts: int,
) -> None:
    monkeypatch.setattr(_waiting, "sleep", local_cloud.advance)
    for number in range(1, conflicts + 3):
        start(local_cloud, seed_token)
        local_cloud.switch(service_id_delete_conflicts=conflicts)
        (key,) = keys(local_cloud)
        named = {"token_id": key.id} if by == "token_id" else {"description": "ci"}
        killer.at(number, after=after)
        was_cut = is_cut(run, {**named, "state": "absent"})
        killer.at(None)
        assert "failed" not in run(**named, state="absent")
        assert service_ids(local_cloud) == []
        assert key.id not in local_cloud.app.state.api_keys
        assert [
            policy.id
            for policy in local_cloud.app.state.policies.values()
            if policy.subject == key.iam_id and policy.state == "active"
        ] == []
        assert run(**named, state="absent")["changed"] is False
        assert was_cut is (number <= conflicts + 1)
