# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.icr.access.plugins.module_utils._access import (
    Other,
    Present,
    Step,
    Subject,
    Survey,
    policy_document,
    read_policy,
    reconcile,
    survey,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._grants import Grant
from ansible_collections.icr.access.plugins.module_utils._plan import (
    CREATE,
    REMOVE,
    UPDATE,
)
from ansible_collections.icr.access.plugins.module_utils._policies import (
    Attribute,
    Policy,
)

SUBJECT = Subject("iam-ServiceId-1", "a" * 32, "service ID ci")
IAM = "crn:v1:bluemix:public:iam::::serviceRole:"
ICR = "crn:v1:bluemix:public:container-registry::::serviceRole:"
READ = ("Reader",)
BOTH = ("Reader", "Writer")


def equals(key: str, value: object) -> Attribute:
    return Attribute(key, value, "stringEquals")


def policy(*roles: str, **resource: str) -> Policy:
    base = {"accountId": SUBJECT.account_id, "serviceName": "container-registry"}
    return Policy(
        id="p",
        kind="access",
        subject=(equals("iam_id", SUBJECT.iam_id),),
        resource=tuple(equals(*pair) for pair in {**base, **resource}.items()),
        roles=roles or (IAM + "Reader",),
    )


class TestReadPolicy:
    @pytest.mark.parametrize(
        ("present", "grant"),
        [
            (policy(), Grant(READ)),
            (policy(region="eu-de"), Grant(READ, "eu-de")),
            (policy(geography="global"), Grant(READ, "global")),
            (
                policy(region="eu-de", resourceType="namespace", resource="a"),
                Grant(READ, "eu-de", "a"),
            ),
            (
                policy(geography="global", resourceType="namespace", resource="a"),
                Grant(READ, "global", "a"),
            ),
            (policy(ICR + "Reader"), Grant(READ)),
            (policy(ICR + "Writer", IAM + "Reader", ICR + "Reader"), Grant(BOTH)),
        ],
        ids=[
            *("everything", "region", "global", "namespace", "global namespace"),
            *("role of the service", "roles in both forms"),
        ],
    )
    def test_grants(self, present: Policy, grant: Grant) -> None:
        assert read_policy(present, SUBJECT) == grant

    @pytest.mark.parametrize(
        ("present", "reason"),
        [
            (replace(policy(), kind="authorization"), "its type is authorization"),
            (replace(policy(), more=("rule",)), "it has a rule"),
            (policy(serviceInstance="x"), "it depends on serviceInstance"),
            (policy(resourceGroupId="x"), "it depends on resourceGroupId"),
            (policy(accountId="b" * 32), "it names another account or none"),
            (policy(geography="eu"), "it is for the geography eu"),
            (policy(geography="global", region="eu-de"), "it is for the geography"),
            (policy(resource="a"), "it is limited to something else"),
            (policy(resourceType="namespace"), "it is limited to something else"),
            (policy(resourceType="x", resource="a"), "it is limited to something"),
        ],
    )
    def test_what_a_grant_cannot_say(self, present: Policy, reason: str) -> None:
        read = read_policy(present, SUBJECT)
        assert isinstance(read, Other)
        assert read.reason.startswith(reason)
        assert read.target is None

    @pytest.mark.parametrize(
        "attribute",
        [
            Attribute("region", "eu-*", "stringMatch"),
            Attribute("region", ["eu-de"], "stringEquals"),
            Attribute("", None, ""),
            Attribute("serviceName", "container-registry", "stringEquals"),
        ],
        ids=["wildcard", "list", "not told", "twice"],
    )
    def test_odd_attributes(self, attribute: Attribute) -> None:
        present = policy()
        present = replace(present, resource=(*present.resource, attribute))
        assert isinstance(read_policy(present, SUBJECT), Other)

    @pytest.mark.parametrize(
        ("roles", "told"),
        [
            (("crn:v1:bluemix:public:iam::::role:Viewer",), "role:Viewer"),
            ((IAM + "Reader", "crn:v1:custom"), "crn:v1:custom"),
            ((IAM + "Readers",), "Readers"),
            (("x" + IAM + "Reader",), "it gives x"),
        ],
    )
    def test_other_roles_leave_a_target(
        self, roles: tuple[str, ...], told: str
    ) -> None:
        read = read_policy(policy(*roles, region="eu-de"), SUBJECT)
        assert isinstance(read, Other)
        assert told in read.reason
        assert read.target == ("eu-de", None)

    def test_no_role_at_all(self) -> None:
        read = read_policy(replace(policy(), roles=()), SUBJECT)
        assert isinstance(read, Other)
        assert read.reason == "it gives no role"


class TestSurvey:
    def test_sorts_out_what_is_ours(self) -> None:
        ours, odd = policy(), replace(policy(), id="odd", more=("rule",))
        found = survey([ours, odd], SUBJECT)
        assert found.present == (Present("p", Grant(READ)),)
        assert [each.policy_id for each in found.others] == ["odd"]
        assert found.grants == (Grant(READ),)

    @pytest.mark.parametrize(
        "change",
        [
            lambda p: replace(p, subject=(equals("iam_id", "iam-ServiceId-2"),)),
            lambda p: replace(p, subject=(equals("access_group_id", "g"),)),
            lambda p: replace(p, subject=()),
            lambda p: replace(p, subject=(*p.subject, equals("x", "y"))),
            lambda p: replace(p, resource=(equals("serviceName", "kms"),)),
            lambda p: replace(p, resource=(equals("serviceType", "service"),)),
            lambda p: replace(p, resource=()),
        ],
        ids=[
            *("other identity", "group", "nobody", "one more condition"),
            *("other service", "all services", "nothing"),
        ],
    )
    def test_the_rest_is_in_neither_list(
        self, change: Callable[[Policy], Policy]
    ) -> None:
        assert survey([change(policy())], SUBJECT) == Survey()


def grant(text: str) -> Grant:
    """`rw eu-de a`: roles, region, namespace; `-` for none."""
    roles, region, namespace = text.split()
    names = {"r": "Reader", "w": "Writer", "m": "Manager"}
    return Grant(
        tuple(names[letter] for letter in roles),
        None if region == "-" else region,
        None if namespace == "-" else namespace,
    )


class TestReconcile:
    @pytest.mark.parametrize(
        ("wanted", "present", "steps"),
        [
            ([], [], []),
            (["r - -"], ["r - -"], []),
            (["r - a", "r - b"], ["r - b", "r - a"], []),
            (["r - a"], [], ["create - r - a"]),
            ([], ["r - a"], ["remove p0 r - a"]),
            (["rw - a"], ["r - a"], ["update p0 rw - a"]),
            (["r - b"], ["r - a"], ["update p0 r - b"]),
            (["r eu-de a"], ["r eu-gb a"], ["update p0 r eu-de a"]),
            (["w - b"], ["r - a"], ["update p0 w - b"]),
            (
                ["rw - a", "r - b"],
                ["w - c", "r - a"],
                ["update p1 rw - a", "update p0 r - b"],
            ),
            (
                ["w - c", "r - b"],
                ["r - x", "w - y"],
                ["update p1 w - c", "update p0 r - b"],
            ),
            (
                ["r - a", "r - b", "r - c"],
                ["r - a", "r - x"],
                ["update p1 r - b", "create - r - c"],
            ),
            (
                ["r - a"],
                ["w - y", "r - x", "m - z"],
                ["update p1 r - a", "remove p0 w - y", "remove p2 m - z"],
            ),
            (["r - a"], ["r - a", "r - a"], ["remove p1 r - a"]),
            (["r - a"], ["w - a", "r - a"], ["remove p0 w - a"]),
        ],
        ids=[
            *("nothing at all", "as it is", "order does not matter", "first"),
            *("last", "other roles", "other namespace", "other region", "all other"),
            *("same target before other target", "same roles before any"),
            *("one more", "fewer", "twice the same", "twice, one right"),
        ],
    )
    def test_table(
        self, wanted: list[str], present: list[str], steps: list[str]
    ) -> None:
        found = Survey(
            tuple(Present(f"p{n}", grant(text)) for n, text in enumerate(present))
        )
        expected = []
        for text in steps:
            action, policy_id, rest = text.split(" ", 2)
            known = None if policy_id == "-" else policy_id
            expected.append(Step(action, grant(rest), known))
        goals = [grant(text) for text in wanted]
        assert reconcile(goals, found, SUBJECT) == tuple(expected)

    def test_what_is_removed_comes_last(self) -> None:
        found = Survey(tuple(Present(f"p{n}", grant(f"r - {n}")) for n in range(3)))
        steps = reconcile([grant("w - 2")], found, SUBJECT)
        assert [step.action for step in steps] == [UPDATE, REMOVE, REMOVE]
        steps = reconcile([grant(f"r - {n}") for n in range(1, 6)], found, SUBJECT)
        assert [step.action for step in steps] == [UPDATE, CREATE, CREATE]

    def test_other_policy_in_the_way_is_an_error(self) -> None:
        found = Survey(others=(Other("p9", "it gives x", ("eu-de", "a")),))
        with pytest.raises(InputError, match=r"Policy p9 is in the way .* gives x"):
            reconcile([grant("r eu-de a")], found, SUBJECT)
        assert reconcile([grant("r eu-de b")], found, SUBJECT) != ()

    def test_other_policies_are_left_alone(self) -> None:
        found = Survey(others=(Other("p9", "it has a rule"),))
        assert reconcile([], found, SUBJECT) == ()


class TestPolicyDocument:
    @pytest.mark.parametrize(
        ("text", "attributes"),
        [
            ("r - -", {}),
            ("rwm eu-de -", {"region": "eu-de"}),
            ("r global -", {"geography": "global"}),
            ("r - a", {"resourceType": "namespace", "resource": "a"}),
        ],
    )
    def test_says_what_reading_it_gives(
        self, text: str, attributes: dict[str, str]
    ) -> None:
        wanted = grant(text)
        document = policy_document(wanted, SUBJECT)
        read = Policy.from_wire({"id": "p", **document})
        assert read_policy(read, SUBJECT) == wanted
        assert survey([read], SUBJECT).grants == (wanted,)
        assert read.resource == policy(**attributes).resource
        assert all(role.startswith(IAM) for role in read.roles)
        assert "description" not in document

    def test_keeps_a_description(self) -> None:
        assert policy_document(grant("r - -"), SUBJECT, "d")["description"] == "d"
