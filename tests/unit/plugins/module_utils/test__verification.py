# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Which logins have to be verified, and what follows from the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    InputError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._kept_login import is_refused
from ansible_collections.icr.access.plugins.module_utils._login_objections import (
    find_objection,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Stored,
)
from ansible_collections.icr.access.plugins.module_utils._login_plan import (
    Decision,
    Step,
)
from ansible_collections.icr.access.plugins.module_utils._named_registry import (
    named_registry,
)
from ansible_collections.icr.access.plugins.module_utils._registries import Registry
from ansible_collections.icr.access.plugins.module_utils._registry_login import (
    RegistryLogin,
)
from ansible_collections.icr.access.plugins.module_utils._settings import (
    settings_of,
)
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Job,
    Settings,
    Verdict,
)
from ansible_collections.icr.access.plugins.module_utils._verification import (
    Verification,
    is_needed,
    is_objection,
)

KEY = Credential("iamapikey", "s3cret")
OTHER_KEY = Credential("iamapikey", "other")
US, DE = named_registry("us.icr.io"), named_registry("de.icr.io")
PARAMS: dict[str, Any] = {
    "timeout": 7.5,
    "retries": 2,
    "ca_path": "/ca.pem",
    "validate_certs": True,
    "trusted_realms": ["auth.example.com"],
    "verify": "always",
    "pull": [],
    "push": [],
}


def step(
    registry: Registry = US,
    credential: Credential | None = KEY,
    *,
    changes: bool = True,
    is_kept: bool = False,
    user: str = "me",
) -> Step:
    place = Place(User(user, 7001, 7001, "/home", {}, True), "docker", f"/{user}")
    stored = Stored("file", None, False, None, None)
    return Step(registry, place, stored, Decision(credential, changes, is_kept))


class TestSettingsOf:
    def test_every_option_is_handed_on(self) -> None:
        settings = settings_of({**PARAMS, "validate_certs": False})
        assert settings == Settings(
            timeout=7.5,
            retries=2,
            ca_path="/ca.pem",
            validate_certs=False,
            trusted_realms=("auth.example.com",),
        )

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("timeout", 0.0),
            ("timeout", -1.0),
            ("timeout", float("nan")),
            ("timeout", float("inf")),
            ("retries", -1),
        ],
    )
    def test_impossible_value_is_an_error(self, option: str, value: float) -> None:
        with pytest.raises(InputError, match=f"^{option} must be"):
            settings_of({**PARAMS, option: value})


class TestIsNeeded:
    @pytest.mark.parametrize(
        ("verify", "changes", "is_kept", "expected"),
        [
            ("always", False, False, True),
            ("always", True, False, True),
            ("always", False, True, True),
            ("always", True, True, True),
            ("on_change", False, False, False),
            ("on_change", True, False, True),
            ("on_change", False, True, True),
            ("on_change", True, True, True),
            ("never", False, False, False),
            ("never", True, False, False),
            ("never", False, True, False),
            ("never", True, True, False),
        ],
    )
    def test_log_in(
        self, verify: str, changes: bool, is_kept: bool, expected: bool
    ) -> None:
        assert is_needed(Decision(KEY, changes, is_kept), verify) is expected

    @pytest.mark.parametrize("verify", ["always", "on_change", "never"])
    @pytest.mark.parametrize("changes", [True, False])
    def test_log_out_asks_nobody(self, verify: str, changes: bool) -> None:
        assert not is_needed(Decision(None, changes), verify)


class TestIsRefused:
    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (Verdict(True), False),
            (Verdict(None, "open to all"), False),
            (Verdict(False, "no"), True),
            (Verdict(True, "", {"push": {"ns/a": False}}), False),
            (TransportError("unreachable"), False),
        ],
    )
    def test_only_a_no_to_the_login_itself(
        self, outcome: Verdict | AccessError, expected: bool
    ) -> None:
        assert is_refused(outcome) is expected


class TestFindObjection:
    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (Verdict(True), None),
            (Verdict(None, "open to all"), None),
            (Verdict(True, "", {"pull": {"ns/a": True}, "push": {"ns/a": None}}), None),
            (Verdict(False, "It refuses."), "It refuses."),
            (Verdict(False), "The login is refused."),
            (TransportError("It is unreachable."), "It is unreachable."),
            (
                Verdict(True, "", {"pull": {"ns/a": True}, "push": {"ns/a": False}}),
                "The login is accepted, but it is not permitted to push ns/a.",
            ),
            (
                Verdict(
                    True,
                    "",
                    {"pull": {"ns/a": False, "ns/b": False}, "push": {"c": False}},
                ),
                "The login is accepted, but it is not permitted to pull ns/a or to pull "
                "ns/b or to push c.",
            ),
        ],
    )
    def test_what_speaks_against_writing(
        self, outcome: Verdict | AccessError, expected: str | None
    ) -> None:
        assert find_objection(outcome) == expected
        assert is_objection(outcome) is (expected is not None)


class Asked:
    """Stands in for registries: records the questions, answers from a table."""

    def __init__(self) -> None:
        self.rounds: list[list[Job]] = []
        self.outcomes: dict[str, Verdict | AccessError] = {}

    def verify_all(self, jobs: Sequence[Job]) -> list[Verdict | AccessError]:
        self.rounds.append(list(jobs))
        return [self.outcomes.get(job.credential.secret, Verdict(True)) for job in jobs]

    @property
    def jobs(self) -> list[Job]:
        return [job for jobs in self.rounds for job in jobs]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    stand_in = Asked()
    monkeypatch.setattr(
        RegistryLogin, "verify_all", lambda _self, jobs: stand_in.verify_all(jobs)
    )
    return stand_in


def verification(*, try_push: bool = True, **params: Any) -> Verification:
    return Verification({**PARAMS, **params}, [US, DE], try_push=try_push)


class TestVerification:
    def test_each_registry_is_asked_what_it_has_to_tell(self, asked: Asked) -> None:
        verified = verification(pull=["ns/a", "de.icr.io/ns/b"], push=["us.icr.io/c"])
        verified.ask([step(US), step(DE)])
        assert asked.rounds == [
            [
                Job(("https://us.icr.io",), KEY, ("ns/a",), ("c",), True),
                Job(("https://de.icr.io",), KEY, ("ns/a", "ns/b"), (), True),
            ]
        ]

    def test_push_is_not_tried_where_nothing_may_be_written(self, asked: Asked) -> None:
        verification(try_push=False, push=["ns/a"]).ask([step()])
        assert [job.try_push for job in asked.jobs] == [False]

    def test_what_was_asked_is_not_asked_again(self, asked: Asked) -> None:
        verified = verification()
        verified.ask([step()])
        verified.ask([step(), step(credential=OTHER_KEY)])
        assert [job.credential for job in asked.jobs] == [KEY, OTHER_KEY]

    def test_answer_holds_for_every_user_with_that_login(self, asked: Asked) -> None:
        asked.outcomes["s3cret"] = Verdict(False, "no")
        verified = verification(verify="on_change")
        verified.ask([step(user="a"), step(user="b", changes=False)])
        assert len(asked.jobs) == 1
        assert verified.of(step(user="b", changes=False)) == Verdict(False, "no")

    def test_log_out_asks_nobody_and_proves_nothing(self, asked: Asked) -> None:
        verified = verification()
        verified.ask([step(credential=None)])
        assert asked.jobs == []
        assert verified.of(step(credential=None)) == Verdict(None)

    @pytest.mark.parametrize(
        ("verify", "changes"), [("never", True), ("on_change", False)]
    )
    def test_login_that_was_not_asked_about_says_so(
        self, asked: Asked, verify: str, changes: bool
    ) -> None:
        verified = verification(verify=verify, pull=["ns/a"])
        verified.ask([step(changes=changes)])
        assert asked.jobs == []
        assert verified.of(step(changes=changes)) == Verdict(
            None,
            f"not asked, because verify is {verify}",
            {"pull": {"ns/a": None}, "push": {}},
        )

    def test_error_is_an_outcome(self, asked: Asked) -> None:
        error = TransportError("unreachable")
        asked.outcomes["s3cret"] = error
        verified = verification()
        verified.ask([step()])
        assert verified.of(step()) is error

    @pytest.mark.parametrize("option", ["pull", "push"])
    def test_repository_of_another_registry_is_an_error_before_anything_is_asked(
        self, asked: Asked, option: str
    ) -> None:
        with pytest.raises(InputError, match=f"^{option} names"):
            Verification({**PARAMS, option: ["uk.icr.io/ns/a"]}, [US], try_push=True)
        assert asked.rounds == []
